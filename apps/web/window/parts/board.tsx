import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { Status, type Tone } from '../../shared/status.tsx';
import { answered } from '../../shared/trouble.ts';
import { useSession } from '../session.tsx';
import { stateWords } from '../state-words.ts';
import { clockTimeOrDay, countdown, secondsUntil } from '../time.ts';
import type { Board as BoardData } from '../use-desk.ts';
import { words } from '../words.ts';
import { KeyButton } from './key-button.tsx';

type Entry = BoardData['cases'][number];

const lists = ['open', 'online', 'today'] as const;
type List = (typeof lists)[number];

/** The window's open cases, what came in online for its department, and what it closed today. */
export function Board({
  board,
  current,
  now,
  busy,
  onShow,
  onTake,
  onNew,
}: {
  readonly board: BoardData | null;
  /** Id of the open case. */
  readonly current: string | null;
  readonly now: number;
  /** A case is being taken. */
  readonly busy: boolean;
  readonly onShow: (id: string) => void;
  readonly onTake: (id: string) => void;
  readonly onNew: () => void;
}) {
  const text = useWords(words);
  const [list, setList] = useState<List>('open');
  const names = { open: text.boardOpen, online: text.boardOnline, today: text.boardToday };
  const waiting = board?.online.length ?? 0;
  return (
    <nav className="board" aria-label={text.board}>
      <h2>{text.board}</h2>
      <div className="lists">
        {lists.map((one) => (
          <button
            key={one}
            type="button"
            className="button"
            aria-pressed={one === list}
            onClick={() => {
              setList(one);
            }}
          >
            {names[one]}
            {one === 'online' && waiting > 0 ? <b className="mono">{waiting}</b> : null}
          </button>
        ))}
      </div>
      {list === 'open' ? (
        <>
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
        </>
      ) : null}
      {list === 'online' ? (
        <Online
          board={board}
          now={now}
          busy={busy}
          onTake={(id) => {
            onTake(id);
            setList('open');
          }}
        />
      ) : null}
      {list === 'today' ? <Today now={now} /> : null}
      <KeyButton name="F2" onPress={onNew}>
        {text.newCase}
      </KeyButton>
    </nav>
  );
}

function Row({ entry, now }: { readonly entry: Entry; readonly now: number }) {
  const states = useWords(stateWords);
  const consent = entry.consents[0];
  const left = consent === undefined ? 0 : secondsUntil(consent.until, now);
  return (
    <Head time={entry.opened} now={now} entry={entry}>
      {consent === undefined || left === 0 ? (
        <Ready entry={entry} />
      ) : (
        <>
          <Status tone={consent.state === 'granted' ? 'green' : 'amber'}>
            {states.material[consent.state]}
          </Status>
          <span className="mono left">{countdown(left)}</span>
        </>
      )}
    </Head>
  );
}

/** How many of the materials are there, by release or on paper: none, some, or all of them. */
function Ready({ entry: { materials, answered: free, brought } }: { readonly entry: Entry }) {
  const text = useWords(words);
  const ready = free + brought;
  if (materials === 0) return <Status tone="green">{text.boardNone}</Status>;
  if (ready === 0) return <Status tone="slate">{text.boardUntouched(materials)}</Status>;
  return ready < materials ? (
    <Status tone="blue">{text.boardPart(ready, materials)}</Status>
  ) : (
    <Status tone="green">{text.boardReady}</Status>
  );
}

/** What holders opened online; a press takes one, and the first of two windows has it. */
function Online({
  board,
  now,
  busy,
  onTake,
}: {
  readonly board: BoardData | null;
  readonly now: number;
  readonly busy: boolean;
  readonly onTake: (id: string) => void;
}) {
  const text = useWords(words);
  return (
    <>
      <p className="quiet">{board?.online.length === 0 ? text.onlineEmpty : text.onlineHow}</p>
      <ul>
        {board?.online.map((entry) => (
          <li key={entry.case}>
            <button
              type="button"
              disabled={busy}
              onClick={() => {
                onTake(entry.case);
              }}
            >
              <Head time={entry.opened} now={now} entry={entry}>
                <Status tone="amber">{text.materialsOf(entry.materials)}</Status>
                <span className="take">{text.take}</span>
              </Head>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

const outcomeTone: Readonly<Record<string, Tone>> = {
  accepted: 'green',
  rejected: 'red',
  withdrawn: 'slate',
};

/** Without any data: what was released left the page when the case was closed. */
function Today({ now }: { readonly now: number }) {
  const text = useWords(words);
  const { api } = useSession();
  const { data } = useQuery({
    queryKey: ['closed-today'],
    queryFn: () => answered(api.GET('/v1/board/today')),
    refetchInterval: 10_000,
    gcTime: 0,
  });
  return (
    <>
      {data?.cases.length === 0 ? <p className="quiet">{text.todayEmpty}</p> : null}
      <ul>
        {data?.cases.map((entry) => (
          <li key={entry.case} className="row">
            <Head time={entry.closed} now={now} entry={entry}>
              <Status tone={outcomeTone[entry.outcome] ?? 'slate'}>
                {text.outcome[entry.outcome] ?? entry.outcome}
              </Status>
              <span className="quiet tally">{text.tally(entry.answered, entry.brought)}</span>
            </Head>
          </li>
        ))}
      </ul>
    </>
  );
}

function Head({
  time,
  now,
  entry,
  children,
}: {
  readonly time: string;
  readonly now: number;
  readonly entry: BoardData['online'][number] & Partial<Pick<Entry, 'queueNumber' | 'origin'>>;
  readonly children: ReactNode;
}) {
  const text = useWords(words);
  const language = useLanguage();
  const mark = entry.queueNumber ?? (entry.origin === 'online' ? text.online : null);
  return (
    <>
      <span className="mono quiet">{clockTimeOrDay(time, now)}</span>
      <span className="name">
        {mark === null ? null : <b className="mark">{mark} </b>}
        {language === 'zh' ? entry.matterName : entry.matterNameEn}
      </span>
      {children}
    </>
  );
}
