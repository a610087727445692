import { useCallback, useEffect, useRef, useState } from 'react';
import { isTrialOrigin } from '#libs/log';
import { LanguageSwitch, useWords } from '../shared/language.tsx';
import { type Codes, noCodes, withCode } from './codes.ts';
import { Entry } from './entry.tsx';
import { broughtDigits, onBrought } from './fragment.ts';
import { KeysNote } from './keys-note.tsx';
import { PagesNotice } from './pages-notice.tsx';
import { Result } from './result.tsx';
import { useKeys } from './use-keys.ts';

const zh = {
  product: '免证',
  title: '证明查验',
  trial: '试用系统：内容均为虚构，没有法律效力',
};
const en: typeof zh = {
  product: 'mianzheng',
  title: 'Check a proof',
  trial: 'A trial: all is invented, with no legal effect',
};

const broughtCodes = (): Codes => {
  const digits = broughtDigits();
  return digits === '' ? noCodes : withCode(noCodes, digits);
};

/** The public page: a printed proof in, a verdict out; nothing of either leaves the device. */
export function App() {
  const words = useWords({ zh, en });
  const keys = useKeys();
  const [codes, setCodes] = useState<Codes>(broughtCodes);
  const top = useRef<HTMLHeadingElement>(null);
  useEffect(
    () =>
      onBrought((digits) => {
        setCodes((before) => withCode(before, digits));
      }),
    [],
  );
  useEffect(() => {
    document.title = `${words.product} · ${words.title}`;
  }, [words]);
  const again = useCallback(() => {
    setCodes(noCodes);
    top.current?.focus();
  }, []);
  const city = keys.keys?.city;
  return (
    <div className="verify">
      {city !== undefined && isTrialOrigin(city) ? (
        <aside className="trial">{words.trial}</aside>
      ) : null}
      <PagesNotice />
      <header className="top">
        <p>{words.product}</p>
        <h1 ref={top} tabIndex={-1}>
          {words.title}
        </h1>
        <LanguageSwitch />
      </header>
      <main>
        {codes.is === 'whole' ? (
          <Result proof={codes.proof} keys={keys} onNext={again} />
        ) : (
          <Entry codes={codes} onCodes={setCodes} />
        )}
      </main>
      <KeysNote keys={keys} />
    </div>
  );
}
