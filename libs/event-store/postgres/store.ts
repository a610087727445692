import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { checkEvents, ReadRecord, storedHash } from '../forming.js';
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
import { Wakeups } from '../wakeups.js';
import { isLost } from './connection.js';
import { HeadHints } from '../heads.js';
import { RecentRecords } from './recent.js';
import { Writer } from './writer.js';

export interface PostgresEventStoreOptions {
  /** The log's origin, written into each record. */
  readonly city: string;
  /** Shared with others and left open at the end; or, instead, where to connect. */
  readonly pool?: pg.Pool;
  readonly connectionString?: string;
  /** Takes over from every writer that is open, as a restore does: they are fenced from now on. */
  readonly takeOver?: boolean;
  /** How soon commits of other processes are seen by subscribers, in milliseconds. */
  readonly pollMs?: number;
  /** How long appends wait for a database that went away before their callers are told, in milliseconds: longer than its restart takes. */
  readonly patienceMs?: number;
  /** How long a batch may stay unanswered before its connection is given up, in milliseconds: longer than any batch takes. */
  readonly answerMs?: number;
}

const pageSize = 1000;

const selectStream = `
  SELECT version, hash, bytes, position FROM log_record WHERE stream = $1 AND version >= $2 ORDER BY version`;
const selectAll = `
  SELECT version, hash, bytes, position FROM log_record WHERE position > $1 ORDER BY position LIMIT $2`;

interface Row {
  readonly version: number;
  readonly hash: Buffer;
  readonly bytes: Buffer;
  readonly position: string;
}

/**
 * The event store on PostgreSQL, embedded or by URL. Its tables come from `eventStoreMigrations` (or `createEventStore`).
 * Writers of one epoch work side by side. A new epoch begins with a restore, which sets it in the head row: a process that wrote before it
 * changes nothing any more. `takeOver` begins one, too, and no program asks for it: it is for tests.
 */
export class PostgresEventStore extends EventStore {
  readonly city: string;
  readonly #pool: pg.Pool;
  readonly #ownsPool: boolean;
  readonly #pollMs: number;
  readonly #writer: Writer;
  readonly #hints = new HeadHints();
  readonly #recent = new RecentRecords();
  readonly #commits = new Wakeups();
  readonly #closing = new AbortController();
  #polling = false;
  #subscribers = 0;

  /** @throws StoreUnavailable where the database does not answer; StoreDamaged where it has no head row */
  static async open(options: PostgresEventStoreOptions): Promise<PostgresEventStore> {
    const { pool, connectionString, takeOver } = options;
    const own =
      pool ?? new pg.Pool({ ...(connectionString !== undefined && { connectionString }) });
    // An idle connection that breaks is replaced by the pool; the event must have a listener all the same.
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
    // Outside what a version can be, no stream ends there.
    if (!Number.isInteger(expected) || expected < NONE || expected + events.length > 0x7fffffff)
      throw new VersionConflict(stream, expected);
    return this.#writer.append(stream, expected, events);
  }

  async readStream(stream: string, from = 0): Promise<readonly StoredRecord[]> {
    if (stream.includes('\0')) return []; // no such stream can be; PostgreSQL would answer with an error
    const { rows } = await guarded(
      this.#pool.query<Row>({
        name: 'event_store_read_stream',
        text: selectStream,
        values: [stream, from],
      }),
    );
    const records = rows.map((row, n) => {
      if (row.version !== from + n)
        throw new StoreDamaged('store_damaged', 'a stream has a gap', { stream });
      return toRecord(row);
    });
    const last = records.at(-1);
    if (last !== undefined)
      this.#hints.seen(stream, { version: from + records.length - 1, hash: last.hash });
    return records;
  }

  async readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    const { rows } = await guarded(
      this.#pool.query<Row>({
        name: 'event_store_read_all',
        text: selectAll,
        values: [after, limit],
      }),
    );
    return rows.map((row, n) => {
      const record = toRecord(row);
      if (record.position !== after + BigInt(n) + 1n)
        throw new StoreDamaged('store_damaged', 'positions have a gap', { position: row.position });
      return record;
    });
  }

  async head(): Promise<Position> {
    const { rows } = await guarded(
      this.#pool.query<{ position: string }>('SELECT position FROM log_head'),
    );
    return rows[0] === undefined ? START : BigInt(rows[0].position);
  }

  /** Outlives a database that is away for a while: it goes on where it was when the database is back. */
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
    while (!ended.aborted) {
      // Before the look, so that a commit between the look and the sleep wakes it.
      const commit = this.#commits.next(ended);
      const records = await this.#page(position, ended);
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

  async #page(after: Position, ended: AbortSignal): Promise<readonly PositionedRecord[]> {
    const recent = this.#recent.after(after, pageSize);
    if (recent.length > 0) return recent;
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

  /** One loop for all subscribers that sleep: looks whether other processes have committed. */
  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    let seen: Position | undefined;
    while (this.#commits.awaited && !this.#closing.signal.aborted) {
      const head = await this.head().catch(() => seen);
      // The first look wakes everyone, too: what was committed before it was perhaps not seen.
      if (head !== seen) this.#commits.wake();
      seen = head;
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

function toRecord({ hash, bytes, position }: Row): ReadRecord {
  const leaf = storedHash(bytes);
  if (leaf !== hash.toString('hex'))
    throw new StoreDamaged('store_damaged', 'a record is not what was written', { position });
  return new ReadRecord(bytes, leaf, BigInt(position));
}

/** Says in the port's words that the database did not answer. */
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
