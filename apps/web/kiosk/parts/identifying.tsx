import { useEffect, useRef, useState } from 'react';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { Scanner } from '../../shared/scan.tsx';
import type { KioskActs } from '../kiosk-view.ts';
import type { Visit } from '../visit.ts';
import { words } from '../words.ts';

interface IdentifyingProps {
  readonly visit: Extract<Visit, { is: 'identifying' }>;
  readonly pinTries: number | null;
  readonly acts: KioskActs;
}

/** Whose page it is: by the code of the own phone, or by document and PIN. */
export function Identifying({ visit, pinTries, acts }: IdentifyingProps) {
  const text = useWords(words);
  const language = useLanguage();
  const back = (
    <button
      type="button"
      className="large"
      data-act="back"
      onClick={() => {
        acts.goWay(null);
      }}
    >
      {text.back}
    </button>
  );
  if (visit.way === 'phone')
    return (
      <section className="shown">
        <h2 data-say="">{text.scan}</h2>
        <p data-say="">{text.scanHow}</p>
        <Scanner onText={acts.scanned} />
        <TypedCode onCode={acts.scanned} />
        {back}
      </section>
    );
  if (visit.way === 'document')
    return (
      <section className="shown">
        <h2 data-say="">{text.documentLay}</h2>
        <Pin tries={pinTries} onTyped={acts.typed} />
        {back}
      </section>
    );
  const ways = [
    { way: 'phone', title: text.byPhone, more: text.byPhoneHow },
    { way: 'document', title: text.byDocument, more: text.byDocumentHow },
  ] as const;
  return (
    <section className="choosing">
      <h2 data-say="">{text.who}</h2>
      <p>{text.whoFor(visit.choice[language])}</p>
      <ul className="rows">
        {ways.map(({ way, title, more }) => (
          <li key={way}>
            <button
              type="button"
              className="row tall"
              data-key=""
              onClick={() => {
                acts.goWay(way);
              }}
            >
              <b>{title}</b>
              <span>{more}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A scanner that types: its text and Enter, into a field that keeps the focus and is not seen. */
function TypedCode({ onCode }: { readonly onCode: (code: string) => void }) {
  const text = useWords(words);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
  }, []);
  return (
    <form
      className="typed-code"
      onSubmit={(event) => {
        event.preventDefault();
        const code = field.current?.value.trim() ?? '';
        if (field.current !== null) field.current.value = '';
        if (code !== '') onCode(code);
      }}
    >
      <input ref={field} aria-label={text.scan} autoComplete="off" inputMode="none" />
    </form>
  );
}

const pinLength = 6;

/** Digits are counted on the screen and never shown. */
function Pin({
  tries,
  onTyped,
}: {
  readonly tries: number | null;
  readonly onTyped: (pin: string) => void;
}) {
  const text = useWords(words);
  const [typed, setTyped] = useState('');
  const press = (digit: string) => {
    const longer = typed + digit;
    setTyped(longer.length === pinLength ? '' : longer);
    if (longer.length === pinLength) onTyped(longer);
  };
  return (
    <div className="pin">
      <p data-say="">{text.documentPin}</p>
      <p className="dots" role="status" aria-label={`${typed.length}/${pinLength}`}>
        {Array.from({ length: pinLength }, (_, n) => (n < typed.length ? '●' : '○')).join(' ')}
      </p>
      {tries === null ? null : <p className="wrong">{text.documentTries(tries)}</p>}
      <div className="digits">
        {['1', '2', '3', '4', '5', '6', '7', '8', '9', '⌫', '0'].map((digit) => (
          <button
            key={digit}
            type="button"
            className="large mono"
            data-digit={digit}
            aria-label={digit === '⌫' ? text.back : digit}
            onClick={() => {
              if (digit === '⌫') setTyped(typed.slice(0, -1));
              else press(digit);
            }}
          >
            {digit}
          </button>
        ))}
      </div>
    </div>
  );
}
