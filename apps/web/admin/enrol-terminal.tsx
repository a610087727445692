import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useWords } from '../shared/language.tsx';
import { useLive } from '../shared/live.ts';
import { TroubleNotice } from '../shared/problems.tsx';
import { Scanner } from '../shared/scan.tsx';
import { administrationScopes } from '../shared/terminal.ts';
import { answered } from '../shared/trouble.ts';
import { Dialog } from '../window/parts/dialog.tsx';
import { departmentsOf, useClients } from './clients.ts';
import { grouped } from './format.ts';
import { TextField } from './parts/field.tsx';
import { useAdmin } from './session.tsx';
import { useCommand } from './use-command.ts';

type Offer = Schemas['TerminalOfferView'];

const zh = {
  title: '登记终端',
  handle: '登记码（8 位）',
  handleHint: '新终端屏幕上显示，例：K7QD 42XM',
  notHandle: '这不是登记码：共 8 位字母和数字，其中没有 0、1、I、L、O。请照新终端屏幕再输。',
  scan: '扫描终端上的二维码',
  stop: '不扫了',
  find: '查找终端',
  check: '校验码',
  compare: '终端屏幕上的六位校验码必须与此完全一致；不一致就不要登记。',
  use: '用途',
  window: '窗口：工作人员登录后办件',
  administration: '管理：管理员和审计员登录',
  name: '终端名称',
  nameHint: '例：一楼3号终端。不要写人名。',
  department: '部门',
  place: '窗口编号或位置',
  placeHint: '例：hall-1-03',
  town: '乡镇、街道（可不填）',
  confirm: '一致，登记',
  waiting: '已发给终端，等待它用自己的密钥签名确认…',
  done: '终端已登记。',
  lookalikes: '有名称相近的部门，请核对是否为同一个：',
  cancel: '取消',
  close: '完成',
};
const en: typeof zh = {
  title: 'Enrol a terminal',
  handle: 'Handle (8 characters)',
  handleHint: 'On the new terminal’s screen, as K7QD 42XM',
  notHandle:
    'This is no handle: it has 8 letters and digits, and none of them is 0, 1, I, L or O. Type it again from the new terminal’s screen.',
  scan: 'Scan the terminal’s QR code',
  stop: 'Stop scanning',
  find: 'Find the terminal',
  check: 'Check digits',
  compare: 'The six digits on the terminal must be exactly these; otherwise do not enrol it.',
  use: 'Use',
  window: 'A window: staff sign in, and handle cases',
  administration: 'Administration: administrators and auditors sign in',
  name: 'Name of the terminal',
  nameHint: 'As “ground floor, terminal 3”; no name of a person.',
  department: 'Department',
  place: 'Window or place',
  placeHint: 'As hall-1-03',
  town: 'Town (may be left out)',
  confirm: 'The same: enrol',
  waiting: 'Sent to the terminal, which signs it with its own key…',
  done: 'The terminal is enrolled.',
  lookalikes: 'Departments with names alike: are they the same?',
  cancel: 'Cancel',
  close: 'Done',
};

/** The handle in what was typed or scanned: a terminal's QR code is a link to this page. */
export function handleIn(text: string): string | null {
  const at = text.indexOf('#');
  const told = at < 0 ? text : new URLSearchParams(text.slice(at + 1)).get('terminal');
  const handle = (told ?? '').replace(/[\s-]/g, '').toUpperCase();
  return /^[2-9A-HJKMNP-Z]{8}$/.test(handle) ? handle : null;
}

const empty = { name: '', department: '', window: '', town: '' };

/** The handle, the six digits, what it is; then the terminal signs, and is registered. */
export function EnrolTerminal({
  handle,
  onClose,
}: {
  /** From the link by which the page was opened. */
  readonly handle: string | null;
  readonly onClose: () => void;
}) {
  const words = useWords({ zh, en });
  const { session } = useAdmin();
  const { data: clients } = useClients();
  const [typed, setTyped] = useState(handle ?? '');
  const [scanning, setScanning] = useState(false);
  const [offer, setOffer] = useState<Offer | null>(null);
  const [use, setUse] = useState<'window' | 'administration'>('window');
  const [details, setDetails] = useState(empty);
  const [done, setDone] = useState<readonly (readonly string[])[] | null>(null);
  const found = handleIn(typed);

  const find = useCommand<string>(async (of, _, api) => {
    setOffer(
      await answered(api.GET('/v1/terminal-offers/{handle}', { params: { path: { handle: of } } })),
    );
  });
  const describe = useCommand<Offer>(async ({ handle: of }, header, api) => {
    const { name, department, window, town } = details;
    const body = { name, department, window, town: town === '' ? null : town };
    const params = { header, path: { handle: of } };
    setOffer(await answered(api.POST('/v1/terminal-offers/{handle}/details', { params, body })));
  });
  const register = useCommand<Offer>(async ({ jwk, proof, details: signed }, header, api) => {
    if (signed === null || proof === null) return;
    const { lookalikes } = await answered(
      api.POST('/v1/clients', {
        params: { header },
        body: {
          kind: 'terminal',
          ...signed,
          signIn: 'operator',
          ...(use === 'administration' ? { scopes: [...administrationScopes] } : {}),
          keys: [{ jwk, proof }],
        },
      }),
    );
    setDone(lookalikes);
  });
  const isWaiting = offer?.state === 'described';
  useLive(async () => {
    if (offer === null) return;
    const { data } = await session.api.GET('/v1/terminal-offers/{handle}', {
      params: { path: { handle: offer.handle } },
    });
    if (data?.state !== 'proved') return;
    setOffer(data);
    register.press(data);
  }, isWaiting);

  const set = (member: keyof typeof empty) => (value: string) => {
    setDetails({ ...details, [member]: value });
  };
  const complete =
    details.name.trim() !== '' && details.department.trim() !== '' && details.window.trim() !== '';
  return (
    <Dialog title={words.title} onClose={onClose}>
      {done !== null ? (
        <>
          <p role="status" className="notice">
            {words.done}
          </p>
          {done.length === 0 ? null : (
            <p className="notice amber">
              {words.lookalikes} {done.map((pair) => pair.join(' / ')).join('; ')}
            </p>
          )}
          <div className="buttons">
            <button type="button" className="button primary" data-focus onClick={onClose}>
              {words.close}
            </button>
          </div>
        </>
      ) : offer === null ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (found !== null) find.press(found);
          }}
        >
          {scanning ? (
            <Scanner
              onText={(text) => {
                if (handleIn(text) === null) return;
                setTyped(handleIn(text) ?? '');
                setScanning(false);
              }}
            />
          ) : null}
          <TextField
            label={words.handle}
            hint={words.handleHint}
            value={typed}
            mono
            onChange={setTyped}
          />
          {found === null && typed.replace(/[\s-]/g, '').length >= 8 ? (
            <p role="alert" className="notice amber">
              {words.notHandle}
            </p>
          ) : null}
          {find.trouble === null ? null : <TroubleNotice trouble={find.trouble} />}
          <div className="buttons">
            <button
              type="button"
              className="button"
              onClick={() => {
                setScanning(!scanning);
              }}
            >
              {scanning ? words.stop : words.scan}
            </button>
            <button type="submit" className="button primary" disabled={found === null || find.busy}>
              {words.find}
            </button>
          </div>
        </form>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            describe.press(offer);
          }}
        >
          <p className="check">
            <span className="quiet">{words.check}</span>{' '}
            <strong className="mono">{grouped(offer.check, 3)}</strong>
          </p>
          <p>{words.compare}</p>
          <fieldset>
            <legend>{words.use}</legend>
            {(['window', 'administration'] as const).map((one) => (
              <label key={one} className="choice">
                <input
                  type="radio"
                  name="use"
                  checked={use === one}
                  onChange={() => {
                    setUse(one);
                  }}
                />
                {words[one]}
              </label>
            ))}
          </fieldset>
          <TextField
            label={words.department}
            value={details.department}
            list={departmentsOf(clients)}
            onChange={set('department')}
          />
          <div className="two">
            <TextField
              label={words.place}
              hint={words.placeHint}
              value={details.window}
              onChange={set('window')}
            />
            <TextField
              label={words.name}
              hint={words.nameHint}
              value={details.name}
              onChange={set('name')}
            />
          </div>
          <TextField label={words.town} value={details.town} onChange={set('town')} />
          {isWaiting ? (
            <p role="status" className="notice">
              {words.waiting}
            </p>
          ) : null}
          {describe.trouble === null ? null : <TroubleNotice trouble={describe.trouble} />}
          {register.trouble === null ? null : <TroubleNotice trouble={register.trouble} />}
          <div className="buttons">
            <button type="button" className="button" onClick={onClose}>
              {words.cancel}
            </button>
            <button
              type="submit"
              className="button primary"
              disabled={!complete || describe.busy || isWaiting || register.busy}
            >
              {words.confirm}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
