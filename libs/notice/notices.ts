import { type CaseEvent, caseSchemas } from '#libs/case';
import { type ConsentEvent, consentSchemas, type ConsentStatus } from '#libs/consent';
import { recordedEvent, type StoredRecord } from '#libs/event-store';
import { Unreachable } from '#libs/kernel';

/** What of its row on the board a record changes. */
export const boardChanges = [
  'opened',
  'taken',
  'returned',
  'brought',
  'closed',
  'consent',
] as const;
export type BoardChange = (typeof boardChanges)[number];

/** A record of a case. */
export interface CaseNotice {
  readonly of: 'case';
  readonly case: string;
  readonly change: BoardChange;
  /** Where the case is, where the record says it. */
  readonly place: CasePlace | null;
  /**
   * Of a record that moves it: the window that took it, null where it was given back. Undefined for
   * other records.
   */
  readonly movedTo: string | null | undefined;
}

/**
 * A record of a book. The window learns less than the holder: whether a wrong number was typed, it
 * does not (`statusAtWindow`).
 */
export interface ConsentNotice {
  readonly of: 'consent';
  /** Stream of the book. */
  readonly book: string;
  readonly consent: string;
  readonly forHolder: ConsentStatus;
  /** Null where nothing changed that the window may know. */
  readonly forWindow: Exclude<ConsentStatus, 'mismatched'> | null;
  /** Whether the board shows it. */
  readonly onBoard: boolean;
  readonly place: (CasePlace & { readonly case: string }) | null;
}
export type Notice = CaseNotice | ConsentNotice;

export interface CasePlace {
  readonly department: string;
  /** Null where no window took it yet: it is on the boards of all windows of the department. */
  readonly window: string | null;
  /** The subject that opened it online, and follows it on its phones; null where a window did. */
  readonly applicant: string | null;
}

type Told = CaseEvent | ConsentEvent;
const schemas = { ...caseSchemas, ...consentSchemas };

/**
 * What there is to tell of a record; null where nothing.
 * @throws EventSchemaUnknown
 */
export function noticeOf(record: StoredRecord): Notice | null {
  if (!Object.hasOwn(schemas, record.body.type)) return null;
  const event = recordedEvent<Told>(schemas, record);
  switch (event.type) {
    case 'CaseOpened': {
      const { department, window } = event.data;
      return ofCase(event, 'opened', { place: { department, window, applicant: null } });
    }
    case 'CaseOpenedOnline': {
      const { department, caller } = event.data;
      return ofCase(event, 'opened', { place: { department, window: null, applicant: caller } });
    }
    case 'CaseTaken':
      return ofCase(event, 'taken', { movedTo: event.data.window });
    case 'CaseReturned':
      return ofCase(event, 'returned', { movedTo: null });
    case 'MaterialBrought':
      return ofCase(event, 'brought');
    case 'CaseClosed':
    case 'CaseWithdrawn':
      return ofCase(event, 'closed');
    case 'ConsentRequested': {
      const { case: id, department, window } = event.data;
      const place = { case: id, department, window, applicant: null };
      return { ...consent(event, 'waiting'), place };
    }
    case 'ConsentGranted':
      return consent(event, 'granted');
    case 'ConsentRefused':
      return consent(event, 'refused');
    case 'ConsentWithdrawn':
      return consent(event, 'withdrawn');
    case 'ConsentEnded':
      return consent(event, 'ended');
    case 'ConsentRedeemed':
      return consent(event, 'redeemed');
    case 'NumberMismatched':
      return event.data.ends ? consent(event, 'mismatched') : quiet(event, 'waiting');
    case 'NothingReleased':
      if (event.data.ends) return consent(event, 'ended');
      return quiet(event, event.data.reading === 0 ? 'granted' : 'redeemed');
    case 'ReleaseWithheld':
      return event.data.reading === 0
        ? { ...consent(event, 'withheld'), onBoard: false }
        : quiet(event, 'redeemed');
    case 'ReleaseReadAgain':
      return quiet(event, 'redeemed');
    default:
      throw new Unreachable(event);
  }
}

const ofCase = (
  { data }: Pick<CaseEvent, 'data'>,
  change: BoardChange,
  known: Partial<Pick<CaseNotice, 'place' | 'movedTo'>> = {},
): CaseNotice => ({
  of: 'case',
  case: data.case,
  change,
  place: null,
  movedTo: undefined,
  ...known,
});

type ConsentTold = Pick<ConsentEvent, 'data'> & { readonly stream: string };

const consent = ({ stream, data }: ConsentTold, state: ConsentStatus): ConsentNotice => ({
  of: 'consent',
  book: stream,
  consent: data.consent,
  forHolder: state,
  forWindow: state === 'mismatched' ? 'refused' : state,
  onBoard: true,
  place: null,
});

/** For the holder's eyes: at the window nothing changed. */
const quiet = (event: ConsentTold, state: ConsentStatus): ConsentNotice => ({
  ...consent(event, state),
  forWindow: null,
  onBoard: false,
});
