import { useState } from 'react';
import { useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { Status } from '../shared/status.tsx';
import { answered } from '../shared/trouble.ts';
import { type Client, useClients } from './clients.ts';
import { EnrolTerminal } from './enrol-terminal.tsx';
import { grouped } from './format.ts';
import { ReasonDialog } from './parts/reason-dialog.tsx';
import type { Reason } from './reason-words.ts';
import { useCommand } from './use-command.ts';

const zh = {
  enrol: '登记终端',
  how: '在新终端的浏览器中打开窗口页面（管理终端打开本页），它会显示登记码和六位校验码。',
  none: '还没有登记终端。',
  terminal: '终端',
  window: '窗口',
  use: '用途',
  key: '密钥指纹',
  state: '状态',
  enabled: '启用',
  disabled: '已停用',
  forOperators: '工作人员登录后使用',
  forAdministration: '管理终端',
  byItself: '无需登录',
  disable: '停用',
  enable: '启用终端',
  disableTitle: (name: string) => `停用“${name}”`,
  enableTitle: (name: string) => `重新启用“${name}”`,
  disableText:
    '停用后，该终端及在其上登录的人员一秒内全部退出，屏幕清空。办件仍属于窗口，可在同窗口其他终端继续。',
  enableText: '请确认设备在您的控制之下，再重新启用。',
  of: (n: number) => `${n} 个终端`,
};
const en: typeof zh = {
  enrol: 'Enrol a terminal',
  how: 'Open the window page in the browser of the new terminal (this page for one of administration): it shows a handle and six check digits.',
  none: 'No terminal is enrolled yet.',
  terminal: 'Terminal',
  window: 'Window',
  use: 'Use',
  key: 'Key’s thumbprint',
  state: 'State',
  enabled: 'enabled',
  disabled: 'disabled',
  forOperators: 'with staff signed in',
  forAdministration: 'administration',
  byItself: 'without sign-in',
  disable: 'Disable',
  enable: 'Enable',
  disableTitle: (name) => `Disable “${name}”`,
  enableTitle: (name) => `Enable “${name}” again`,
  disableText:
    'Within a second the terminal, and whoever is signed in at it, is out, and its screen is cleared. Its cases belong to the window, and go on at other terminals of it.',
  enableText: 'Enable it only where the device is under your control.',
  of: (n) => (n === 1 ? '1 terminal' : `${n} terminals`),
};

/** Departments, their windows, and the terminals of these. */
export function Terminals({ handle }: { readonly handle: string | null }) {
  const words = useWords({ zh, en });
  const { data, trouble } = useClients();
  const [enrolling, setEnrolling] = useState(handle !== null);
  const terminals = (data ?? []).filter(({ kind }) => kind === 'terminal' || kind === 'kiosk');
  const departments = [...Map.groupBy(terminals, ({ department }) => department)].sort(([a], [b]) =>
    a.localeCompare(b, 'zh-CN'),
  );
  return (
    <>
      <div className="tools">
        <button
          type="button"
          className="button primary"
          onClick={() => {
            setEnrolling(true);
          }}
        >
          {words.enrol}
        </button>
        <p className="quiet">{words.how}</p>
      </div>
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      {data !== null && terminals.length === 0 ? <p className="notice">{words.none}</p> : null}
      {departments.map(([department, of]) => (
        <section key={department} className="sheet" aria-label={department}>
          <h2>
            {department} <small className="quiet">{words.of(of.length)}</small>
          </h2>
          <TerminalTable terminals={of} />
        </section>
      ))}
      {enrolling ? (
        <EnrolTerminal
          handle={handle}
          onClose={() => {
            setEnrolling(false);
          }}
        />
      ) : null}
    </>
  );
}

function TerminalTable({ terminals }: { readonly terminals: readonly Client[] }) {
  const words = useWords({ zh, en });
  const sorted = terminals.toSorted(
    (a, b) =>
      (a.window ?? '').localeCompare(b.window ?? '', 'zh-CN') || a.name.localeCompare(b.name),
  );
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{words.window}</th>
          <th scope="col">{words.terminal}</th>
          <th scope="col">{words.use}</th>
          <th scope="col">{words.key}</th>
          <th scope="col" colSpan={2}>
            {words.state}
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((terminal) => (
          <Row key={terminal.client} terminal={terminal} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ terminal }: { readonly terminal: Client }) {
  const words = useWords({ zh, en });
  const { client, name, window, town, enabled, signIn, scopes, keys } = terminal;
  const [asking, setAsking] = useState(false);
  const command = useCommand<Reason>(async (reason, header, api) => {
    const params = { header, path: { client } };
    await answered(
      enabled
        ? api.POST('/v1/clients/{client}/disable', { params, body: { reason } })
        : api.POST('/v1/clients/{client}/enable', { params, body: { reason } }),
    );
    setAsking(false);
  });
  return (
    <tr>
      <td>
        {window}
        {town === null ? null : <small className="quiet"> {town}</small>}
      </td>
      <th scope="row">{name}</th>
      <td>
        {scopes.includes('clients:manage')
          ? words.forAdministration
          : signIn === 'operator'
            ? words.forOperators
            : words.byItself}
      </td>
      <td className="mono small">{grouped((keys[0]?.kid ?? '').slice(0, 16))}…</td>
      <td>
        <Status tone={enabled ? 'green' : 'slate'}>
          {enabled ? words.enabled : words.disabled}
        </Status>
      </td>
      <td>
        <button
          type="button"
          className="button"
          aria-label={`${enabled ? words.disable : words.enable} ${name}`}
          onClick={() => {
            setAsking(true);
          }}
        >
          {enabled ? words.disable : words.enable}
        </button>
        {asking ? (
          <ReasonDialog
            title={enabled ? words.disableTitle(name) : words.enableTitle(name)}
            text={enabled ? words.disableText : words.enableText}
            act={enabled ? words.disable : words.enable}
            usual={enabled ? 'lost' : 'returned'}
            command={command}
            onClose={() => {
              setAsking(false);
            }}
          />
        ) : null}
      </td>
    </tr>
  );
}
