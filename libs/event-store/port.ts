import {
  ConflictError,
  InternalError,
  type Instant,
  type JsonObject,
  UnavailableError,
} from '#libs/kernel';
import type { Actor, RecordBody } from '#libs/log';

/**
 * A fact to be appended. `id` is 32 hexadecimal digits, derived by `eventId` so that a retry
 * carries the same ids.
 */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly schema: number;
  readonly time: Instant;
  readonly actor: Actor;
  readonly data: JsonObject;
}

/**
 * A record as read back. `bytes` are the stored bytes, `hash` their leaf hash in hexadecimal;
 * `body` is parsed from them.
 */
export interface StoredRecord {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly body: RecordBody;
}

/** How the database of an event store is asked for heads within a statement about other things. */
export interface HeadsStatement {
  /** The pool of the database that has the records. */
  readonly pool: object;
  /** A query of `HeadRow`s; its one value, `$1`, is what `names` makes of the streams. */
  readonly text: string;
  names(streams: readonly string[]): readonly string[];
  /** In the order of the streams; null for one without records. */
  heads(streams: readonly string[], rows: readonly HeadRow[]): readonly (StreamHead | null)[];
}

/** `place` of the stream among those asked for, from 1 on. */
export interface HeadRow {
  readonly place: string;
  readonly version: number;
  readonly hash: Buffer;
}

/** The end of a stream: version and leaf hash, in hexadecimal, of its last record. */
export interface StreamHead {
  readonly version: number;
  readonly hash: string;
}

/**
 * A record's position in the feed of one store. Opaque outside adapters: compare it, keep it, pass
 * it back; never show or record it.
 */
export type Position = bigint;
export const START: Position = 0n;

export interface PositionedRecord extends StoredRecord {
  readonly position: Position;
  /** This process wrote it just now: false or left out where that is not certain. */
  readonly isOwn?: boolean;
}

/**
 * An event under the ledger's names in the store that is no record: another program wrote it, or an
 * administrator of the server.
 */
export interface ForeignEvent {
  /** In the stream itself, or in its metadata: its limits, its deletion. */
  readonly part: 'events' | 'metadata';
  /** The store's number in that part. */
  readonly version: number;
  readonly position: Position;
  /** Leaf hash of its bytes (RFC 6962, section 2.1), in hexadecimal. */
  readonly hash: string;
  /** The stream was deleted for good by it. */
  readonly deletes: boolean;
}

/** A record that an append led to. `text` is what is stored, UTF-8. */
export interface AppendedRecord {
  readonly version: number;
  readonly id: string;
  readonly hash: string;
  readonly text: string;
}

/**
 * What an append led to, in order. `repeated` where the same ids had been appended before.
 */
export interface Appended {
  readonly stream: string;
  readonly records: readonly AppendedRecord[];
  readonly repeated: boolean;
}

/** The stream does not end at the version that the caller read. Read and decide again. */
export class VersionConflict extends ConflictError<'version_conflict'> {
  constructor(stream: string, expected: number) {
    super('version_conflict', 'the stream moved since it was read', { stream, expected });
  }
}

/**
 * The same event id was appended before with other content: an Idempotency-Key was used for two
 * different requests.
 */
export class EventIdConflict extends ConflictError<'idempotency_key_reused'> {
  constructor(stream: string) {
    super('idempotency_key_reused', 'this Idempotency-Key was used for a different request', {
      stream,
    });
  }
}

/** Nothing was written; the same append may be sent again after `retryAfterSeconds`. */
export class StoreUnavailable extends UnavailableError<
  'store_busy' | 'store_fenced' | 'store_unreachable' | 'store_closed'
> {}

/**
 * A commit was sent and its outcome is unknown. Send the same append again: ids make it idempotent.
 */
export class AppendUncertain extends UnavailableError<'append_uncertain'> {}

/** What the store holds is not what was written. No program may continue on it. */
export class StoreDamaged extends InternalError<'store_damaged'> {}

/**
 * A stream was read up to an event that is no record of the ledger: `before` are the records before
 * it, and there is none after it.
 */
export class ForeignEventMet extends StoreDamaged {
  constructor(
    { message, facts }: StoreDamaged,
    readonly before: readonly StoredRecord[],
  ) {
    super('store_damaged', message, facts);
  }
}

/** No record yet: the expected version of a stream's first append. */
export const NONE = -1;

/**
 * The event store. Every adapter passes the same contract suite (`store.contract.ts`), which has no
 * options, and **must**:
 * - write an append's events whole or not at all, durably before the promise resolves;
 * - give version `expected + 1 + n` to the n-th event, and set `prev` to the leaf hash of the
 *   record before it;
 * - refuse with `VersionConflict` when the stream does not end at `expected`, by the database and
 *   never by a cache alone;
 * - answer the same ids at the same place with the first result and `repeated: true`, and with
 *   `EventIdConflict` where their type, schema or data differ (time and actor are those of the
 *   first);
 * - not let one item's failure fail others;
 * - refuse what no reader could parse (an id, name or data that violates the format), alone and
 *   before anything is written;
 * - refuse a record of more than 65,535 bytes, alone and before anything is written: no entry
 *   bundle of the log could hold it;
 * - write nothing, and answer with no records, where an append has no events;
 * - refuse with `StoreUnavailable('store_busy')` rather than queue without bound;
 * - return exactly the stored bytes, in order, from reads;
 * - leave out of reads only events that are no record and that an exclusion in `exclusionStream`
 *   names by place and hash: a record is read whatever an exclusion names.
 */
export abstract class EventStore {
  /** The log's origin, written into each record. */
  abstract readonly city: string;

  /** @param expected version of the last record the caller read, `NONE` for a new stream */
  abstract append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended>;

  /**
   * The records of a stream from `from` on, at most `limit`, otherwise all; empty where there is no
   * such stream. What it costs **must** not depend on how many come before or after them.
   */
  abstract readStream(
    stream: string,
    from?: number,
    limit?: number,
  ): Promise<readonly StoredRecord[]>;

  /**
   * The last record of a stream, null where there is none; at a cost independent of the stream's
   * length.
   */
  abstract readLast(stream: string): Promise<StoredRecord | null>;

  /**
   * The ends of streams, in the order of their names, null for a stream without records: one
   * question, at a cost independent of the streams' lengths. The answer **must** have every append
   * that was acknowledged anywhere before the call, and **must not** come from a cache.
   * @throws StoreDamaged where a stream was deleted
   */
  abstract streamHeads(streams: readonly string[]): Promise<readonly (StreamHead | null)[]>;

  /** `streamHeads` as part of another statement; null where records are not in such a database. */
  get headsStatement(): HeadsStatement | null {
    return null;
  }

  /**
   * At most `limit` records after `after`, in commit order; gapless, so that a reader needs no more
   * than the last position it saw.
   */
  abstract readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]>;

  /**
   * Events after `after` under the name of `stream` that are no records and not yet left out (see
   * `exclusions.ts`), in commit order, at most 256. None where the store can delete such an event
   * itself, as a row of a table; **must** never name a record, nor a possible damaged one.
   * @throws StoreDamaged where it may be one; StoreUnavailable
   */
  abstract findForeign(stream: string, after: Position): Promise<readonly ForeignEvent[]>;

  /**
   * The name under which an event is stored, record or not, and the leaf hash of its bytes in
   * hexadecimal: for streams whose names cannot be passed. Null where none begins there.
   * @throws StoreUnavailable
   */
  abstract streamAt(
    position: Position,
  ): Promise<{ readonly stream: string; readonly hash: string } | null>;

  /** Position of the last record, `START` for an empty store. */
  abstract head(): Promise<Position>;

  /**
   * Resolves where the store answers and still has everything that it acknowledged to this process;
   * readiness depends on it.
   * @throws StoreUnavailable; StoreDamaged, as long as that is so
   */
  abstract probe(): Promise<void>;

  /**
   * Pages of records after `after`: complete, in order, without duplicates; waits for new ones at
   * the end, until `signal` aborts or the store is closed. It survives an unreachable database, and
   * `StoreDamaged` ends it; an adapter wakes its subscribers on commits of its own process at once,
   * on those of others within a second.
   */
  abstract subscribe(
    after: Position,
    signal: AbortSignal,
  ): AsyncIterable<readonly PositionedRecord[]>;

  /** Lets pending appends finish, refuses new ones, and closes connections. */
  abstract close(): Promise<void>;
}

/**
 * The records of a stream from `from` on, up to a foreign event, after which no record can be. Only
 * for what must be known while the ledger accepts no records because of such an event: who its
 * administrators are.
 */
export async function readBeforeForeign(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  from = 0,
): Promise<readonly StoredRecord[]> {
  try {
    return await store.readStream(stream, from);
  } catch (error) {
    if (error instanceof ForeignEventMet) return error.before;
    throw error;
  }
}
