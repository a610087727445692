import { calculateJwkThumbprint } from 'jose';
import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { answered } from '../shared/trouble.ts';
import { Dialog } from '../window/parts/dialog.tsx';
import type { Client } from './clients.ts';
import { grouped } from './format.ts';
import { Field } from './parts/field.tsx';
import { isNewKey, isRegistration, type NewKey, readJson } from './registration-file.ts';
import { useCommand } from './use-command.ts';

type Registration = Schemas['RegisterClientDto'];

const zh = {
  title: '登记机构或系统',
  file: '登记文件（JSON）',
  hint: 'mianzheng keys prove 的输出，30 天内有效。里面只有公钥和持有证明，没有私钥。',
  wrong: '这不是登记文件。请用 mianzheng keys prove 重新生成。',
  secret: '这个文件里有私钥，不能交给别人。请用 keys prove 生成的文件，不要用密钥文件本身。',
  name: '名称',
  department: '部门',
  authority: '颁发机构',
  types: '可颁发种类',
  key: '密钥指纹',
  call: '请打电话或当面与机构核对指纹，一致再登记。',
  register: '一致，登记',
  cancel: '取消',
  done: (client: string) => `已登记，客户端编号 ${client}。请告诉机构。`,
  lookalikes: '有名称相近的部门，请核对：',
  close: '完成',
  rotateTitle: (name: string) => `“${name}”换密钥`,
  rotateHint:
    'mianzheng keys prove --client 的输出。颁发机构的新密钥还须由旧密钥签名（--old-key），或由另一位独立管理员用 keys approve 担保，把其输出填在下面。',
  approval: '另一位管理员的担保文件（旧密钥已签名时不需要）',
  now: '现在的指纹',
  next: '新的指纹',
  rotate: '一致，换成新密钥',
  rotated: '已换成新密钥，旧密钥立即失效。',
};
const en: typeof zh = {
  title: 'Register an authority or a system',
  file: 'Registration file (JSON)',
  hint: 'As mianzheng keys prove prints it; good for 30 days. It holds the public key and the proof that it is held, and no private key.',
  wrong: 'This is no registration file. Have one made by mianzheng keys prove.',
  secret:
    'This file holds a private key, and is for nobody else. Take what keys prove prints, not the key itself.',
  name: 'Name',
  department: 'Department',
  authority: 'Authority',
  types: 'May issue',
  key: 'Key’s thumbprint',
  call: 'Compare the thumbprint with the authority in person or by telephone, and register where it is the same.',
  register: 'The same: register',
  cancel: 'Cancel',
  done: (client) => `Registered as client ${client}. Tell the authority.`,
  lookalikes: 'Departments with names alike, please compare:',
  close: 'Done',
  rotateTitle: (name) => `A new key of “${name}”`,
  rotateHint:
    'As mianzheng keys prove --client prints it. The new key of an authority is signed by its old one, too (--old-key), or vouched for by another, independent administrator (keys approve), whose output goes below.',
  approval: 'Approval of another administrator (not needed where the old key signed)',
  now: 'Thumbprint now',
  next: 'Thumbprint of the new key',
  rotate: 'The same: replace it',
  rotated: 'Replaced; the old key ended at once.',
};

/** What a file came to: its content, with the thumbprint of its key, or why it cannot be used. */
interface Opened<Content> {
  readonly content: Content | null;
  readonly jkt: string;
  readonly wrong: 'wrong' | 'secret' | null;
}
const nothing = { content: null, jkt: '', wrong: null } as const;

async function opened<Content>(
  file: File | undefined,
  is: (value: unknown) => value is Content,
  jwkOf: (content: Content) => Record<string, unknown> | undefined,
): Promise<Opened<Content>> {
  if (file === undefined) return nothing;
  const value = readJson(await file.text());
  if (typeof value === 'object' && value !== null && 'd' in value)
    return { content: null, jkt: '', wrong: 'secret' };
  if (!is(value)) return { content: null, jkt: '', wrong: 'wrong' };
  const jkt = await calculateJwkThumbprint({ ...jwkOf(value) }).catch(() => '');
  return jkt === '' ? { content: null, jkt, wrong: 'wrong' } : { content: value, jkt, wrong: null };
}

function FileField({
  label,
  hint,
  onFile,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly onFile: (file: File | undefined) => void;
}) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, hintId) => (
        <input
          id={id}
          aria-describedby={hintId}
          type="file"
          accept=".json,application/json"
          onChange={({ currentTarget: { files } }) => {
            onFile(files?.[0]);
          }}
        />
      )}
    </Field>
  );
}

export function RegisterDialog({ onClose }: { readonly onClose: () => void }) {
  const words = useWords({ zh, en });
  const [file, setFile] = useState<Opened<Registration>>(nothing);
  const [done, setDone] = useState<Schemas['RegisteredClientView'] | null>(null);
  const register = useCommand<Registration>(async (body, header, api) => {
    setDone(await answered(api.POST('/v1/clients', { params: { header }, body })));
  });
  const { content, jkt, wrong } = file;
  return (
    <Dialog title={words.title} onClose={onClose} wide>
      {done === null ? (
        <>
          <FileField
            label={words.file}
            hint={words.hint}
            onFile={(chosen) => {
              register.forget();
              void opened(chosen, isRegistration, ({ keys: [key] }) => key?.jwk).then(setFile);
            }}
          />
          {wrong === null ? null : (
            <p role="alert" className="notice red">
              {words[wrong]}
            </p>
          )}
          {content === null ? null : <Details registration={content} jkt={jkt} />}
          {register.trouble === null ? null : <TroubleNotice trouble={register.trouble} />}
          <div className="buttons">
            <button type="button" className="button" onClick={onClose}>
              {words.cancel}
            </button>
            <button
              type="button"
              className="button primary"
              disabled={content === null || register.busy}
              onClick={() => {
                if (content !== null) register.press(content);
              }}
            >
              {words.register}
            </button>
          </div>
        </>
      ) : (
        <>
          <p role="status" className="notice">
            {words.done(done.client)}
          </p>
          {done.lookalikes.length === 0 ? null : (
            <p className="notice amber">
              {words.lookalikes} {done.lookalikes.map((pair) => pair.join(' / ')).join('; ')}
            </p>
          )}
          <div className="buttons">
            <button type="button" className="button primary" data-focus onClick={onClose}>
              {words.close}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function Details({
  registration: { name, department, authority },
  jkt,
}: {
  readonly registration: Registration;
  readonly jkt: string;
}) {
  const words = useWords({ zh, en });
  return (
    <>
      <dl className="facts">
        <Fact name={words.name}>{name}</Fact>
        <Fact name={words.department}>{department}</Fact>
        {authority == null ? null : (
          <>
            <Fact name={words.authority}>
              {authority.name} <span className="mono">{authority.creditCode}</span>
            </Fact>
            <Fact name={words.types}>
              <span className="mono">{authority.types.join(' ')}</span>
            </Fact>
          </>
        )}
        <Fact name={words.key}>
          <strong className="mono">{grouped(jkt)}</strong>
        </Fact>
      </dl>
      <p>{words.call}</p>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function RotateDialog({
  client: { client, name, keys },
  onClose,
}: {
  readonly client: Client;
  readonly onClose: () => void;
}) {
  const words = useWords({ zh, en });
  const [file, setFile] = useState<Opened<NewKey>>(nothing);
  const [approval, setApproval] = useState<NewKey['approval']>(undefined);
  const [done, setDone] = useState(false);
  const rotate = useCommand<NewKey>(async ({ jwk, proof, approval: by }, header, api) => {
    const body = { jwk, proof, ...(by === undefined ? {} : { approval: by }) };
    const params = { header, path: { client } };
    await answered(api.POST('/v1/clients/{client}/keys', { params, body }));
    setDone(true);
  });
  const { content, jkt, wrong } = file;
  return (
    <Dialog title={words.rotateTitle(name)} onClose={onClose} wide>
      {done ? (
        <p role="status" className="notice">
          {words.rotated}
        </p>
      ) : (
        <>
          <FileField
            label={words.file}
            hint={words.rotateHint}
            onFile={(chosen) => {
              rotate.forget();
              void opened(chosen, isNewKey, ({ jwk }) => jwk).then(setFile);
            }}
          />
          <FileField
            label={words.approval}
            onFile={(chosen) => {
              void chosen?.text().then((text) => {
                setApproval(readJson(text) as NewKey['approval']);
              });
            }}
          />
          {wrong === null ? null : (
            <p role="alert" className="notice red">
              {words[wrong]}
            </p>
          )}
          <dl className="facts">
            <Fact name={words.now}>
              <span className="mono">{grouped(keys[0]?.kid ?? '')}</span>
            </Fact>
            {content === null ? null : (
              <Fact name={words.next}>
                <strong className="mono">{grouped(jkt)}</strong>
              </Fact>
            )}
          </dl>
          {content === null ? null : <p>{words.call}</p>}
          {rotate.trouble === null ? null : <TroubleNotice trouble={rotate.trouble} />}
        </>
      )}
      <div className="buttons">
        <button type="button" className="button" onClick={onClose}>
          {done ? words.close : words.cancel}
        </button>
        {done ? null : (
          <button
            type="button"
            className="button primary"
            disabled={content === null || rotate.busy}
            onClick={() => {
              if (content === null) return;
              rotate.press(approval === undefined ? content : { ...content, approval });
            }}
          >
            {words.rotate}
          </button>
        )}
      </div>
    </Dialog>
  );
}
