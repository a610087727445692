import {
  answerTaken,
  bytesOf,
  checkEvents,
  EMPTY,
  formRecords,
  type Head,
  ReadRecord,
  ToldRecord,
} from '../forming.js';
import {
  type Appended,
  EventStore,
  type ForeignEvent,
  type NewEvent,
  type Position,
  type PositionedRecord,
  START,
  type StoredRecord,
  StoreUnavailable,
  type StreamHead,
  VersionConflict,
} from '../port.js';
import { Wakeups } from '../wakeups.js';

const maxOutstanding = 4096;
const page = 1000;

/**
 * Positions begin above the safe integers, and leave gaps: opaque, as the port requires, in every
 * test on this store.
 */
const firstPosition = 1n << 54n;
/** The gap after a record, from 1 to 256, by its hash. */
const gapAfter = ({ hash }: ReadRecord): bigint =>
  BigInt(1 + Number.parseInt(hash.slice(0, 2), 16));

/**
 * The event store in one process's memory, for tests of deciders and handlers. It is not durable.
 */
export class MemoryEventStore extends EventStore {
  readonly #all: ReadRecord[] = [];
  readonly #streams = new Map<string, ReadRecord[]>();
  readonly #commits = new Wakeups();
  #outstanding = 0;
  readonly #closing = new AbortController();

  constructor(readonly city: string) {
    super();
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended> {
    if (this.#closing.signal.aborted)
      throw new StoreUnavailable('store_closed', 'the event store is shutting down', { stream });
    if (this.#outstanding >= maxOutstanding)
      throw new StoreUnavailable(
        'store_busy',
        'too many appends are waiting',
        { outstanding: this.#outstanding },
        { retryAfterSeconds: 1 },
      );
    this.#outstanding++;
    try {
      checkEvents(stream, events);
      // as in any store, an append takes a moment, in which others come
      await Promise.resolve();
      return this.#append(stream, expected, events);
    } finally {
      this.#outstanding--;
    }
  }

  #append(stream: string, expected: number, events: readonly NewEvent[]): Appended {
    if (events.length === 0) return { stream, records: [], repeated: false };
    const records = this.#streams.get(stream) ?? [];
    const last = records.at(-1);
    const head: Head = last ? { version: records.length - 1, hash: last.hash } : EMPTY;
    if (head.version > expected && expected >= EMPTY.version)
      return answerTaken(
        stream,
        expected,
        events,
        records.slice(expected + 1, expected + 1 + events.length),
      );
    if (head.version !== expected) throw new VersionConflict(stream, expected);

    const formed = formRecords(this.city, stream, head, events);
    for (const made of formed) {
      const before = this.#all.at(-1);
      const position = before === undefined ? firstPosition : before.position + gapAfter(before);
      const record = new ReadRecord(bytesOf(made), made.hash, position);
      records.push(record);
      this.#all.push(record);
    }
    this.#streams.set(stream, records);
    this.#commits.wake();
    return {
      stream,
      records: formed.map((record) => ToldRecord.formed(record)),
      repeated: false,
    };
  }

  readStream(
    stream: string,
    from = 0,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<readonly StoredRecord[]> {
    return Promise.resolve((this.#streams.get(stream) ?? []).slice(from, from + limit));
  }

  readLast(stream: string): Promise<StoredRecord | null> {
    return Promise.resolve(this.#streams.get(stream)?.at(-1) ?? null);
  }

  streamHeads(streams: readonly string[]): Promise<readonly (StreamHead | null)[]> {
    return Promise.resolve(
      streams.map((stream) => {
        const records = this.#streams.get(stream);
        const last = records?.at(-1);
        return records === undefined || last === undefined
          ? null
          : { version: records.length - 1, hash: last.hash };
      }),
    );
  }

  readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    const first = this.#firstAfter(after);
    return Promise.resolve(this.#all.slice(first, first + limit));
  }

  #firstAfter(after: Position): number {
    let [low, high] = [0, this.#all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#all[middle]?.position ?? START) <= after) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** None, because only this process writes here. */
  findForeign(): Promise<readonly ForeignEvent[]> {
    return Promise.resolve([]);
  }

  streamAt(): Promise<null> {
    return Promise.resolve(null);
  }

  head(): Promise<Position> {
    return Promise.resolve(this.#all.at(-1)?.position ?? START);
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  async *subscribe(
    after: Position,
    signal: AbortSignal,
  ): AsyncGenerator<readonly PositionedRecord[], void> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    let position = after;
    while (!ended.aborted) {
      const commit = this.#commits.next(ended);
      const records = await this.readAll(position, page);
      const last = records.at(-1);
      if (last === undefined) {
        await commit.woken;
        continue;
      }
      commit.forget();
      position = last.position;
      yield records;
    }
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }
}
