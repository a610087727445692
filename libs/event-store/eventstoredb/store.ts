import { setTimeout as wait } from 'node:timers/promises';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { checkEvents, EMPTY, type Head, type ReadRecord, storedHash } from '../forming.js';
import { HeadHints } from '../heads.js';
import {
  type Appended,
  EventStore,
  type ForeignEvent,
  ForeignEventMet,
  type NewEvent,
  NONE,
  type Position,
  type PositionedRecord,
  START,
  StoreDamaged,
  type StoredRecord,
  StoreUnavailable,
  type StreamHead,
  VersionConflict,
} from '../port.js';
import { NoAnswer, NotUnderstood } from './connection.js';
import { whyUnreachable } from './diagnosis.js';
import { Feed } from './feed.js';
import { headOf, Lane } from './lane.js';
import { eventAt, LeftOut, placeOf, readLeftOut } from './left-out.js';
import {
  bytesIn,
  eventOf,
  metadataSet,
  partOf,
  positionOf,
  revisionOf,
  StreamNames,
  toForeign,
  toRecord,
} from './records.js';
import {
  endRequest,
  readAllRequest,
  readStreamRequest,
  streamEndRequest,
  subscribeRequest,
} from './requests.js';
import { Session } from './session.js';
import { readStoreUrl, type StoreAddress } from './url.js';

export interface EventStoreDbOptions {
  /** The log's origin, in each record and as the prefix of the server's streams. */
  readonly city: string;
  /** `esdb://`, `esdb+discover://` or `kurrentdb://`: see `readStoreUrl`. */
  readonly url: string;
  /**
   * How long appends wait for an unreachable server before they fail, in milliseconds: longer than
   * an election takes.
   */
  readonly patienceMs?: number;
  /**
   * How long an append may stay unanswered before it is sent again, in milliseconds: pings detect a
   * frozen server.
   */
  readonly answerMs?: number;
  /** How long reads wait for an unreachable server, in milliseconds. */
  readonly readPatienceMs?: number;
  /**
   * After this time without events, in milliseconds, a subscription checks that it is still
   * connected to the log's end.
   */
  readonly quietMs?: number;
  /**
   * How long a read waits for the next event, in milliseconds: longer than the server's search
   * through others' events takes.
   */
  readonly silenceMs?: number;
}

type Recorded = ReadResp.ReadEvent.RecordedEvent;

const pageSize = 1000;
/** Foreign events named at once: the record that names them stays below the size limit. */
const maxForeign = 256;
const maxOutstanding = 4096;
/** Longest pause before a broken subscription is reopened. */
const maxPauseMs = 1000;

/**
 * The event store on EventStoreDB 21.10 or later, or KurrentDB: any number of processes write
 * concurrently, judged by the leader, and positions are those of the server's log, increasing and
 * never dense. A city's streams begin with `<city>/` on a server that others may share; an event
 * under it that is no record stops every reader, unless two administrators have left it out.
 */
export class EventStoreDbEventStore extends EventStore {
  readonly city: string;
  readonly #names: StreamNames;
  readonly #session: Session;
  readonly #hints = new HeadHints();
  readonly #lanes = new Map<string, Lane>();
  readonly #closing = new AbortController();
  /** As far as this process has read them. */
  #leftOut = LeftOut.nothing;
  readonly #patienceMs: number;
  readonly #quietMs: number;
  #outstanding = 0;
  #idle: (() => void)[] = [];

  /**
   * @throws StoreUrlInvalid; StoreUnavailable where no node answers, with `facts.why` where the
   *   cause is known
   */
  static async open(options: EventStoreDbOptions): Promise<EventStoreDbEventStore> {
    const address = readStoreUrl(options.url);
    const store = new EventStoreDbEventStore(options, address);
    try {
      await store.#session.read(endRequest(), 1);
      return store;
    } catch (error) {
      await store.close();
      // gRPC has one error for every failed connection.
      if (error instanceof StoreUnavailable && error.cause instanceof NoAnswer)
        throw (await whyUnreachable(address, error)) ?? error;
      throw error;
    }
  }

  private constructor(options: EventStoreDbOptions, address: StoreAddress) {
    super();
    const { patienceMs = 5000, answerMs = 10_000, quietMs = 5000 } = options;
    const { readPatienceMs = 5000, silenceMs = 30_000 } = options;
    this.city = options.city;
    this.#names = new StreamNames(options.city);
    this.#patienceMs = patienceMs;
    this.#quietMs = quietMs;
    this.#session = new Session(address, {
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
    // Versions outside this range cannot exist.
    if (!Number.isInteger(expected) || expected < NONE || expected + events.length > 0x7fffffff)
      throw new VersionConflict(stream, expected);
    if (this.#closing.signal.aborted)
      throw new StoreUnavailable('store_closed', 'the event store is closed');
    if (this.#outstanding >= maxOutstanding)
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
      readHead: () => this.#readHead(stream),
      readAbsent: async () => {
        await this.#mustNotBeDeleted(stream);
        return EMPTY;
      },
      revisionOf: (version) => this.#leftOut.revisionOf(stream, version),
    });
    this.#lanes.set(stream, lane);
    // After all callers in this turn of the event loop have queued their appends.
    setImmediate(() => void lane.run(() => this.#lanes.delete(stream)));
    return lane;
  }

  /** @throws StoreDamaged */
  async #readHead(stream: string): Promise<Head> {
    const [last] = await Promise.all([this.#readLast(stream), this.#mustNotBeDeleted(stream)]);
    return headOf(last);
  }

  /**
   * A deleted stream reads as one that never existed, and the server continues its numbering: its
   * metadata show the difference.
   * @throws StoreDamaged
   */
  #mustNotBeDeleted(stream: string): Promise<void> {
    return this.#knowing(async () => {
      const [set] = await this.#session.read(streamEndRequest(this.#names.metadataOf(stream)), 1);
      if (set !== undefined && !this.#leftOut.hasNoLimit(set, this.#names))
        throw metadataSet(set, stream);
    });
  }

  /**
   * The result of `read`. On damage it is tried again with the current exclusions.
   * @throws StoreDamaged where no exclusion names what it met
   */
  async #knowing<Result>(read: () => Promise<Result>): Promise<Result> {
    for (;;) {
      const before = this.#leftOut;
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof StoreDamaged) || !(await this.#learnsAfter(error, before)))
          throw error;
      }
    }
  }

  /** Reads the exclusions. @returns whether they differ from `before` */
  async #learns(before: LeftOut): Promise<boolean> {
    if (this.#leftOut === before)
      this.#leftOut = await readLeftOut(this.#session, this.#names, before);
    return this.#leftOut !== before;
  }

  /** As `learns`; where the exclusions cannot be believed, both errors are reported. */
  async #learnsAfter(met: StoreDamaged, before: LeftOut): Promise<boolean> {
    try {
      return await this.#learns(before);
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error;
      const message = `${met.message}; what was left out is not known: ${error.message}`;
      throw new StoreDamaged('store_damaged', message, met.facts, { cause: error });
    }
  }

  #toRecord(event: Recorded, position: Position): ReadRecord {
    return toRecord(event, this.#names, position, this.#leftOut);
  }

  async readStream(stream: string, from = 0, limit?: number): Promise<readonly StoredRecord[]> {
    if (limit === 0) return [];
    const records = await this.#readStream(stream, from, limit);
    const last = records.at(-1);
    if (last !== undefined)
      this.#hints.seen(stream, { version: from + records.length - 1, hash: last.hash });
    // No decision may rest on a stream that reads as empty because it was deleted.
    else if (from === 0) {
      await this.#mustNotBeDeleted(stream);
      this.#hints.seen(stream, EMPTY);
    }
    return records;
  }

  async readLast(stream: string): Promise<StoredRecord | null> {
    const record = await this.#readLast(stream);
    if (record === undefined) return null;
    this.#hints.seen(stream, { version: record.body.version, hash: record.hash });
    return record;
  }

  /**
   * Short reads side by side: the server has no question about several streams. A stream that is
   * not there takes as long as one that is.
   */
  streamHeads(streams: readonly string[]): Promise<readonly (StreamHead | null)[]> {
    return Promise.all(
      streams.map(async (stream) => {
        const [last] = await Promise.all([this.readLast(stream), this.#mustNotBeDeleted(stream)]);
        return last && { version: last.body.version, hash: last.hash };
      }),
    );
  }

  #readLast(stream: string): Promise<StoredRecord | undefined> {
    return this.#knowing(async () => {
      const limit = 1 + this.#leftOut.among(stream);
      const events = await this.#session.read(
        streamEndRequest(this.#names.of(stream), limit),
        limit,
      );
      const last = events.find((event) => !this.#leftOut.skips(event, stream, this.#names));
      return last && this.#toRecord(last, START);
    });
  }

  #readStream(
    stream: string,
    from: number,
    most = Number.POSITIVE_INFINITY,
  ): Promise<StoredRecord[]> {
    return this.#knowing(async () => {
      const leftOut = this.#leftOut;
      const limit = most + leftOut.among(stream);
      const events = await this.#session.read(
        readStreamRequest(
          this.#names.of(stream),
          leftOut.revisionOf(stream, from),
          Number.isFinite(limit) ? limit : undefined,
        ),
        limit,
      );
      const records: StoredRecord[] = [];
      for (const event of events) {
        if (leftOut.skips(event, stream, this.#names)) continue;
        if (records.length === most) break;
        try {
          records.push(toRecord(event, this.#names, START, leftOut));
        } catch (error) {
          if (!(error instanceof StoreDamaged) || error.facts['kind'] !== 'foreign') throw error;
          throw new ForeignEventMet(error, records);
        }
        // Compared after it: that a foreign event is there explains a gap.
        if (revisionOf(event) !== leftOut.revisionOf(stream, from + records.length - 1))
          throw new StoreDamaged('store_damaged', 'a stream has a gap', { stream });
      }
      return records;
    });
  }

  readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    return this.#knowing(async () => {
      const records: PositionedRecord[] = [];
      for (let from = after; records.length < limit;) {
        const wanted = limit - records.length;
        const events = await this.#readPage(from, wanted);
        for (const event of events.slice(0, wanted)) {
          from = positionOf(event);
          if (!this.#leftOut.has(event, this.#names)) records.push(this.#toRecord(event, from));
        }
        if (events.length < wanted) break;
      }
      return records;
    });
  }

  /** At least `limit` events after `after`, fewer where there are no more. */
  async #readPage(after: Position, limit: number): Promise<readonly Recorded[]> {
    // A read begins with the event at its position, which the reader has already.
    const count = after === START ? limit : limit + 1;
    const request = readAllRequest(this.#names.prefixes, after, count);
    const events = await this.#session.read(request, count).catch(async (error: unknown) => {
      // A server may refuse a position that it once had and has lost.
      if (error instanceof NotUnderstood && after > positionIn(await this.#last()))
        throw new StoreDamaged(
          'store_damaged',
          'the event store ends before records that were read from it',
          {},
          { cause: error },
        );
      throw error;
    });
    return events.filter((event) => positionIn(event) > after);
  }

  async findForeign(stream: string, after: Position): Promise<readonly ForeignEvent[]> {
    // An exclusion that is not read yet would be named a second time.
    await this.#learns(this.#leftOut);
    const names = [this.#names.of(stream), this.#names.metadataOf(stream)];
    const found: ForeignEvent[] = [];
    for (let from = after; ;) {
      const request = readAllRequest(names, from, pageSize);
      const events = await this.#session.read(request, pageSize);
      for (const event of events) {
        // Names of other streams may begin with this one.
        if (partOf(event, this.#names).stream !== stream || positionIn(event) <= from) continue;
        if (this.#leftOut.has(event, this.#names)) continue;
        const foreign = toForeign(event, this.#names, this.#leftOut);
        if (foreign === null) continue;
        if (found.length < maxForeign) found.push(foreign);
        // The stream's last metadata decide, however many were set before.
        else if (foreign.part === 'metadata') found[maxForeign - 1] = foreign;
      }
      if (events.length < pageSize) break;
      from = placeOf(events.at(-1));
    }
    return found;
  }

  async streamAt(
    position: Position,
  ): Promise<{ readonly stream: string; readonly hash: string } | null> {
    const event = await eventAt(this.#session, this.#names, position);
    if (event === undefined) return null;
    return { stream: partOf(event, this.#names).stream, hash: storedHash(bytesIn(event)) };
  }

  /** An excluded event is never the last: its exclusion comes after it. */
  async head(): Promise<Position> {
    const [last] = await this.#session.read(endRequest(this.#names.prefixes), 1);
    return placeOf(last);
  }

  probe(): Promise<void> {
    return this.#session.probe();
  }

  /**
   * Survives an unreachable server and a change of leader: it continues after the last record that
   * it gave.
   */
  async *subscribe(
    after: Position,
    signal: AbortSignal,
  ): AsyncGenerator<readonly PositionedRecord[], void> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    const seen: Seen = { upTo: after };
    let pause = 20;
    while (!ended.aborted) {
      const leftOut = this.#leftOut;
      try {
        for await (const page of this.#follow(seen, ended)) {
          pause = 20;
          yield page;
        }
      } catch (error) {
        if (error instanceof StoreDamaged && (await this.#learnsIfThere(error, leftOut))) continue;
        const mayComeBack = error instanceof NoAnswer || error instanceof StoreUnavailable;
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have been aborted meanwhile
        if (ended.aborted) return;
        if (!mayComeBack) throw error;
        await wait(pause, undefined, { signal: ended }).catch(() => undefined);
        pause = Math.min(2 * pause, maxPauseMs);
      }
    }
  }

  /** As `learnsAfter`; waiting for an unreachable server is left to the caller. */
  async #learnsIfThere(met: StoreDamaged, before: LeftOut): Promise<boolean> {
    try {
      return await this.#learnsAfter(met, before);
    } catch (error) {
      if (error instanceof StoreUnavailable) return true;
      throw error;
    }
  }

  /** Reads whole pages while there are any, then subscribes after them. */
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
      await this.#session.subscribe(subscribeRequest(this.#names.prefixes, seen.upTo)),
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
   * Silence may mean that the server was cut off from its cluster, so the leader is asked for the
   * end of its whole log. Only where that is further on it is asked for this city's events: a long
   * log of other programs' events is not searched twice.
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

  /** The last event of the leader's whole log. */
  async #last(): Promise<ReadResp.ReadEvent.RecordedEvent | undefined> {
    return (await this.#session.read(endRequest(), 1))[0];
  }

  #positioned(response: ReadResp): PositionedRecord | undefined {
    const event = eventOf(response);
    if (event === undefined || this.#leftOut.has(event, this.#names)) return undefined;
    return this.#toRecord(event, positionOf(event));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#outstanding > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#session.end();
  }
}

const positionIn = (event: ReadResp.ReadEvent.RecordedEvent | undefined): Position =>
  BigInt(event?.getCommitPosition() ?? START);

/** A subscriber's progress: everything of this city up to there was delivered. */
interface Seen {
  upTo: Position;
}

function pass(seen: Seen, page: readonly PositionedRecord[], passed: Position = START): void {
  for (const position of [page.at(-1)?.position ?? START, passed])
    if (position > seen.upTo) seen.upTo = position;
}
