import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useWords } from '../shared/language.tsx';
import { DisplayFeed } from '../shared/display.ts';
import { switchOperator } from '../shared/operator-session.ts';
import { TroubleNotice } from '../shared/problems.tsx';
import { TrialMark } from '../shared/trial-mark.tsx';
import { canGiveBack } from './asking.ts';
import type { EmptyWhy } from './desk-state.ts';
import { shownOf } from './display-text.ts';
import { mainAction } from './main-action.ts';
import { type Names, useNames } from './names.ts';
import { Board } from './parts/board.tsx';
import { CasePart } from './parts/case.tsx';
import { CloseDialog } from './parts/close-dialog.tsx';
import { EnrolPhone } from './parts/enrol-phone.tsx';
import { ConsentPanel } from './parts/consent-panel.tsx';
import { KeysDialog } from './parts/keys-dialog.tsx';
import { NewCase } from './parts/new-case.tsx';
import { PaperDialog } from './parts/paper-dialog.tsx';
import { ReceiptCorner, ReceiptDialog } from './parts/receipt.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { useSession } from './session.tsx';
import { clockTime } from './time.ts';
import { type Desk, openCaseOf, useDesk } from './use-desk.ts';
import { useIdle } from './use-idle.ts';
import { useKeys } from './use-keys.ts';
import { useLog } from './use-log.ts';
import { words } from './words.ts';

/** Milliseconds without a touch after which data leave the screen. */
const idleAfter = 600_000;

type Open =
  | { readonly is: 'keys' | 'receipt' | 'close' | 'enrol' }
  | { readonly is: 'paper'; readonly material: string | null };

export function DeskPage({ onSignInOver }: { readonly onSignInOver: (code: string) => void }) {
  const text = useWords(words);
  const desk = useDesk(onSignInOver);
  const { operator } = useSession();
  const log = useLog();
  const { place, board, now } = desk;
  const open = openCaseOf(place);
  const names = useNames(
    place.is === 'case' ? place.found.matter : place.is === 'new' ? place.matter.code : null,
  );
  useDisplay(desk, names);
  const field = useRef<HTMLInputElement>(null);
  const [dialog, setDialog] = useState<Open | null>(null);
  const closeDialog = useCallback(() => {
    setDialog(null);
  }, []);
  // A dialog of a case ends with it.
  const id = open?.found.case ?? null;
  useEffect(() => {
    setDialog(null);
  }, [id]);
  // What was noted is told by the table, so the dialog has nothing more to say.
  const noted = open?.found;
  const { busy, trouble } = desk.paper;
  const wasBusy = useRef(false);
  useEffect(() => {
    if (wasBusy.current && !busy && trouble === null)
      setDialog((shown) => (shown?.is === 'paper' ? null : shown));
    wasBusy.current = busy;
  }, [busy, trouble, noted]);

  useIdle(idleAfter, () => {
    if (place.is !== 'empty') desk.leave('idle');
  });

  const offline = desk.offlineSince !== null;
  const released = open?.released.at(-1) ?? null;
  const search = () => {
    field.current?.focus();
    // What was left in it is written over.
    field.current?.select();
  };
  const main = useMain(desk);
  const onPaper =
    open === null
      ? undefined
      : (material: string | null) => {
          desk.paper.forget();
          setDialog({ is: 'paper', material });
        };
  const onReceipt =
    released === null
      ? undefined
      : () => {
          setDialog({ is: 'receipt' });
        };
  const onClose =
    open === null
      ? undefined
      : () => {
          desk.close.forget();
          setDialog({ is: 'close' });
        };
  const onGiveBack =
    open === null || offline || !canGiveBack(open.found, open.consent)
      ? undefined
      : () => {
          desk.giveBack.press(null);
        };
  const onKeys = () => {
    setDialog({ is: 'keys' });
  };
  useKeys({
    F2: search,
    '/': search,
    F4: main,
    F7: onReceipt,
    F8:
      onPaper === undefined
        ? undefined
        : () => {
            onPaper(null);
          },
    F9: onClose,
    F10: onGiveBack,
    '?': onKeys,
    Escape:
      place.is === 'new'
        ? () => {
            desk.leave('start');
          }
        : undefined,
  });

  const until = open?.released.at(-1)?.reply.readAgainUntil ?? null;
  return (
    <div className="desk">
      <TopBar
        board={board}
        log={log}
        liveness={desk.liveness}
        field={field}
        onChoose={(matter) => {
          desk.choose(matter);
        }}
      />
      <Board
        board={board}
        current={id}
        now={now}
        onNew={search}
        busy={desk.take.busy}
        onShow={(shown) => {
          desk.take.forget();
          desk.show.press(shown);
        }}
        onTake={(taken) => {
          desk.show.forget();
          desk.take.press(taken);
        }}
      />
      <main>
        {desk.offlineSince === null ? null : (
          <p role="alert" className="notice amber">
            {text.offline(clockTime(desk.offlineSince), until === null ? null : clockTime(until))}
          </p>
        )}
        {desk.show.trouble === null ? null : <TroubleNotice trouble={desk.show.trouble} />}
        {desk.take.trouble === null ? null : <TroubleNotice trouble={desk.take.trouble} />}
        {/* A live region that came with its text would not be read out. */}
        <div role="status" className="visually-hidden">
          {place.is === 'empty' && place.why !== 'start' ? text[place.why] : null}
        </div>
        {place.is === 'empty' ? <Empty why={place.why} /> : null}
        {place.is === 'new' ? (
          <NewCase
            key={place.matter.code}
            matter={place.matter}
            names={names}
            open={desk.open}
            offline={offline}
          />
        ) : null}
        {open === null ? null : (
          <CasePart
            desk={desk}
            place={open}
            names={names}
            offline={offline}
            onMain={main}
            onPaper={(material) => onPaper?.(material)}
            onReceipt={onReceipt}
            onClose={() => onClose?.()}
            onGiveBack={onGiveBack}
          />
        )}
      </main>
      <ConsentPanel place={open} log={log} now={now} busy={desk.again.busy}>
        {released === null ? null : (
          <ReceiptCorner
            released={released}
            onOpen={() => {
              setDialog({ is: 'receipt' });
            }}
          />
        )}
        <div className="tools">
          {operator === null ? null : (
            <button
              type="button"
              className="button"
              onClick={() => {
                void switchOperator(operator, '/window');
              }}
            >
              {text.switchOperator}
            </button>
          )}
          <button
            type="button"
            className="button"
            disabled={offline}
            onClick={() => {
              setDialog({ is: 'enrol' });
            }}
          >
            {text.enrolPhone}
          </button>
          <button type="button" className="button" onClick={openDisplay}>
            {text.display}
          </button>
          <button type="button" className="button" aria-keyshortcuts="?" onClick={onKeys}>
            {text.keys}
            <kbd className="key" aria-hidden="true">
              ?
            </kbd>
          </button>
        </div>
      </ConsentPanel>
      {dialog?.is === 'enrol' ? <EnrolPhone onClose={closeDialog} /> : null}
      {dialog?.is === 'keys' ? <KeysDialog onClose={closeDialog} /> : null}
      {dialog?.is === 'receipt' && released !== null ? (
        <ReceiptDialog
          released={released}
          names={names}
          onSealed={() => {
            desk.seal.press(released);
          }}
          onClose={closeDialog}
        />
      ) : null}
      {dialog?.is === 'paper' && open !== null ? (
        <PaperDialog
          found={open.found}
          material={dialog.material}
          names={names}
          paper={desk.paper}
          onClose={closeDialog}
        />
      ) : null}
      {dialog?.is === 'close' && open !== null ? (
        <CloseDialog found={open.found} close={desk.close} onClose={closeDialog} />
      ) : null}
    </div>
  );
}

/** What F4 does now; undefined where it does nothing. */
function useMain(desk: Desk): (() => void) | undefined {
  const open = openCaseOf(desk.place);
  if (open === null || desk.offlineSince !== null) return undefined;
  switch (mainAction(open)) {
    case 'ask':
    case 'ask-again':
      return () => {
        desk.ask.press(null);
      };
    case 'take-back':
      if (desk.justAsked) return undefined;
      return () => {
        desk.takeBack.press(null);
      };
    case 'read-again':
      return () => {
        desk.again.press(null);
      };
    case 'wait':
    case 'none':
      return undefined;
  }
}

function Empty({ why }: { readonly why: EmptyWhy }) {
  const text = useWords(words);
  return (
    <div className="empty">
      {why === 'start' ? null : (
        <p className={why === 'disabled' ? 'notice red' : 'notice'}>{text[why]}</p>
      )}
      {why === 'disabled' ? null : (
        <>
          <h2>{text.empty}</h2>
          <p>{text.emptyHow}</p>
        </>
      )}
      <TrialMark />
    </div>
  );
}

const openDisplay = () => {
  open('/holder-display', 'holder-display', 'popup');
};

/** Tells the holder's display how the desk stands, for as long as the page is open. */
function useDisplay(desk: Desk, names: Names): void {
  const feed = useRef<DisplayFeed | null>(null);
  useEffect(() => {
    const made = new DisplayFeed();
    feed.current = made;
    const leaving = () => {
      made.close();
    };
    // A page that the back button brings again has its old memory: it begins anew.
    const returning = ({ persisted }: PageTransitionEvent) => {
      if (persisted) location.reload();
    };
    addEventListener('pagehide', leaving);
    addEventListener('pageshow', returning);
    return () => {
      removeEventListener('pagehide', leaving);
      removeEventListener('pageshow', returning);
      made.close();
    };
  }, []);
  const { place, board } = desk;
  const department = board?.department ?? '';
  const window = board?.window ?? '';
  const shown = useMemo(
    () => shownOf(place, { department, window, origin: location.origin }, names),
    [place, department, window, names],
  );
  useEffect(() => {
    feed.current?.show(shown);
  }, [shown]);
}
