import {
  ConflictError,
  InternalError,
  type Instant,
  type JsonObject,
  UnavailableError,
} from '#libs/kernel';
import type { Actor, RecordBody } from '#libs/log';

/** A fact on its way into the ledger. `id` is 32 hexadecimal digits, derived by `eventId` so that a retry carries the same ids. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly schema: number;
  readonly time: Instant;
  readonly actor: Actor;
  readonly data: JsonObject;
}

/** A record as read back. `bytes` are the stored bytes, `hash` their leaf hash in hexadecimal; `body` is parsed from them. */
export interface StoredRecord {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly body: RecordBody;
}

/** Where a record stands in the feed of one store. Opaque outside adapters: compare, keep, hand back; never show or record. */
export type Position = bigint;
export const START: Position = 0n;

export interface PositionedRecord extends StoredRecord {
  readonly position: Position;
}

/** What an append led to: the records' versions, ids and hashes, in order. `repeated` where the same ids had been appended before. */
export interface Appended {
  readonly stream: string;
  readonly records: readonly {
    readonly version: number;
    readonly id: string;
    readonly hash: string;
  }[];
  readonly repeated: boolean;
}

/** The stream does not end at the version that the caller read. Read again, decide again. */
export class VersionConflict extends ConflictError<'version_conflict'> {
  constructor(stream: string, expected: number) {
    super('version_conflict', 'the stream moved since it was read', { stream, expected });
  }
}

/** The same event id was appended before, with other content: an Idempotency-Key used for two different things. */
export class EventIdConflict extends ConflictError<'idempotency_key_reused'> {
  constructor(stream: string) {
    super('idempotency_key_reused', 'this Idempotency-Key was used for a different request', {
      stream,
    });
  }
}

/** Nothing of it was written; the same append may be sent again after `retryAfterSeconds`. */
export class StoreUnavailable extends UnavailableError<
  'store_busy' | 'store_fenced' | 'store_unreachable' | 'store_closed'
> {}

/** A commit was sent and its outcome is not known. Send the same append again: ids make it safe. */
export class AppendUncertain extends UnavailableError<'append_uncertain'> {}

/** What the store holds is not what was written. Nobody should go on. */
export class StoreDamaged extends InternalError<'store_damaged'> {}

/** No record yet: the expected version of a stream's first append. */
export const NONE = -1;

/**
 * The event store. Every adapter passes the same contract suite (`store.contract.ts`), which has no options.
 *
 * An adapter **must**:
 * - write an append's events whole or not at all, durably before the promise resolves;
 * - give version `expected + 1 + n` to the n-th event, and set `prev` to the leaf hash of the record before it;
 * - refuse with `VersionConflict` when the stream does not end at `expected`, judged by the database, never by a cache alone;
 * - answer the same ids at the same place with the first result and `repeated: true`, and with `EventIdConflict` where their type, schema
 *   or data differ (time and actor are those of the first);
 * - keep one item's failure from its neighbours;
 * - refuse what no reader could take back (an id, name or data that is not as the format says), alone and before anything is written;
 * - refuse a record of more than 65,535 bytes, alone and before anything is written: no entry bundle of the log could hold it;
 * - write nothing, and answer with no records, where an append has no events;
 * - refuse with `StoreUnavailable('store_busy')` rather than queue without bound;
 * - return exactly the stored bytes, in order, from reads.
 */
export abstract class EventStore {
  /** The log's origin, written into each record. */
  abstract readonly city: string;

  /** @param expected version of the last record the caller read, `NONE` for a new stream */
  abstract append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended>;

  /** All records of a stream from `from` on; empty where there is no such stream. */
  abstract readStream(stream: string, from?: number): Promise<readonly StoredRecord[]>;

  /** At most `limit` records after `after`, in commit order; gapless, so that a reader needs no more than the last position it saw. */
  abstract readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]>;

  /** Position of the last record, `START` for an empty store. */
  abstract head(): Promise<Position>;

  /**
   * Pages of records after `after`: complete, in order, none twice; waits for new ones at the end. Ends quietly when `signal` aborts or the
   * store is closed. It outlives a database that is away for a while; `StoreDamaged` ends it.
   * An adapter wakes its subscribers on every commit of its own process at once, and on those of others within a second.
   */
  abstract subscribe(
    after: Position,
    signal: AbortSignal,
  ): AsyncIterable<readonly PositionedRecord[]>;

  /** Lets appends under way finish, refuses new ones, and lets go of connections. */
  abstract close(): Promise<void>;
}
