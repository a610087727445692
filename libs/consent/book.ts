import { type Instant, Unreachable } from '#libs/kernel';
import { consentAbsent } from './consent.errors.js';
import type {
  ConsentEvent,
  ConsentGranted,
  ConsentRedeemed,
  ConsentRequested,
  EndReason,
  MissingMaterial,
  ReleaseWithheld,
  WithheldReason,
} from './consent.events.js';

interface Asked {
  readonly request: ConsentRequested['data'];
}
interface Granted extends Asked {
  readonly grant: ConsentGranted['data'];
  /** How often the terminal learned that nothing can be released by it. */
  readonly toldNothing: number;
}
/** What was released by a consent, and what of that was withheld. */
interface Release<Redemption> {
  readonly redemption: Redemption;
  /** How often it was read again. */
  readonly readings: number;
  /** Which readings were withheld; 0 is the release itself. */
  readonly withheld: readonly number[];
}
type Redeemed = Granted & Release<ConsentRedeemed['data']>;
/**
 * What had been released before its withdrawal or end, which does not undo it; null where nothing
 * had.
 */
type ReleasedBefore = Release<ConsentRedeemed['data'] | null>;

/** The state of a consent. Expiry is no event: it follows from the time, see `consentStatusOf`. */
export type Consent =
  | ({ readonly status: 'requested'; readonly misses: number } & Asked)
  | ({ readonly status: 'refused' } & Asked)
  /** The window's number was typed wrongly for the last time. */
  | ({ readonly status: 'mismatched' } & Asked)
  | ({ readonly status: 'granted' } & Granted)
  | ({ readonly status: 'withdrawn' } & Granted & ReleasedBefore)
  | ({
      readonly status: 'ended';
      readonly reason: EndReason | 'nothing_to_release';
      /** What could not be answered, as the terminal was told. */
      readonly missing: readonly MissingMaterial[];
      readonly grant: ConsentGranted['data'] | null;
    } & Asked &
      ReleasedBefore)
  | ({ readonly status: 'redeemed' } & Redeemed)
  | ({ readonly status: 'withheld'; readonly reason: WithheldReason } & Redeemed);

/**
 * A book is its events, newest first, as a list with a shared tail: folding n events takes n steps,
 * where copying a map at each would take n². `consentsIn` builds the map on demand.
 */
export type Book =
  | { readonly status: 'absent' }
  | { readonly status: 'begun'; readonly last: ConsentEvent; readonly before: Book };

const maps = new WeakMap<Book, ReadonlyMap<string, Consent>>();

/** All consents of a book by id, in the order of their requests. */
export function consentsIn(book: Book): ReadonlyMap<string, Consent> {
  const known = maps.get(book);
  if (known !== undefined) return known;
  const events: ConsentEvent[] = [];
  for (let entry = book; entry.status === 'begun'; entry = entry.before) events.push(entry.last);
  const consents = new Map<string, Consent>();
  for (const event of events.reverse()) {
    const next = after(consents.get(event.data.consent), event);
    if (next !== undefined) consents.set(event.data.consent, next);
  }
  maps.set(book, consents);
  return consents;
}

export const consentIn = (book: Book, id: string): Consent | null =>
  consentsIn(book).get(id) ?? null;

/** @throws ConsentAbsent */
export function foundIn(book: Book, id: string): Consent {
  const consent = consentIn(book, id);
  if (consent === null) throw consentAbsent();
  return consent;
}

/** Whether a redemption answered the material. */
export const answers = (redemption: ConsentRedeemed['data'], material: string): boolean =>
  redemption.read.some((read) => read.material === material);

const nothingReleased = { redemption: null, readings: 0, withheld: [] };

/**
 * A book may be read from the middle on: events of earlier consents are skipped. Events that the
 * rules cannot have written in a state leave it unchanged.
 */
function after(consent: Consent | undefined, event: ConsentEvent): Consent | undefined {
  if (event.type === 'ConsentRequested')
    return { status: 'requested', request: event.data, misses: 0 };
  if (consent === undefined) return undefined;
  const { request } = consent;
  switch (event.type) {
    case 'ConsentGranted':
      return { status: 'granted', request, grant: event.data, toldNothing: 0 };
    case 'ConsentRefused':
      return { status: 'refused', request };
    case 'NumberMismatched':
      if (event.data.ends) return { status: 'mismatched', request };
      return consent.status === 'requested' ? { ...consent, misses: consent.misses + 1 } : consent;
    case 'ConsentWithdrawn':
      if (consent.status === 'granted')
        return { ...consent, ...nothingReleased, status: 'withdrawn' };
      return consent.status === 'redeemed' ? { ...consent, status: 'withdrawn' } : consent;
    case 'ConsentEnded':
      return ended(consent, event.data.reason, []);
    case 'NothingReleased':
      if (event.data.ends) return ended(consent, 'nothing_to_release', event.data.missing);
      return consent.status === 'granted' || consent.status === 'redeemed'
        ? { ...consent, toldNothing: consent.toldNothing + 1 }
        : consent;
    case 'ConsentRedeemed':
      return consent.status === 'granted'
        ? { ...consent, status: 'redeemed', redemption: event.data, readings: 0, withheld: [] }
        : consent;
    case 'ReleaseWithheld':
      return withheld(consent, event.data);
    case 'ReleaseReadAgain':
      return consent.status === 'redeemed' ? { ...consent, readings: event.data.reading } : consent;
    default:
      throw new Unreachable(event);
  }
}

function ended(
  consent: Consent,
  reason: Extract<Consent, { status: 'ended' }>['reason'],
  missing: readonly MissingMaterial[],
): Consent {
  const { request } = consent;
  const end = { status: 'ended', request, reason, missing } as const;
  switch (consent.status) {
    case 'requested':
      return { ...end, ...nothingReleased, grant: null };
    case 'granted':
      return { ...end, ...nothingReleased, grant: consent.grant };
    case 'redeemed': {
      const { grant, redemption, readings, withheld: before } = consent;
      return { ...end, grant, redemption, readings, withheld: before };
    }
    default:
      return consent;
  }
}

function withheld(consent: Consent, { reading, reason }: ReleaseWithheld['data']): Consent {
  if (!('withheld' in consent)) return consent;
  const after = { ...consent, withheld: [...consent.withheld, reading] };
  // A withheld second reading does not undo the first, which was released.
  if (reading > 0) return after;
  // What ended the consent before the release remains its end, and nothing was released.
  if (after.status === 'withdrawn' || after.status === 'ended')
    return { ...after, redemption: null };
  return { ...after, status: 'withheld', reason };
}

/** The status of a consent at a moment. The last millisecond of a deadline still counts. */
export type ConsentStatus =
  | 'waiting'
  | 'granted'
  | 'refused'
  | 'mismatched'
  | 'withdrawn'
  | 'ended'
  | 'redeemed'
  | 'withheld'
  | 'expired';

/**
 * The window does not learn whether the holder refused or typed a wrong number twice: it sees a
 * refusal in both cases.
 */
export type StatusAtWindow = Exclude<ConsentStatus, 'mismatched'>;

export function statusAtWindow(consent: Consent, now: Instant): StatusAtWindow {
  const status = consentStatusOf(consent, now);
  return status === 'mismatched' ? 'refused' : status;
}

export function consentStatusOf(consent: Consent, now: Instant): ConsentStatus {
  switch (consent.status) {
    case 'requested':
      return now > consent.request.answerBy ? 'expired' : 'waiting';
    case 'granted':
      return now > consent.grant.redeemBy ? 'expired' : 'granted';
    case 'refused':
    case 'mismatched':
    case 'withdrawn':
    case 'ended':
    case 'redeemed':
    case 'withheld':
      return consent.status;
    default:
      throw new Unreachable(consent);
  }
}
