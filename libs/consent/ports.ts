import type { KeyObject } from 'node:crypto';
import type { StoredRecord } from '#libs/event-store';
import type { Jwk } from '#libs/identity';
import type { Book } from './book.js';

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

/** A book read from its own stream: a decision on it is appended at `version`. */
export interface BookNow {
  readonly stream: string;
  readonly book: Book;
  readonly version: number;
  readonly records: readonly StoredRecord[];
}

/** Reads books from their own streams; a subject without requests has an empty one. */
export abstract class BookReader {
  /** @param from the first version that matters: earlier records are not read */
  abstract read(subject: string, from?: number): Promise<BookNow>;
}
