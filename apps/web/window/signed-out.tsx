import { LanguageSwitch, useWords } from '../shared/language.tsx';
import { startSignIn } from '../shared/operator-session.ts';
import { TroubleNotice } from '../shared/problems.tsx';
import { isSignInOver } from '../shared/operator-session.ts';
import type { Trouble } from '../shared/trouble.ts';

const zh = {
  title: '窗口',
  nobody: '本终端尚未登录工作人员。',
  over: '登录已结束，屏幕上的信息已清除。办件没有关闭，登录后可从左侧继续。',
  signIn: '工作人员登录',
};
const en: typeof zh = {
  title: 'Window',
  nobody: 'Nobody is signed in at this terminal.',
  over: 'The sign-in is over, and the data were cleared. The case is still open: sign in, and go on from the left.',
  signIn: 'Staff sign-in',
};

/** Nothing of a case is in this page: it is shown where nobody is signed in. */
export function SignedOut({ trouble }: { readonly trouble: Trouble | null }) {
  const words = useWords({ zh, en });
  const ended = trouble !== null && isSignInOver(trouble.code);
  return (
    <main className="alone enrol">
      <header>
        <h1>{words.title}</h1>
        <LanguageSwitch />
      </header>
      {trouble === null || ended ? (
        <p role="status" className="notice">
          {ended ? words.over : words.nobody}
        </p>
      ) : (
        <TroubleNotice trouble={trouble} />
      )}
      <p>
        <button
          type="button"
          className="button primary"
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
