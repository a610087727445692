import type { RecordPlace } from '#libs/event-store';
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
  /** Version of the request in the book. */
  readonly version: number;
}
interface Granted extends Asked {
  readonly grant: ConsentGranted['data'];
  /** Leaf hash of the grant's record. */
  readonly grantRecord: string;
  /** How often the terminal learned that nothing can be released by it. */
  readonly toldNothing: number;
}
/** What was released by a consent, and what of that was withheld. */
interface Release<Redemption> {
  readonly redemption: Redemption;
  /** The record of the redemption; null where there is none. */
  readonly redeemed: RecordPlace | null;
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
 * The end of a book: the consents that were requested last, and every one that may still be
 * answered or redeemed. A book has no end, and no decision rests on the whole of it.
 */
export interface Book {
  /** Every consent that was requested at this version or later is in it. */
  readonly from: number;
  /** The time of the earliest record that was read; null where none was. */
  readonly oldest: Instant | null;
  /** By id, in the order of their requests. */
  readonly consents: ReadonlyMap<string, Consent>;
}

/** A book of which nothing before a version is read. */
export const bookFromVersion = (from: number): Book => ({
  from,
  oldest: null,
  consents: new Map(),
});

/** Consents that are kept of one book, beside those that may still be answered or redeemed. */
export const keptConsents = 256;

/** The book after an event. Tests may leave out which record it is. */
export function evolveBook(book: Book, event: ConsentEvent, record: RecordPlace = unplaced): Book {
  const next = after(book.consents.get(event.data.consent), event, record);
  const oldest = book.oldest ?? record.time;
  if (next === undefined) return book.oldest === null ? { ...book, oldest } : book;
  const consents = new Map(book.consents).set(event.data.consent, next);
  const from =
    consents.size > keptConsents ? forgetOldest(consents, book.from, record.time) : book.from;
  return { from, oldest, consents };
}

const unplaced: RecordPlace = { version: -1, hash: '', time: '' };

/** Forgets the consent that was requested first of those that can lead to nothing any more. */
function forgetOldest(consents: Map<string, Consent>, from: number, now: Instant): number {
  for (const [id, consent] of consents) {
    const standing = consentStatusOf(consent, now);
    if (standing === 'waiting' || standing === 'granted') continue;
    consents.delete(id);
    return Math.max(from, consent.version + 1);
  }
  return from;
}

/** About how many bytes a book takes in memory. */
export const weighBook = ({ consents }: Book): number => consents.size * roughly;
const roughly = 8000;

/** A book with consents that were requested before it begins. */
export const withEarlier = (book: Book, earlier: readonly Consent[]): Book => ({
  ...book,
  consents: new Map([
    ...earlier.map((consent) => [consent.request.consent, consent] as const),
    ...book.consents,
  ]),
});

/** A book without what was requested before a version. */
export function requestedFrom(book: Book, from: number): Book {
  const [first] = book.consents.values();
  if (first === undefined || first.version >= from) return book;
  const consents = [...book.consents].filter(([, { version }]) => version >= from);
  return { ...book, from: Math.max(from, book.from), consents: new Map(consents) };
}

/** The consents of a book by id, in the order of their requests. */
export const consentsIn = ({ consents }: Book): ReadonlyMap<string, Consent> => consents;

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

const nothingReleased = { redemption: null, redeemed: null, readings: 0, withheld: [] };

/**
 * A book may be read from the middle on: events of earlier consents are skipped. Events that the
 * rules cannot have written in a state leave it unchanged.
 */
export function after(
  consent: Consent | undefined,
  event: ConsentEvent,
  record: RecordPlace,
): Consent | undefined {
  if (event.type === 'ConsentRequested')
    return { status: 'requested', request: event.data, version: record.version, misses: 0 };
  if (consent === undefined) return undefined;
  const { request, version } = consent;
  const asked = { request, version };
  switch (event.type) {
    case 'ConsentGranted':
      return {
        ...asked,
        status: 'granted',
        grant: event.data,
        grantRecord: record.hash,
        toldNothing: 0,
      };
    case 'ConsentRefused':
      return { ...asked, status: 'refused' };
    case 'NumberMismatched':
      if (event.data.ends) return { ...asked, status: 'mismatched' };
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
        ? {
            ...consent,
            status: 'redeemed',
            redemption: event.data,
            redeemed: record,
            readings: 0,
            withheld: [],
          }
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
  const { request, version } = consent;
  const end = { status: 'ended', request, version, reason, missing } as const;
  switch (consent.status) {
    case 'requested':
      return { ...end, ...nothingReleased, grant: null };
    case 'granted':
      return { ...end, ...nothingReleased, grant: consent.grant };
    case 'redeemed': {
      const { grant, redemption, redeemed, readings, withheld: before } = consent;
      return { ...end, grant, redemption, redeemed, readings, withheld: before };
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
