import { useLanguage, useWords } from '../../shared/language.tsx';
import { Status } from '../../shared/status.tsx';
import { stateWords } from '../state-words.ts';
import { clockTime, countdown, secondsUntil } from '../time.ts';
import type { Board as BoardData } from '../use-desk.ts';
import { words } from '../words.ts';
import { KeyButton } from './key-button.tsx';

type Entry = BoardData['cases'][number];

/** The window's open cases, the newest first. */
export function Board({
  board,
  current,
  now,
  onShow,
  onNew,
}: {
  readonly board: BoardData | null;
  /** Id of the open case. */
  readonly current: string | null;
  readonly now: number;
  readonly onShow: (id: string) => void;
  readonly onNew: () => void;
}) {
  const text = useWords(words);
  return (
    <nav className="board" aria-label={text.board}>
      <h2>{text.board}</h2>
      {board?.cases.length === 0 ? <p className="quiet">{text.boardEmpty}</p> : null}
      <ul>
        {board?.cases.map((entry) => (
          <li key={entry.case}>
            <button
              type="button"
              aria-current={entry.case === current ? 'true' : undefined}
              onClick={() => {
                onShow(entry.case);
              }}
            >
              <Row entry={entry} now={now} />
            </button>
          </li>
        ))}
      </ul>
      <KeyButton name="F2" onPress={onNew}>
        {text.newCase}
      </KeyButton>
    </nav>
  );
}

function Row({ entry, now }: { readonly entry: Entry; readonly now: number }) {
  const text = useWords(words);
  const states = useWords(stateWords);
  const language = useLanguage();
  const consent = entry.consents[0];
  const left = consent === undefined ? 0 : secondsUntil(consent.until, now);
  return (
    <>
      <span className="mono quiet">{clockTime(entry.opened)}</span>
      <span className="name">{language === 'zh' ? entry.matterName : entry.matterNameEn}</span>
      {consent === undefined || left === 0 ? (
        <Status tone="slate">{text.boardCase(entry.materials, entry.brought)}</Status>
      ) : (
        <>
          <Status tone={consent.state === 'granted' ? 'green' : 'amber'}>
            {states.material[consent.state]}
          </Status>
          <span className="mono left">{countdown(left)}</span>
        </>
      )}
    </>
  );
}
