import { useCallback, useEffect, useState } from 'react';
import { useWords } from '../shared/language.tsx';
import { takeFragment } from '../shared/link.ts';
import { endWhenIdle } from '../shared/operator-session.ts';
import { DeskPage } from './desk-page.tsx';
import { EnrolPage } from './enrol-page.tsx';
import { type Opening, openSession, SessionProvider } from './session.tsx';
import { SignedOut } from './signed-out.tsx';
import { useOnlyPage } from './use-only-page.ts';
import { words } from './words.ts';

/** Milliseconds without a touch after which an operator signs in again. */
const idleAfter = 600_000;

/**
 * A browser that is no terminal yet offers itself; a terminal shows its desk, where operators sign
 * in for it once one is signed in.
 */
export function WindowPage() {
  const { loading } = useWords(words);
  const [link] = useState(takeFragment);
  const [opening, setOpening] = useState<Opening | null>(null);
  const open = useCallback(() => {
    openSession().then(setOpening, () => {
      // IndexedDB is closed to this page: it has no key, and cannot keep one.
      setOpening({ is: 'no-terminal' });
    });
  }, []);
  useEffect(open, [open]);
  const operator = opening?.is === 'session' ? opening.session.operator : null;
  const onOver = useCallback((code: string) => {
    setOpening({ is: 'signed-out', trouble: { code, request: null, facts: {} } });
  }, []);
  useEffect(
    () =>
      operator === null
        ? undefined
        : endWhenIdle(operator, idleAfter, () => {
            onOver('sign_in_over');
          }),
    [operator, onOver],
  );
  switch (opening?.is) {
    case undefined:
      return <main className="alone">{loading}</main>;
    case 'no-terminal':
      return <EnrolPage invitation={link.get('invitation')} onTerminal={open} />;
    case 'signed-out':
      return <SignedOut trouble={opening.trouble} operator={link.get('operator')} />;
    case 'session':
      return (
        <SessionProvider value={opening.session}>
          <OnlyDesk onSignInOver={onOver} />
        </SessionProvider>
      );
  }
}

/** The desk, unless another page of this browser is it. */
function OnlyDesk({ onSignInOver }: { readonly onSignInOver: (code: string) => void }) {
  const text = useWords(words);
  const { mine, take } = useOnlyPage();
  if (mine === null) return <main className="alone">{text.loading}</main>;
  if (mine) return <DeskPage onSignInOver={onSignInOver} />;
  return (
    <main className="alone">
      <h1>{text.elsewhereTitle}</h1>
      <p>{text.elsewhereHow}</p>
      <p>
        <button type="button" className="button primary" onClick={take}>
          {text.goOnHere}
        </button>
      </p>
    </main>
  );
}
