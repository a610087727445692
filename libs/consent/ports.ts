import type { KeyObject } from 'node:crypto';
import type { StoredRecord } from '#libs/event-store';
import type { Jwk } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import type { Book } from './book.js';

/**
 * The ledger's own keys for consent tokens (Ed25519). `issuer` and `audience` are URIs of this ledger; `published` holds every key
 * whose tokens may still be about, the current one among them.
 */
export abstract class LedgerKeys {
  abstract readonly issuer: string;
  abstract readonly audience: string;
  abstract current(): Promise<{ readonly kid: string; readonly privateKey: KeyObject }>;
  abstract published(): Promise<readonly { readonly kid: string; readonly jwk: Jwk }[]>;
}

/**
 * QR codes that phones show: opaque values of 128 random bits, for 60 seconds, for one use. Only hashes are kept; `use` must be atomic
 * across processes.
 */
export abstract class QrCodes {
  /** The same `code` again changes nothing: a retry shows what the first attempt made. */
  abstract issue(code: string, subject: string, now: Instant): Promise<{ expires: Instant }>;
  /**
   * Whose code it is, once; null for one that is unknown, expired or used, without saying which. The same `user` again (a retry of the same
   * command) gets the same answer.
   */
  abstract use(code: string, user: string, now: Instant): Promise<string | null>;
}

/** A book read from its own stream: what is decided on it is appended at `version`. */
export interface BookNow {
  readonly stream: string;
  readonly book: Book;
  readonly version: number;
  readonly records: readonly StoredRecord[];
}

/** Reads books from their own streams; a subject that nobody ever asked has an empty one. */
export abstract class BookReader {
  abstract read(subject: string): Promise<BookNow>;
}
