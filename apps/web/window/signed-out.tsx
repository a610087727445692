import { useEffect, useState } from 'react';
import { LanguageSwitch, useWords } from '../shared/language.tsx';
import { isSignInOver, startSignIn } from '../shared/operator-session.ts';
import { TroubleNotice } from '../shared/problems.tsx';
import { signInByLink } from '../shared/sample-sign-in.ts';
import { type Trouble, troubleFrom } from '../shared/trouble.ts';

const zh = {
  title: '窗口',
  nobody: '本终端尚未登录工作人员。',
  over: '登录已结束，屏幕上的信息已清除。办件没有关闭，登录后可从左侧继续。',
  why: '登录只留在打开的页面里，不存盘：刷新或关闭页面、锁屏之后，须重新登录。没有办结的办件仍在，登录后从左侧继续。',
  entering: '试用：正在按链接登录示例经办人员…',
  signIn: '工作人员登录',
};
const en: typeof zh = {
  title: 'Window',
  nobody: 'Nobody is signed in at this terminal.',
  over: 'The sign-in is over, and the data were cleared. The case is still open: sign in, and go on from the left.',
  why: 'A sign-in lives in the open page alone and is never stored: after a reload, a closed tab or a lock one signs in again. Open cases are kept: sign in, and go on from the left.',
  entering: 'A trial: the link signs the made-up clerk in…',
  signIn: 'Staff sign-in',
};

/** Nothing of a case is in this page: it is shown where nobody is signed in. */
export function SignedOut({
  trouble: found,
  operator,
}: {
  readonly trouble: Trouble | null;
  /** An operator's invitation, of a trial's one-time link. */
  readonly operator: string | null;
}) {
  const words = useWords({ zh, en });
  const { entering, refused } = useLinkOf(found === null ? operator : null);
  const trouble = found ?? refused;
  const ended = trouble !== null && isSignInOver(trouble.code);
  return (
    <main className="alone enrol">
      <header>
        <h1>{words.title}</h1>
        <LanguageSwitch />
      </header>
      {trouble === null || ended ? (
        <p role="status" className="notice">
          {entering ? words.entering : ended ? words.over : words.nobody}
        </p>
      ) : (
        <TroubleNotice trouble={trouble} />
      )}
      {entering || ended ? null : <p className="quiet">{words.why}</p>}
      <p>
        <button
          type="button"
          className="button primary"
          disabled={entering}
          onClick={() => {
            void startSignIn('/window');
          }}
        >
          {words.signIn}
        </button>
      </p>
    </main>
  );
}

/** Signs in by a trial's link, once. */
function useLinkOf(operator: string | null) {
  const [entering, setEntering] = useState(operator !== null);
  const [refused, setRefused] = useState<Trouble | null>(null);
  useEffect(() => {
    if (operator === null) return;
    signInByLink(operator, '/window').catch((thrown: unknown) => {
      setEntering(false);
      setRefused(troubleFrom(thrown));
    });
  }, [operator]);
  return { entering, refused };
}
