import { useEffect, useState } from 'react';
import { followDisplay, type Shown, type ShownRequest } from '../shared/display.ts';
import { LanguageSwitch, useLanguage, useWords } from '../shared/language.tsx';
import { QrCode } from '../shared/qr-code.tsx';
import { TrialMark } from '../shared/trial-mark.tsx';
import { useSecondsUntil } from '../shared/use-seconds-until.ts';
import { words } from './words.ts';

/** The second screen, which the holder sees: what is asked, the number, how it stands. */
export function DisplayPage() {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => followDisplay(setShown), []);
  return shown?.is === 'request' ? <Request request={shown} /> : <Idle shown={shown} />;
}

function Idle({ shown }: { readonly shown: Extract<Shown, { is: 'idle' }> | null }) {
  const text = useWords(words);
  return (
    <main className="idle">
      <p className="hall">{text.hall}</p>
      {shown === null ? (
        <p>{text.noWindow}</p>
      ) : (
        <>
          <h1 lang="zh-CN">
            {shown.department} <span className="window">{shown.window}</span>
          </h1>
          {shown.queueNumber === null ? null : (
            <p className="queue">
              {text.queue} <b>{shown.queueNumber}</b>
            </p>
          )}
          <p>{text.wait}</p>
        </>
      )}
      <TrialMark />
      <LanguageSwitch className="in-bar" />
    </main>
  );
}

function Request({ request }: { readonly request: ShownRequest }) {
  const text = useWords(words);
  const language = useLanguage();
  const { department, window, queueNumber, matter, asks, number, qr, answerBy, state } = request;
  const left = useSecondsUntil(answerBy);
  return (
    <main className="request">
      <section className="asked">
        <p className="from">
          {queueNumber === null ? null : <b className="queue">{queueNumber}　</b>}
          {text.from(department, window)}
        </p>
        <h1>{text.title(matter[language], asks.length)}</h1>
        <ul>
          {asks.map((ask, n) => (
            <li key={n}>
              <b>{ask[language]}</b>
              <span>{ask.fields.map((field) => field[language]).join(text.comma)}</span>
            </li>
          ))}
        </ul>
        <p className="once">{text.once}</p>
        <TrialMark />
      </section>
      <section className="answer" aria-live="polite">
        {state === 'waiting' ? (
          <>
            <h2>{number === null ? text.onPhone : text.type}</h2>
            {number === null ? null : <p className="digits">{number}</p>}
            {qr === null ? null : (
              <div className="scan-me">
                <QrCode text={qr} label={text.scan} />
                <p>{text.scan}</p>
              </div>
            )}
            <div>
              <p className="left" role="timer">
                {text.left(Math.floor(left / 60), left % 60)}
              </p>
              <p>{text.noPhone}</p>
            </div>
          </>
        ) : (
          <>
            <h2 className="state">{text.state[state]}</h2>
            <p>{text.stateMore[state]}</p>
          </>
        )}
        <LanguageSwitch className="in-bar" />
      </section>
    </main>
  );
}
