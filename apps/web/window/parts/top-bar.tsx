import type { RefObject } from 'react';
import { LanguageSwitch, useWords } from '../../shared/language.tsx';
import { TrialMark } from '../../shared/trial-mark.tsx';
import type { Matter } from '../desk-state.ts';
import type { Liveness } from '../../shared/live.ts';
import type { LogStatus } from '../receipt-check.ts';
import type { Board } from '../use-desk.ts';
import { startSignIn } from '../../shared/operator-session.ts';
import { useSession } from '../session.tsx';
import { words } from '../words.ts';
import { Search } from './search.tsx';

export function TopBar({
  board,
  log,
  liveness,
  field,
  onChoose,
}: {
  readonly board: Board | null;
  readonly log: LogStatus | null;
  readonly liveness: Liveness;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onChoose: (matter: Matter) => void;
}) {
  const text = useWords(words);
  const { operator } = useSession();
  return (
    <header className="bar">
      <h1>
        {text.brand} <small>{text.page}</small>
      </h1>
      <TrialMark short />
      <Search field={field} onChoose={onChoose} />
      <p className="place" lang="zh-CN">
        {board === null ? null : (
          <>
            {board.department} · <strong>{board.window}</strong>
          </>
        )}
      </p>
      {operator === null ? (
        <button
          type="button"
          className="in-bar"
          disabled={liveness === 'lost'}
          onClick={() => {
            void startSignIn('/window');
          }}
        >
          {text.signIn}
        </button>
      ) : (
        <p className="operator">{text.signedIn}</p>
      )}
      <p className="log" role="status">
        <Sign log={log} liveness={liveness} />
      </p>
      <LanguageSwitch className="in-bar" />
    </header>
  );
}

/** How the log stands: shape and word, because the bar has no room for a chip. */
function Sign({ log, liveness }: { readonly log: LogStatus | null; readonly liveness: Liveness }) {
  const text = useWords(words);
  if (liveness === 'lost') return <span className="short">● {text.offlineShort}</span>;
  if (liveness === 'polling') return <span className="short">○ {text.pollingShort}</span>;
  if (log === null) return <>○ {text.logUnknown}</>;
  const seen = text.witnesses(log.seen, log.of);
  switch (log.state) {
    case 'ok':
      return (
        <>
          <span className="good">✓</span> {text.logOk}　{seen}
        </>
      );
    case 'witnesses-missing':
      return (
        <span className="short">
          ○ {text.logShort}　{seen}
        </span>
      );
    case 'broken':
      return <span className="short">● {text.logBroken}</span>;
  }
}
