import { useState } from 'react';
import { useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { Status } from '../shared/status.tsx';
import { answered } from '../shared/trouble.ts';
import { type Client, useClients } from './clients.ts';
import { grouped } from './format.ts';
import { ReasonDialog } from './parts/reason-dialog.tsx';
import type { Reason } from './reason-words.ts';
import { RegisterDialog, RotateDialog } from './register-dialog.tsx';
import { TypesDialog } from './types-dialog.tsx';
import { useCommand } from './use-command.ts';

const zh = {
  register: '登记机构或系统',
  how: '密钥在机构自己的机器上生成，从不离开那里。机构用 mianzheng keys new 和 keys prove 生成一个登记文件（含公钥和持有证明），管理员在这里打开它。',
  none: '还没有登记。',
  kinds: {
    'issuing-authority': '颁发机构',
    department: '部门系统',
    auditor: '审计系统',
    administrator: '管理员密钥',
  } as Record<string, string>,
  name: '名称',
  code: '统一社会信用代码',
  types: '可颁发种类',
  key: '密钥指纹',
  fingerprint: '与 /log/authority-keys 公布的相同',
  state: '状态',
  enabled: '启用',
  disabled: '已停用',
  acts: '操作',
  rotate: '换密钥',
  change: '改种类',
  disable: '停用',
  enable: '启用',
  disableTitle: (name: string) => `停用“${name}”`,
  enableTitle: (name: string) => `重新启用“${name}”`,
  disableText: '停用后一秒内不能再提交；已颁发的证照不受影响。',
  enableText: '请确认其密钥没有泄露，再重新启用。',
};
const en: typeof zh = {
  register: 'Register an authority or a system',
  how: 'A key is made where it is used, and never leaves. There, mianzheng keys new and keys prove make a file with the public key and the proof that it is held; an administrator opens it here.',
  none: 'Nothing is registered yet.',
  kinds: {
    'issuing-authority': 'Issuing authorities',
    department: 'Systems of departments',
    auditor: 'Systems of auditors',
    administrator: 'Keys of administrators',
  },
  name: 'Name',
  code: 'Credit code',
  types: 'May issue',
  key: 'Key’s thumbprint',
  fingerprint: 'as published at /log/authority-keys',
  state: 'State',
  enabled: 'enabled',
  disabled: 'disabled',
  acts: 'Actions',
  rotate: 'New key',
  change: 'Types',
  disable: 'Disable',
  enable: 'Enable',
  disableTitle: (name) => `Disable “${name}”`,
  enableTitle: (name) => `Enable “${name}” again`,
  disableText: 'Within a second it submits nothing more; what it issued stays.',
  enableText: 'Enable it only where its key did not leak.',
};

const kinds = ['issuing-authority', 'department', 'auditor', 'administrator'] as const;

/** Authorities, systems and their keys: all clients that are no terminals. */
export function Authorities() {
  const words = useWords({ zh, en });
  const { data, trouble } = useClients();
  const [registering, setRegistering] = useState(false);
  const others = (data ?? []).filter(({ kind }) => kinds.some((one) => one === kind));
  return (
    <>
      <div className="tools">
        <button
          type="button"
          className="button primary"
          onClick={() => {
            setRegistering(true);
          }}
        >
          {words.register}
        </button>
        <p className="quiet">{words.how}</p>
      </div>
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      {data !== null && others.length === 0 ? <p className="notice">{words.none}</p> : null}
      {kinds.map((kind) => {
        const of = others.filter((client) => client.kind === kind);
        return of.length === 0 ? null : <Kind key={kind} kind={kind} clients={of} />;
      })}
      {registering ? (
        <RegisterDialog
          onClose={() => {
            setRegistering(false);
          }}
        />
      ) : null}
    </>
  );
}

function Kind({ kind, clients }: { readonly kind: string; readonly clients: readonly Client[] }) {
  const words = useWords({ zh, en });
  const issues = kind === 'issuing-authority';
  return (
    <section className="sheet" aria-label={words.kinds[kind] ?? kind}>
      <h2>{words.kinds[kind]}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            {issues ? <th scope="col">{words.code}</th> : null}
            {issues ? <th scope="col">{words.types}</th> : null}
            <th scope="col">
              {words.key}
              {issues ? <small className="quiet block">{words.fingerprint}</small> : null}
            </th>
            <th scope="col">{words.state}</th>
            <th scope="col">{words.acts}</th>
          </tr>
        </thead>
        <tbody>
          {clients.map((client) => (
            <Row key={client.client} client={client} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ client: found }: { readonly client: Client }) {
  const words = useWords({ zh, en });
  const { client, name, department, authority, keys, enabled } = found;
  const [asking, setAsking] = useState<'standing' | 'rotate' | 'types' | null>(null);
  const close = () => {
    setAsking(null);
  };
  const command = useCommand<Reason>(async (reason, header, api) => {
    const params = { header, path: { client } };
    await answered(
      enabled
        ? api.POST('/v1/clients/{client}/disable', { params, body: { reason } })
        : api.POST('/v1/clients/{client}/enable', { params, body: { reason } }),
    );
    close();
  });
  const act = (label: string, what: NonNullable<typeof asking>) => (
    <button
      type="button"
      className="button"
      aria-label={`${label} ${name}`}
      onClick={() => {
        setAsking(what);
      }}
    >
      {label}
    </button>
  );
  return (
    <tr>
      <th scope="row">
        {authority?.name ?? name} <small className="quiet block">{department}</small>
      </th>
      {authority === null ? null : (
        <>
          <td className="mono small">{authority.creditCode}</td>
          <td className="mono small">{authority.types.join(' ')}</td>
        </>
      )}
      <td className="mono small">
        {keys.map(({ kid, alg }) => (
          <span key={kid} className="block">
            {grouped(kid)} <span className="quiet">{alg}</span>
          </span>
        ))}
      </td>
      <td>
        <Status tone={enabled ? 'green' : 'slate'}>
          {enabled ? words.enabled : words.disabled}
        </Status>
      </td>
      <td>
        <div className="acts">
          {enabled ? act(words.rotate, 'rotate') : null}
          {authority === null ? null : act(words.change, 'types')}
          {act(enabled ? words.disable : words.enable, 'standing')}
        </div>
        {asking === 'rotate' ? <RotateDialog client={found} onClose={close} /> : null}
        {asking === 'types' && authority !== null ? (
          <TypesDialog client={client} authority={authority} onClose={close} />
        ) : null}
        {asking === 'standing' ? (
          <ReasonDialog
            title={enabled ? words.disableTitle(name) : words.enableTitle(name)}
            text={enabled ? words.disableText : words.enableText}
            act={enabled ? words.disable : words.enable}
            usual={enabled ? 'compromised' : 'returned'}
            command={command}
            onClose={close}
          />
        ) : null}
      </td>
    </tr>
  );
}
