import { setTimeout as wait } from 'node:timers/promises';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { checkEvents } from '../forming.js';
import { HeadHints } from '../heads.js';
import {
  type Appended,
  EventStore,
  type NewEvent,
  NONE,
  type Position,
  type PositionedRecord,
  START,
  StoreDamaged,
  type StoredRecord,
  StoreUnavailable,
  VersionConflict,
} from '../port.js';
import { NoAnswer, NotUnderstood } from './connection.js';
import { Feed } from './feed.js';
import { headOf, Lane } from './lane.js';
import { eventOf, positionOf, StreamNames, toRecord } from './records.js';
import {
  endRequest,
  readAllRequest,
  readStreamRequest,
  streamEndRequest,
  subscribeRequest,
} from './requests.js';
import { Session } from './session.js';
import { readStoreUrl } from './url.js';

export interface EventStoreDbOptions {
  /** The log's origin, written into each record; streams stand under it in the server. */
  readonly city: string;
  /** `esdb://`, `esdb+discover://` or `kurrentdb://`: see `readStoreUrl`. */
  readonly url: string;
  /** How long appends wait for a server that went away before their callers are told, in milliseconds: longer than an election takes. */
  readonly patienceMs?: number;
  /** How long an append may stay unanswered before it is sent again, in milliseconds. */
  readonly answerMs?: number;
  /** How long reads wait for a server that went away, in milliseconds. */
  readonly readPatienceMs?: number;
  /** After so many silent milliseconds a subscription looks whether it is still connected to the log's end. */
  readonly quietMs?: number;
  /** How long a read waits for the next event, in milliseconds: longer than the server's search through others' events takes. */
  readonly silenceMs?: number;
}

const pageSize = 1000;
const mostOutstanding = 4096;
/** Longest pause before a subscription that broke is opened again. */
const mostPauseMs = 1000;

/**
 * The event store on EventStoreDB 21.10 or later, or KurrentDB. Any number of processes write side by side: the expected revision of each append
 * is judged by the leader. Positions are those of the server's own log: increasing, never dense.
 *
 * Other ledgers and other programs may share the server; a city's streams are those whose names begin with `<city>/`, and the server itself leaves
 * everything else, its own events included, out of what is read. What stands under these names and is no record ends everything that meets it.
 */
export class EventStoreDbEventStore extends EventStore {
  readonly city: string;
  readonly #names: StreamNames;
  readonly #session: Session;
  readonly #hints = new HeadHints();
  readonly #lanes = new Map<string, Lane>();
  readonly #closing = new AbortController();
  readonly #patienceMs: number;
  readonly #quietMs: number;
  #outstanding = 0;
  #idle: (() => void)[] = [];

  /** @throws StoreUrlInvalid; StoreUnavailable where no node answers */
  static async open(options: EventStoreDbOptions): Promise<EventStoreDbEventStore> {
    const store = new EventStoreDbEventStore(options);
    try {
      await store.#session.read(endRequest(), 1);
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  private constructor(options: EventStoreDbOptions) {
    super();
    const { patienceMs = 5000, answerMs = 10_000, quietMs = 5000 } = options;
    const { readPatienceMs = 5000, silenceMs = 30_000 } = options;
    this.city = options.city;
    this.#names = new StreamNames(options.city);
    this.#patienceMs = patienceMs;
    this.#quietMs = quietMs;
    this.#session = new Session(readStoreUrl(options.url), {
      answerMs,
      readPatienceMs,
      silenceMs,
    });
  }

  /** Appends that wait for their answer, of the 4,096 that may. */
  get outstanding(): number {
    return this.#outstanding;
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended> {
    checkEvents(stream, events);
    if (events.length === 0) return { stream, records: [], repeated: false };
    // Outside what a version can be, no stream ends there.
    if (!Number.isInteger(expected) || expected < NONE || expected + events.length > 0x7fffffff)
      throw new VersionConflict(stream, expected);
    if (this.#closing.signal.aborted)
      throw new StoreUnavailable('store_closed', 'the event store is closed');
    if (this.#outstanding >= mostOutstanding)
      throw new StoreUnavailable(
        'store_busy',
        'too many appends are waiting',
        { outstanding: this.#outstanding },
        { retryAfterSeconds: 1 },
      );
    this.#outstanding++;
    try {
      return await new Promise<Appended>((resolve, reject) => {
        this.#laneOf(stream).push({ expected, events, sent: false, resolve, reject });
      });
    } finally {
      this.#outstanding--;
      if (this.#outstanding === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #laneOf(stream: string): Lane {
    const open = this.#lanes.get(stream);
    if (open !== undefined) return open;
    const name = this.#names.of(stream);
    const lane = new Lane({
      city: this.city,
      name,
      stream,
      session: this.#session,
      hints: this.#hints,
      patienceMs: this.#patienceMs,
      read: (from, limit) => this.#readStream(stream, from, limit),
      readHead: async () => {
        const [last] = await this.#session.read(streamEndRequest(name), 1);
        return headOf(last && toRecord(last, this.#names, START));
      },
    });
    this.#lanes.set(stream, lane);
    // After the callers of this turn of the event loop have queued theirs, too.
    setImmediate(() => void lane.run(() => this.#lanes.delete(stream)));
    return lane;
  }

  async readStream(stream: string, from = 0): Promise<readonly StoredRecord[]> {
    const records = await this.#readStream(stream, from);
    const last = records.at(-1);
    if (last !== undefined)
      this.#hints.seen(stream, { version: from + records.length - 1, hash: last.hash });
    return records;
  }

  async #readStream(stream: string, from: number, limit?: number): Promise<StoredRecord[]> {
    const events = await this.#session.read(
      readStreamRequest(this.#names.of(stream), from, limit),
      limit ?? Number.POSITIVE_INFINITY,
    );
    return events.map((event, n) => {
      if (event.getStreamRevision() !== String(from + n))
        throw new StoreDamaged('store_damaged', 'a stream has a gap', { stream });
      return toRecord(event, this.#names, START);
    });
  }

  async readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    if (limit <= 0) return [];
    // A read begins with the event at its position: the one that the reader has.
    const request = readAllRequest(this.#names.prefix, after, limit + 1);
    const events = await this.#session.read(request, limit + 1).catch(async (error: unknown) => {
      // A place that it had once, and has no more, is what a server may refuse to know.
      if (error instanceof NotUnderstood && after > positionIn(await this.#last()))
        throw new StoreDamaged(
          'store_damaged',
          'the event store ends before records that were read from it',
          {},
          { cause: error },
        );
      throw error;
    });
    return events
      .map((event) => toRecord(event, this.#names, positionOf(event)))
      .filter(({ position }) => position > after)
      .slice(0, limit);
  }

  async head(): Promise<Position> {
    const [last] = await this.#session.read(endRequest(this.#names.prefix), 1);
    return last === undefined ? START : positionOf(last);
  }

  /** Outlives a server that is away and a leader that changes: it goes on behind the last record that it gave. */
  async *subscribe(
    after: Position,
    signal: AbortSignal,
  ): AsyncGenerator<readonly PositionedRecord[], void> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    const seen: Seen = { upTo: after };
    let pause = 20;
    while (!ended.aborted) {
      try {
        for await (const page of this.#follow(seen, ended)) {
          pause = 20;
          yield page;
        }
      } catch (error) {
        const mayComeBack = error instanceof NoAnswer || error instanceof StoreUnavailable;
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have been aborted meanwhile
        if (ended.aborted) return;
        if (!mayComeBack) throw error;
        await wait(pause, undefined, { signal: ended }).catch(() => undefined);
        pause = Math.min(2 * pause, mostPauseMs);
      }
    }
  }

  /** Whole pages by reading as long as there are any, then what comes, by a subscription behind them. */
  async *#follow(
    seen: Seen,
    ended: AbortSignal,
  ): AsyncGenerator<readonly PositionedRecord[], void> {
    for (let full = true; full && !ended.aborted;) {
      const page = await this.readAll(seen.upTo, pageSize);
      full = page.length === pageSize;
      if (page.length === 0) break;
      pass(seen, page);
      yield page;
    }
    if (ended.aborted) return;
    const feed = new Feed(
      await this.#session.subscribe(subscribeRequest(this.#names.prefix, seen.upTo)),
      (response) => this.#positioned(response),
    );
    try {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it changes while this waits
      while (!ended.aborted) {
        let page = await feed.take(this.#quietMs, ended);
        const isLate = page.length === 0 && (await this.#isLate(seen, ended));
        if (isLate) page = await feed.take(this.#quietMs, ended);
        if (isLate && page.length === 0) return;
        pass(seen, page, feed.passed);
        if (page.length > 0) yield page;
      }
    } finally {
      feed.close();
    }
  }

  /**
   * Silence may be a server that has been cut off from its cluster: the leader knows whether there is more. It is asked for the end of all that it
   * has, and only where that is further on, what of it is ours: of a long log of others' events nothing is searched twice.
   */
  async #isLate(seen: Seen, ended: AbortSignal): Promise<boolean> {
    if (ended.aborted) return false;
    const last = await this.#last();
    const end = positionIn(last);
    if (end <= seen.upTo) return false;
    if ((await this.readAll(seen.upTo, 1)).length > 0) return true;
    if (last?.getPreparePosition() === last?.getCommitPosition()) seen.upTo = end;
    return false;
  }

  /** The last event of all that the leader has, whosever it is. */
  async #last(): Promise<ReadResp.ReadEvent.RecordedEvent | undefined> {
    return (await this.#session.read(endRequest(), 1))[0];
  }

  #positioned(response: ReadResp): PositionedRecord | undefined {
    const event = eventOf(response);
    return event && toRecord(event, this.#names, positionOf(event));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#outstanding > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#session.end();
  }
}

const positionIn = (event: ReadResp.ReadEvent.RecordedEvent | undefined): Position =>
  BigInt(event?.getCommitPosition() ?? START);

/** How far a subscriber is: what is ours up to there was given to him. */
interface Seen {
  upTo: Position;
}

function pass(seen: Seen, page: readonly PositionedRecord[], passed: Position = START): void {
  for (const position of [page.at(-1)?.position ?? START, passed])
    if (position > seen.upTo) seen.upTo = position;
}
