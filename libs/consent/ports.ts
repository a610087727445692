import type { KeyObject } from 'node:crypto';
import type { OpenedCase } from '#libs/case';
import type { CommandContext, Outcome, StoredRecord, StreamHead } from '#libs/event-store';
import type { Jwk } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import type { Book, Consent } from './book.js';
import type { ConsentEvent } from './consent.events.js';

/**
 * The ledger's own keys for consent tokens (Ed25519). `issuer` and `audience` are URIs of this
 * ledger; `published` holds every key whose tokens may still be valid, including the current one.
 */
export abstract class LedgerKeys {
  abstract readonly issuer: string;
  abstract readonly audience: string;
  abstract current(): Promise<{ readonly kid: string; readonly privateKey: KeyObject }>;
  abstract published(): Promise<readonly { readonly kid: string; readonly jwk: Jwk }[]>;
}

/** The end of a book, read from its own stream. `head`: null where it has no record. */
export interface BookNow {
  readonly stream: string;
  readonly book: Book;
  readonly version: number;
  readonly head: string | null;
}

/**
 * What of a book matters: the consents of a case, one consent, or all that were requested after a
 * moment. It may have others besides.
 */
export type BookPart =
  { readonly ofCase: OpenedCase } | { readonly consent: string } | { readonly after: Instant };

/**
 * The books of subjects, by their own streams, at a cost that does not grow with them; a subject
 * without requests has an empty one.
 */
export abstract class Books {
  /** As the stream is now. */
  abstract read(subject: string, part: BookPart): Promise<BookNow>;

  /**
   * As this process knows it, read where it does not: for what never changes about a consent. Null
   * where it has no such consent.
   */
  abstract known(subject: string, part: BookPart, consent: string): Promise<Consent | null>;

  /** The last consents that were requested before a version, at most `count`, the latest first. */
  abstract earlier(subject: string, before: number, count: number): Promise<readonly Consent[]>;

  /** The last records before a version, by default those at the end, at most `count`. */
  abstract page(subject: string, before: number | null, count: number): Promise<BookPage>;

  /** Decides on the book, and appends to it: `execute`. */
  abstract decide(
    context: CommandContext,
    subject: string,
    part: BookPart,
    decide: (book: Book) => readonly ConsentEvent[] | Promise<readonly ConsentEvent[]>,
  ): Promise<Pick<Outcome<Book, ConsentEvent>, 'events' | 'records'>>;
}

/** Records of a book that follow each other. */
export interface BookPage {
  readonly stream: string;
  /** The last record of the book; null where it has none. */
  readonly head: StreamHead | null;
  readonly records: readonly StoredRecord[];
  /** Consents that these records are of and that were requested earlier, as they were then. */
  readonly consents: readonly Consent[];
}

/** Where a consent was requested: its book's version. `later`: records long after the others. */
export interface ConsentPlace {
  readonly consent: string;
  readonly version: number;
  readonly later: readonly number[];
}

/**
 * An index of consents that were requested long ago, made of the feed: it may lag, and it is never
 * believed without the records that it leads to.
 */
export abstract class ConsentPlaces {
  /**
   * The consents of a case, or those named, in any book. Null where the index does not reach
   * `newest` yet, a consent that was requested after all of them.
   */
  abstract find(
    wanted: { readonly ofCase: string } | { readonly consents: readonly string[] },
    newest: string,
  ): Promise<readonly ConsentPlace[] | null>;
}
