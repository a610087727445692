import { useWords } from '../../shared/language.tsx';
import type { KioskActs, KioskView } from '../kiosk-view.ts';
import { words } from '../words.ts';
import { Over } from './still-there.tsx';

/** A person can be reached from every state, by day and by night. */
export function Help({
  help: { phone, isNight },
  acts,
}: {
  readonly help: NonNullable<KioskView['help']>;
  readonly acts: KioskActs;
}) {
  const text = useWords(words);
  return (
    <Over label={text.helpTitle}>
      <h2 data-say="">{text.helpTitle}</h2>
      <p data-say="">{isNight ? text.helpNight(phone) : text.helpCalled}</p>
      {isNight ? null : <p>{text.helpDay(phone)}</p>}
      <button
        type="button"
        className="large primary"
        data-act="main"
        onClick={() => {
          acts.help(false);
        }}
      >
        {text.close}
      </button>
    </Over>
  );
}
