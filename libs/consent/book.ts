import { type Instant, Unreachable } from '#libs/kernel';
import type {
  ConsentEvent,
  ConsentGranted,
  ConsentRedeemed,
  ConsentRequested,
  WithheldReason,
} from './consent.events.js';

interface Asked {
  readonly request: ConsentRequested['data'];
}
interface Granted extends Asked {
  readonly grant: ConsentGranted['data'];
}
interface Redeemed extends Granted {
  readonly redemption: ConsentRedeemed['data'];
  /** How often it was read again. */
  readonly readings: number;
}

/** What became of a consent. That it expired is no event: it follows from the time, see `standingOf`. */
export type Consent =
  | ({ readonly status: 'requested' } & Asked)
  | ({ readonly status: 'refused' } & Asked)
  | ({ readonly status: 'granted' } & Granted)
  | ({ readonly status: 'withdrawn' } & Granted & {
        /** What had been released by then: taking a grant back ends reading again, it does not undo. */
        readonly redemption: ConsentRedeemed['data'] | null;
      })
  | ({ readonly status: 'redeemed' } & Redeemed)
  | ({ readonly status: 'withheld'; readonly reason: WithheldReason } & Redeemed);

/**
 * A book is its events, the newest first, as a list that shares its tail: folding n events takes n steps, where copying a map at each
 * would take n². `consentsIn` makes the map when somebody looks.
 */
export type Book = { readonly last: ConsentEvent; readonly before: Book } | null;

const maps = new WeakMap<object, ReadonlyMap<string, Consent>>();

/** All consents of a book by id, in the order in which they were asked for. */
export function consentsIn(book: Book): ReadonlyMap<string, Consent> {
  if (book === null) return new Map();
  const known = maps.get(book);
  if (known !== undefined) return known;
  const events: ConsentEvent[] = [];
  for (let entry: Book = book; entry !== null; entry = entry.before) events.push(entry.last);
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

/** Events that the rules cannot have written in a state leave it as it is. */
function after(consent: Consent | undefined, event: ConsentEvent): Consent | undefined {
  if (event.type === 'ConsentRequested') return { status: 'requested', request: event.data };
  if (consent === undefined) return undefined;
  switch (event.type) {
    case 'ConsentGranted':
      return { status: 'granted', request: consent.request, grant: event.data };
    case 'ConsentRefused':
      return { status: 'refused', request: consent.request };
    case 'ConsentWithdrawn':
      return 'grant' in consent
        ? {
            status: 'withdrawn',
            request: consent.request,
            grant: consent.grant,
            redemption: consent.status === 'redeemed' ? consent.redemption : null,
          }
        : consent;
    case 'ConsentRedeemed':
      return 'grant' in consent
        ? {
            status: 'redeemed',
            request: consent.request,
            grant: consent.grant,
            redemption: event.data,
            readings: 0,
          }
        : consent;
    case 'ReleaseWithheld':
      // A second reading that was withheld takes nothing from the first, which was handed over.
      return consent.status === 'redeemed' && event.data.reading === 0
        ? { ...consent, status: 'withheld', reason: event.data.reason }
        : consent;
    case 'ReleaseReadAgain':
      return consent.status === 'redeemed' ? { ...consent, readings: event.data.reading } : consent;
  }
}

/** How a consent stands at a moment. The last millisecond of a deadline still counts. */
export type Standing =
  'waiting' | 'granted' | 'refused' | 'withdrawn' | 'redeemed' | 'withheld' | 'expired';

export function standingOf(consent: Consent, now: Instant): Standing {
  switch (consent.status) {
    case 'requested':
      return now > consent.request.answerBy ? 'expired' : 'waiting';
    case 'granted':
      return now > consent.grant.redeemBy ? 'expired' : 'granted';
    case 'refused':
    case 'withdrawn':
    case 'redeemed':
    case 'withheld':
      return consent.status;
    default:
      throw new Unreachable(consent);
  }
}
