import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { LanguageSwitch, useWords } from '../shared/language.tsx';
import { takeFragment } from '../shared/link.ts';
import {
  endWhenIdle,
  isSignInOver,
  type OperatorSession,
  startSignIn,
} from '../shared/operator-session.ts';
import { TroubleNotice } from '../shared/problems.tsx';
import { type Trouble, troubleFrom } from '../shared/trouble.ts';
import { Guides } from '../shared/guides.tsx';
import { Desk } from './desk.tsx';
import { NoTerminal } from './no-terminal.tsx';
import { type Admin, AdminProvider, openAdmin, type Opening } from './session.tsx';

const zh = {
  title: '管理',
  loading: '正在打开…',
  nobody: '本管理终端尚未登录。管理员和审计员用通行密钥登录。',
  over: '登录已结束，屏幕上的内容已清除。',
  why: '登录只留在打开的页面里，不存盘：刷新或关闭页面、锁屏之后，须重新登录。已提交的内容不会丢失。',
  scope: '本终端不是管理终端，只能用于窗口。请用管理终端，或请管理员把另一个浏览器登记为管理终端。',
  signIn: '用通行密钥登录',
  noRole: '您没有管理员或审计员角色，不能使用本页。',
  signOut: '退出',
};
const en: typeof zh = {
  title: 'Administration',
  loading: 'Opening…',
  nobody:
    'Nobody is signed in at this terminal. Administrators and auditors sign in with their passkey.',
  over: 'The sign-in is over, and the screen was cleared.',
  why: 'A sign-in lives in the open page alone and is never stored: after a reload, a closed tab or a lock one signs in again. Nothing that was sent is lost.',
  scope:
    'This terminal is for a window alone. Use one for administration, or have another browser enrolled as one.',
  signIn: 'Sign in with a passkey',
  noRole: 'You are neither an administrator nor an auditor, and cannot use this page.',
  signOut: 'Sign out',
};

/** Milliseconds without a touch after which one signs in again. */
const idleAfter = 600_000;

/** Administration: who is not signed in sees how, and nothing else. */
export function AdminPage() {
  const words = useWords({ zh, en });
  const [link] = useState(takeFragment);
  const [opening, setOpening] = useState<Opening | null>(null);
  const open = useCallback(() => {
    openAdmin().then(setOpening, () => {
      setOpening({ is: 'no-terminal' });
    });
  }, []);
  useEffect(open, [open]);
  const end = useCallback((code: string) => {
    setOpening({ is: 'signed-out', trouble: { code, request: null, facts: {} } });
  }, []);
  switch (opening?.is) {
    case undefined:
      return <main className="alone">{words.loading}</main>;
    case 'no-terminal':
      return <NoTerminal onTerminal={open} />;
    case 'signed-out':
      return <SignedOut trouble={opening.trouble} />;
    case 'session':
      return (
        <SignedIn session={opening.session} onEnd={end} terminal={link.get('terminal') ?? null} />
      );
  }
}

function SignedOut({ trouble }: { readonly trouble: Trouble | null }) {
  const words = useWords({ zh, en });
  const said =
    trouble === null
      ? words.nobody
      : isSignInOver(trouble.code)
        ? words.over
        : trouble.code === 'invalid_scope'
          ? words.scope
          : null;
  return (
    <main className="alone">
      <header>
        <h1>{words.title}</h1>
        <LanguageSwitch />
      </header>
      {said === null && trouble !== null ? (
        <TroubleNotice trouble={trouble} />
      ) : (
        <p role="status" className="notice">
          {said}
        </p>
      )}
      {trouble === null ? <p className="quiet">{words.why}</p> : null}
      <p>
        <button
          type="button"
          className="button primary"
          onClick={() => {
            void startSignIn('/admin');
          }}
        >
          {words.signIn}
        </button>
      </p>
      <Guides only={['administrator', 'head']} />
    </main>
  );
}

function SignedIn({
  session,
  onEnd,
  terminal,
}: {
  readonly session: OperatorSession;
  readonly onEnd: (code: string) => void;
  /** Handle of a terminal whose code was scanned by a phone's camera or opened as a link. */
  readonly terminal: string | null;
}) {
  const words = useWords({ zh, en });
  useEffect(
    () =>
      endWhenIdle(session, idleAfter, () => {
        onEnd('sign_in_over');
      }),
    [session, onEnd],
  );
  const onTrouble = useCallback(
    ({ code }: Trouble) => {
      if (isSignInOver(code)) onEnd(code);
    },
    [onEnd],
  );
  const queries = useMemo(
    () =>
      new QueryClient({
        queryCache: new QueryCache({
          onError: (error) => {
            onTrouble(troubleFrom(error));
          },
        }),
        defaultOptions: {
          queries: {
            retry: false,
            refetchOnWindowFocus: false,
            // Without the network a query fails and says so; otherwise it would wait in silence.
            networkMode: 'always',
            refetchOnReconnect: true,
          },
        },
      }),
    [onTrouble],
  );
  const admin: Admin = {
    session,
    isAdministrator: session.roles.includes('administrator'),
    isAuditor: session.roles.includes('auditor'),
    onTrouble,
  };
  if (!admin.isAdministrator && !admin.isAuditor)
    return (
      <main className="alone">
        <header>
          <h1>{words.title}</h1>
          <LanguageSwitch />
        </header>
        <p role="alert" className="notice amber">
          {words.noRole}
        </p>
        <p>
          <button
            type="button"
            className="button"
            onClick={() => {
              void session.signOut();
              onEnd('sign_in_over');
            }}
          >
            {words.signOut}
          </button>
        </p>
      </main>
    );
  return (
    <QueryClientProvider client={queries}>
      <AdminProvider value={admin}>
        <Desk terminal={terminal} onEnd={onEnd} />
      </AdminProvider>
    </QueryClientProvider>
  );
}
