import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { checkEvents, ReadRecord, storedHash } from '../forming.js';
import {
  type Appended,
  EventStore,
  type ForeignEvent,
  type HeadRow,
  type HeadsStatement,
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
import { Wakeups } from '../wakeups.js';
import { isLost } from './connection.js';
import { HeadHints } from '../heads.js';
import { Gathered } from '../gathered.js';
import { RecentRecords } from './recent.js';
import { Writer } from './writer.js';

export interface PostgresEventStoreOptions {
  /** The log's origin, written into each record. */
  readonly city: string;
  /** A shared pool, which stays open at the end; or, instead, where to connect. */
  readonly pool?: pg.Pool;
  readonly connectionString?: string;
  /** Fences every open writer, as a restore does. */
  readonly takeOver?: boolean;
  /** How soon subscribers see commits of other processes, in milliseconds. */
  readonly pollMs?: number;
  /**
   * How long appends wait for an unreachable database before they fail, in milliseconds: longer
   * than its restart takes.
   */
  readonly patienceMs?: number;
  /**
   * How long a batch may stay unanswered before its connection is given up, in milliseconds: longer
   * than any batch takes.
   */
  readonly answerMs?: number;
}

const pageSize = 1000;

const selectStream = `
  SELECT version, hash, bytes, position FROM log_record WHERE stream = $1 AND version >= $2 ORDER BY version LIMIT $3`;
const selectLast = `
  SELECT version, hash, bytes, position FROM log_record WHERE stream = $1 ORDER BY version DESC LIMIT 1`;
const selectHeads = `
  SELECT q.place, head.version, head.hash
  FROM unnest($1::text[]) WITH ORDINALITY AS q (stream, place)
  CROSS JOIN LATERAL (
    SELECT version, hash FROM log_record r WHERE r.stream = q.stream ORDER BY version DESC LIMIT 1
  ) head`;
/** Also of a row that was put behind the head: its readers find it. */
const selectEnd = `
  SELECT greatest(position, (SELECT max(position) FROM log_record)) AS position FROM log_head`;
const selectAll = `
  SELECT version, hash, bytes, position FROM log_record WHERE position > $1 ORDER BY position LIMIT $2`;

interface Row {
  readonly version: number;
  readonly hash: Buffer;
  readonly bytes: Buffer;
  readonly position: string;
}

/**
 * The event store on PostgreSQL, embedded or by URL, on tables of `eventStoreMigrations` (or
 * `createEventStore`); writers of one epoch work concurrently. A restore begins a new epoch in the
 * head row, which fences earlier processes; `takeOver`, for tests, begins one too.
 */
export class PostgresEventStore extends EventStore {
  readonly city: string;
  readonly #pool: pg.Pool;
  readonly #ownsPool: boolean;
  readonly #pollMs: number;
  readonly #writer: Writer;
  readonly #hints = new HeadHints();
  readonly #recent = new RecentRecords();
  /** The looks of one moment, of all requests, are one statement. */
  readonly #heads = new Gathered((streams: readonly string[]) => this.#headsOf(streams));
  readonly #commits = new Wakeups();
  readonly #closing = new AbortController();
  #polling = false;
  /** The end of the table, as the poll saw it last. */
  #end: Position = START;
  /** A position that was acknowledged here; a database that ends before it is an older copy. */
  #acknowledged: Position = START;
  #subscribers = 0;

  /**
   * @throws StoreUnavailable where the database does not answer; StoreDamaged where it has no head
   * row
   */
  static async open(options: PostgresEventStoreOptions): Promise<PostgresEventStore> {
    const { pool, connectionString, takeOver } = options;
    const own =
      pool ?? new pg.Pool({ ...(connectionString !== undefined && { connectionString }) });
    // The pool replaces an idle connection that breaks; without a listener the event would end the
    // process.
    if (pool === undefined) own.on('error', () => undefined);
    const { rows } = await guarded(
      own.query<{ epoch: string }>(
        takeOver === true
          ? 'UPDATE log_head SET epoch = epoch + 1 RETURNING epoch'
          : 'SELECT epoch FROM log_head',
      ),
    );
    const [head] = rows;
    if (head === undefined) throw new StoreDamaged('store_damaged', 'the head row is missing');
    return new PostgresEventStore(options, own, BigInt(head.epoch));
  }

  private constructor(
    options: PostgresEventStoreOptions,
    pool: pg.Pool,
    readonly epoch: bigint,
  ) {
    super();
    this.city = options.city;
    this.#pool = pool;
    this.#ownsPool = options.pool === undefined;
    this.#pollMs = options.pollMs ?? 250;
    this.#writer = new Writer({
      config: pool.options,
      city: options.city,
      epoch,
      hints: this.#hints,
      patienceMs: options.patienceMs ?? 5000,
      answerMs: options.answerMs ?? 35_000,
      committed: (base, records) => {
        if (base > this.#acknowledged) this.#acknowledged = base;
        if (this.#subscribers === 0) return;
        this.#recent.add(base, records());
        this.#commits.wake();
      },
    });
  }

  /** Appends that wait for their answer, of the 4,096 that may. */
  get outstanding(): number {
    return this.#writer.outstanding;
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended> {
    checkEvents(stream, events);
    if (events.length === 0) return { stream, records: [], repeated: false };
    // Versions outside this range cannot exist.
    if (!Number.isInteger(expected) || expected < NONE || expected + events.length > 0x7fffffff)
      throw new VersionConflict(stream, expected);
    return this.#writer.append(stream, expected, events);
  }

  async readStream(stream: string, from = 0, limit?: number): Promise<readonly StoredRecord[]> {
    // no stream can have this name; PostgreSQL would fail
    if (stream.includes('\0')) return [];
    const { rows } = await guarded(
      this.#pool.query<Row>({
        name: 'event_store_read_stream',
        text: selectStream,
        values: [stream, from, limit ?? null],
      }),
    );
    const records = rows.map((row, n) => {
      if (row.version !== from + n)
        throw new StoreDamaged('store_damaged', 'a stream has a gap', { stream });
      return toRecord(row, stream);
    });
    const last = records.at(-1);
    if (last !== undefined)
      this.#hints.seen(stream, { version: from + records.length - 1, hash: last.hash });
    return records;
  }

  async readLast(stream: string): Promise<StoredRecord | null> {
    if (stream.includes('\0')) return null;
    const { rows } = await guarded(
      this.#pool.query<Row>({
        name: 'event_store_read_last',
        text: selectLast,
        values: [stream],
      }),
    );
    const [row] = rows;
    if (row === undefined) return null;
    const record = toRecord(row, stream);
    this.#hints.seen(stream, { version: row.version, hash: record.hash });
    return record;
  }

  streamHeads(streams: readonly string[]): Promise<readonly (StreamHead | null)[]> {
    return this.#heads.of(streams);
  }

  async #headsOf(streams: readonly string[]): Promise<readonly (StreamHead | null)[]> {
    const { rows } = await guarded(
      this.#pool.query<HeadRow>({
        name: 'event_store_stream_heads',
        text: selectHeads,
        values: [namesOf(streams)],
      }),
    );
    return this.#headsIn(streams, rows);
  }

  override get headsStatement(): HeadsStatement {
    return {
      pool: this.#pool,
      text: selectHeads,
      names: namesOf,
      heads: (streams, rows) => this.#headsIn(streams, rows),
    };
  }

  #headsIn(streams: readonly string[], rows: readonly HeadRow[]): readonly (StreamHead | null)[] {
    const heads = streams.map((): StreamHead | null => null);
    for (const { place, version, hash } of rows) {
      const at = Number(place) - 1;
      const head = { version, hash: hash.toString('hex') };
      heads[at] = head;
      this.#hints.seen(streams[at] ?? '', head);
    }
    return heads;
  }

  async readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    const { rows } = await guarded(
      this.#pool.query<Row>({
        name: 'event_store_read_all',
        text: selectAll,
        values: [after, limit],
      }),
    );
    const records: ReadRecord[] = [];
    for (const row of rows) {
      const leaf = storedHash(row.bytes);
      if (leaf !== row.hash.toString('hex')) throw await this.#damagedAt(changed, row);
      const record = new ReadRecord(row.bytes, leaf, BigInt(row.position));
      if (record.position !== after + BigInt(records.length) + 1n)
        throw await this.#damagedAt('positions have a gap before a record', row);
      records.push(record);
    }
    return records;
  }

  /** None: a row that is no record can be deleted in the database (docs/operations/alarms.md). */
  findForeign(): Promise<readonly ForeignEvent[]> {
    return Promise.resolve([]);
  }

  streamAt(): Promise<null> {
    return Promise.resolve(null);
  }

  async head(): Promise<Position> {
    const { rows } = await guarded(
      this.#pool.query<{ position: string }>('SELECT position FROM log_head'),
    );
    return rows[0] === undefined ? START : BigInt(rows[0].position);
  }

  /** The feed does not read stream names: one is read where its record is damaged. */
  async #damagedAt(what: string, { position, version }: Row): Promise<StoreDamaged> {
    const { rows } = await guarded(
      this.#pool.query<{ stream: string }>('SELECT stream FROM log_record WHERE position = $1', [
        position,
      ]),
    );
    return damagedAt(what, rows[0]?.stream ?? '', version, position);
  }

  async probe(): Promise<void> {
    const acknowledged = this.#acknowledged;
    if ((await this.head()) < acknowledged)
      throw new StoreDamaged(
        'store_damaged',
        'the event store ends before records that it acknowledged',
        { position: String(acknowledged) },
      );
  }

  /** Survives an unreachable database: it continues where it was. */
  async *subscribe(
    after: Position,
    signal: AbortSignal,
  ): AsyncGenerator<readonly PositionedRecord[], void> {
    this.#subscribers++;
    try {
      yield* this.#follow(after, AbortSignal.any([signal, this.#closing.signal]));
    } finally {
      this.#subscribers--;
    }
  }

  async *#follow(
    after: Position,
    ended: AbortSignal,
  ): AsyncGenerator<readonly PositionedRecord[], void> {
    let position = after;
    for (let first = true; !ended.aborted; first = false) {
      // Before the read, so that a commit between the read and the sleep wakes it.
      const commit = this.#commits.next(ended);
      const records = await this.#page(position, first, ended);
      const last = records.at(-1);
      if (last === undefined) {
        void this.#poll();
        await commit.woken;
        continue;
      }
      commit.forget();
      position = last.position;
      yield records;
    }
  }

  /** Nothing is read after the latest commit of this process, unless the poll saw more. */
  async #page(
    after: Position,
    first: boolean,
    ended: AbortSignal,
  ): Promise<readonly PositionedRecord[]> {
    const recent = this.#recent.after(after, pageSize);
    if (recent.length > 0) return recent;
    if (!first && this.#recent.endsAt(after) && this.#end <= after) return [];
    while (!ended.aborted) {
      try {
        return await this.readAll(after, pageSize);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await wait(this.#pollMs, undefined, { signal: ended }).catch(() => undefined);
      }
    }
    return [];
  }

  async #endOfTable(): Promise<Position> {
    const { rows } = await guarded(
      this.#pool.query<{ position: string }>({ name: 'event_store_end', text: selectEnd }),
    );
    return BigInt(rows[0]?.position ?? START);
  }

  /** One loop for all sleeping subscribers: checks whether other processes have committed. */
  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    let seen: Position | undefined;
    while (this.#commits.awaited && !this.#closing.signal.aborted) {
      const end = await this.#endOfTable().catch(() => seen);
      if (end !== undefined) this.#end = end;
      // The first check wakes all of them, too: an earlier commit may have been missed.
      if (end !== seen) this.#commits.wake();
      seen = end;
      await wait(this.#pollMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
    this.#polling = false;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writer.close();
    if (this.#ownsPool && !this.#pool.ending) await this.#pool.end();
  }
}

/** PostgreSQL takes no NUL, and no stream has one in its name. */
const namesOf = (streams: readonly string[]): string[] =>
  streams.map((stream) => (stream.includes('\0') ? '' : stream));

const changed = 'a record is not what was written';

function toRecord({ hash, bytes, position, version }: Row, stream: string): ReadRecord {
  const leaf = storedHash(bytes);
  if (leaf !== hash.toString('hex')) throw damagedAt(changed, stream, version, position);
  return new ReadRecord(bytes, leaf, BigInt(position));
}

const damagedAt = (what: string, stream: string, version: number, position: string) =>
  new StoreDamaged(
    'store_damaged',
    `${what} (stream ${stream}, version ${version}, position ${position})`,
    { stream, version, position },
  );

/** Turns a missing answer of the database into an error of the port. */
async function guarded<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (cause) {
    if (!isLost(cause)) throw cause;
    throw new StoreUnavailable(
      'store_unreachable',
      'the database does not answer',
      {},
      { cause, retryAfterSeconds: 2 },
    );
  }
}
