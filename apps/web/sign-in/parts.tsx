import { type ReactNode, useState } from 'react';
import { LanguageSwitch, useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { type Failure, failureOf } from './passkey.ts';
import { en, zh } from './words.ts';

/** One act at a time; a second press while it runs does nothing. */
export function useAct() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [run] = useState(() => {
    let running = false;
    return (act: () => Promise<void>) => {
      if (running) return;
      running = true;
      setBusy(true);
      setFailure(null);
      act()
        .catch((thrown: unknown) => {
          setFailure(failureOf(thrown));
        })
        .finally(() => {
          running = false;
          setBusy(false);
        });
    };
  });
  return { busy, failure, run };
}

export function Frame({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}) {
  return (
    <main className="sign-in">
      <header>
        <h1>{title}</h1>
        <LanguageSwitch />
      </header>
      {children}
    </main>
  );
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Failed({ failure }: { readonly failure: Failure | null }) {
  const words = useWords({ zh, en });
  if (failure === null) return null;
  if (failure.is === 'trouble') return <TroubleNotice trouble={failure.trouble} />;
  return (
    <p role="alert" className="notice red">
      {words[failure.why]}
    </p>
  );
}

export function ToWindow() {
  const words = useWords({ zh, en });
  return (
    <p>
      <a className="button" href="/window">
        {words.openWindow}
      </a>
    </p>
  );
}
