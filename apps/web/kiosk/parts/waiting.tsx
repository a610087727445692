import { useLanguage, useWords } from '../../shared/language.tsx';
import { useSecondsUntil } from '../../shared/use-seconds-until.ts';
import type { Asked } from '../visit.ts';
import { words } from '../words.ts';

/** The text of the request, as the phone shows it, while its holder answers there. */
export function Waiting({ asked }: { readonly asked: Asked }) {
  const text = useWords(words);
  const language = useLanguage();
  const left = useSecondsUntil(asked.answerBy);
  return (
    <section className="shown waiting">
      <h2 data-say="">{text.answer}</h2>
      {asked.number === null ? null : (
        <p className="number">
          <span>{text.answerNumber}</span>
          <b className="mono">{asked.number}</b>
        </p>
      )}
      <p className="asked" data-say="">
        {asked[language]}
      </p>
      <p>{text.answerNo}</p>
      <p className="left" role="timer">
        {text.answerBy(Math.floor(left / 60), left % 60)}
      </p>
    </section>
  );
}
