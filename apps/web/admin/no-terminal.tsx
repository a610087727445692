import { type SyntheticEvent, useState } from 'react';
import { LanguageSwitch, useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { type Trouble, troubleFrom } from '../shared/trouble.ts';
import { TrialMark } from '../shared/trial-mark.tsx';
import { EnrolPage } from '../window/enrol-page.tsx';
import { Field } from './parts/field.tsx';
import { KeyFileWrong, setUpFirst } from './first-administrator.ts';

const zh = {
  title: '管理',
  what: '这个浏览器还不是管理终端。',
  first: '首次启动：用管理员密钥文件',
  firstHow:
    '选择本系统首次启动时生成的 administrator.jwk（第二管理员选自己的密钥文件，其公钥已放在账本所在机器）。文件只在本页内读取，不上传、不保存。本页随后把这个浏览器登记为管理终端，并为您创建通行密钥；以后只用通行密钥登录。',
  file: '密钥文件',
  name: '您的姓名',
  nameHint: '加密保存，记录中只有随机编号。',
  terminal: '终端名称',
  place: '位置',
  terminalUsual: '管理终端',
  placeUsual: '管理室',
  go: '登记并创建通行密钥',
  going: '正在登记…',
  wrong: '这不是本系统管理员的密钥文件。请核对文件，或看运维手册“密钥”。',
  taken: '这个浏览器已是窗口终端。请换一个浏览器或用户配置来做管理终端。',
  other: '由其他管理员登记',
  otherHow: '已有管理员时，请管理员在“窗口与终端”中输入登记码，把这个浏览器登记为管理终端。',
  show: '显示登记码',
};
const en: typeof zh = {
  title: 'Administration',
  what: 'This browser is no terminal for administration yet.',
  first: 'First start: with an administrator’s key file',
  firstHow:
    'Choose the administrator.jwk that the first start made (a second administrator: the own key file, whose public half is on the ledger’s machine). The file is read in this page alone, and neither sent nor stored. The page then enrols this browser as a terminal for administration and has you make a passkey; from then on you sign in with the passkey alone.',
  file: 'Key file',
  name: 'Your name',
  nameHint: 'Kept sealed; records have a random id alone.',
  terminal: 'Name of the terminal',
  place: 'Place',
  terminalUsual: '管理终端',
  placeUsual: '管理室',
  go: 'Enrol, and make a passkey',
  going: 'Enrolling…',
  wrong:
    'This is no key file of an administrator of this system. Compare it, or see the operations manual, Keys.',
  taken:
    'This browser is the terminal of a window. Take another browser or profile for administration.',
  other: 'Enrolled by another administrator',
  otherHow:
    'Where there is an administrator already, that one types the handle under “Windows and terminals”, and enrols this browser for administration.',
  show: 'Show the handle',
};

/** Two ways to become a terminal: with the key of the first start, or by another administrator. */
export function NoTerminal({ onTerminal }: { readonly onTerminal: () => void }) {
  const words = useWords({ zh, en });
  const [shown, setShown] = useState(false);
  if (shown) return <EnrolPage invitation={null} onTerminal={onTerminal} />;
  return (
    <main className="alone">
      <header>
        <h1>{words.title}</h1>
        <LanguageSwitch />
      </header>
      <TrialMark />
      <p>{words.what}</p>
      <section className="sheet">
        <h2>{words.first}</h2>
        <p className="quiet">{words.firstHow}</p>
        <FirstAdministrator />
      </section>
      <section className="sheet">
        <h2>{words.other}</h2>
        <p className="quiet">{words.otherHow}</p>
        <button
          type="button"
          className="button"
          onClick={() => {
            setShown(true);
          }}
        >
          {words.show}
        </button>
      </section>
    </main>
  );
}

function FirstAdministrator() {
  const words = useWords({ zh, en });
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [terminal, setTerminal] = useState(words.terminalUsual);
  const [place, setPlace] = useState(words.placeUsual);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<'wrong' | 'taken' | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (busy || file === null) return;
    setBusy(true);
    setWrong(null);
    setTrouble(null);
    setUpFirst({ file, name: name.trim(), terminal: terminal.trim(), place: place.trim() })
      .then(
        (invitation) => {
          location.assign(
            `/sign-in#${new URLSearchParams({ invitation, to: 'admin' }).toString()}`,
          );
        },
        (thrown: unknown) => {
          setBusy(false);
          if (thrown instanceof KeyFileWrong) setWrong(thrown.why);
          else setTrouble(troubleFrom(thrown));
        },
      )
      .catch(() => undefined);
  };
  return (
    <form onSubmit={submit}>
      <Field label={words.file}>
        {(id) => (
          <input
            id={id}
            type="file"
            accept=".jwk,.json,application/json"
            onChange={({ currentTarget: { files } }) => {
              setFile(files?.[0] ?? null);
            }}
          />
        )}
      </Field>
      <Field label={words.name} hint={words.nameHint}>
        {(id, hint) => (
          <input
            id={id}
            aria-describedby={hint}
            className="field"
            autoComplete="off"
            value={name}
            maxLength={64}
            onChange={({ currentTarget: { value } }) => {
              setName(value);
            }}
          />
        )}
      </Field>
      <div className="two">
        <Field label={words.terminal}>
          {(id) => (
            <input
              id={id}
              className="field"
              autoComplete="off"
              value={terminal}
              maxLength={64}
              onChange={({ currentTarget: { value } }) => {
                setTerminal(value);
              }}
            />
          )}
        </Field>
        <Field label={words.place}>
          {(id) => (
            <input
              id={id}
              className="field"
              autoComplete="off"
              value={place}
              maxLength={64}
              onChange={({ currentTarget: { value } }) => {
                setPlace(value);
              }}
            />
          )}
        </Field>
      </div>
      {wrong === null ? null : (
        <p role="alert" className="notice red">
          {words[wrong]}
        </p>
      )}
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      <button
        type="submit"
        className="button primary"
        disabled={busy || file === null || name.trim() === '' || terminal.trim() === ''}
      >
        {busy ? words.going : words.go}
      </button>
    </form>
  );
}
