import pg from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import { EventMalformed, type Head, ToldRecord, WrittenRecord } from '../forming.js';
import {
  type Appended,
  AppendUncertain,
  type NewEvent,
  type Position,
  StoreDamaged,
  StoreUnavailable,
} from '../port.js';
import { appendMessage, MessageMemory, prepareAppend, type Rows } from './append-message.js';
import { judge, type Plan, planBatch, rowsOf, type Waiting } from './batch.js';
import { ConnectionLost, WriterConnection } from './connection.js';
import type { HeadHints } from '../heads.js';

const maxOutstanding = 4096;

export interface WriterOptions {
  readonly config: pg.ClientConfig;
  readonly city: string;
  readonly epoch: bigint;
  readonly hints: HeadHints;
  readonly patienceMs: number;
  readonly answerMs: number;
  /**
   * A commit whose callers are not answered yet: `base` is the position before the first of
   * `records`, which are in order.
   */
  readonly committed: (base: Position, records: () => readonly WrittenRecord[]) => void;
}

/**
 * A long queue is written in two alternating halves: while the server writes one, the other is
 * formed here, so that two processors work at once. Fewer than `worthForming` are not split: one
 * commit for all is cheaper.
 */
const batchOf = (queued: number): number =>
  queued <= parted ? queued : Math.min(Math.max(parted, Math.ceil(queued / 2)), maxItems);
const parted = 256;
const maxItems = 2048;
const worthForming = 128;

interface Batch {
  readonly items: readonly Waiting[];
  /**
   * Made while the previous batch was being written, on the assumption that it succeeds; undefined
   * once it failed.
   */
  formed?: Formed | undefined;
}

/** A plan and what will be sent of it. */
interface Formed {
  readonly plan: Plan;
  readonly rows: Rows;
  readonly message: Buffer;
}

const NOTHING = Buffer.alloc(0);

type Sent = 'written' | 'taken' | 'fenced';

const uniqueViolation = '23505';
/**
 * SQLSTATE classes of values that the database does not take: data exception, integrity constraint
 * violation, program limit exceeded.
 */
const valueRefused = /^(22|23|54)/;

/**
 * Group commit: appends queue here and are written together, one batch at a time. `#settle` handles
 * a batch from the first attempt to the last answer after a crash, so that recovery is no separate
 * path.
 */
export class Writer {
  readonly #connection: WriterConnection;
  readonly #memory = new MessageMemory();
  readonly #idle: (() => void)[] = [];
  #queue: Waiting[] = [];
  /** The ends of streams once the current batch is written. */
  #inFlight: ReadonlyMap<string, Head> | undefined;
  #ahead: Batch | undefined;
  readonly #answers: QueuedAppend[] = [];
  #outstanding = 0;
  #running = false;
  #closed = false;
  /** Set once, and then the answer to everything: fenced, or the store contradicts itself. */
  #ended: StoreUnavailable | StoreDamaged | undefined;
  /** The last position that was acknowledged here; a store that ends before it has lost records. */
  #acknowledged = 0n;

  constructor(private readonly options: WriterOptions) {
    this.#connection = new WriterConnection(options.config, options.answerMs, prepareAppend);
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#closed)
      return Promise.reject(new StoreUnavailable('store_closed', 'the event store is closed'));
    if (this.#outstanding >= maxOutstanding)
      return Promise.reject(
        new StoreUnavailable(
          'store_busy',
          'too many appends are waiting',
          { outstanding: this.#outstanding },
          { retryAfterSeconds: 1 },
        ),
      );
    return new Promise((resolve, reject) => {
      this.#outstanding++;
      this.#queue.push(new QueuedAppend(stream, expected, events, resolve, reject, this.#answered));
      if (!this.#running) {
        this.#running = true;
        // After all callers in this turn of the event loop have queued their appends.
        setImmediate(() => void this.#run());
      }
    });
  }

  /** Resolves when every waiting append has been answered; refuses later ones. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#connection.end();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 || this.#ahead !== undefined) {
      const batch = this.#ahead ?? this.#take();
      this.#ahead = undefined;
      try {
        await this.#settle(batch);
      } catch (error) {
        for (const item of batch.items) item.reject(unwritten(item, error));
      }
      // Callers that were just answered queue their next append before the next batch is taken.
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it is formed meanwhile
      if (this.#ahead === undefined) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #take(): Batch {
    return { items: this.#queue.splice(0, batchOf(this.#queue.length)) };
  }

  /** Forms the next batch while the previous one is being written. */
  #formAhead(): void {
    if (this.#inFlight === undefined || this.#ahead !== undefined) return;
    if (this.#queue.length < worthForming) return;
    const { items } = this.#take();
    this.#ahead = { items, formed: this.#form(items, this.#inFlight) };
  }

  #form(items: readonly Waiting[], known: ReadonlyMap<string, Head>): Formed {
    const plan = planBatch(this.options.city, items, known, this.options.hints);
    const rows = rowsOf(plan.placed);
    const isSent = plan.doubtful.length === 0 && plan.placed.length > 0;
    const message = isSent ? appendMessage(this.#memory, this.options.epoch, rows) : NOTHING;
    return { plan, rows, message };
  }

  /** Callers are answered after the next batch was sent; then what they queue is formed. */
  readonly #answered = (item: QueuedAppend): void => {
    this.#outstanding--;
    this.#answers.push(item);
    if (this.#answers.length > 1) return;
    setImmediate(() => {
      for (const answered of this.#answers.splice(0)) answered.tell();
      setImmediate(() => {
        this.#formAhead();
      });
    });
  };

  /**
   * Answers every one of `items`. Each round answers at least one of them, waits for the database,
   * or gives up.
   */
  async #settle(batch: Batch): Promise<void> {
    const known = new Map<string, Head>();
    let pending = batch.items;
    let formed = batch.formed;
    let lostAt: number | undefined;
    let pause = 20;
    let doubt = false;
    while ((pending = pending.filter((item) => !item.answered)).length > 0) {
      if (this.#ended !== undefined) {
        for (const item of pending) item.reject(unwritten(item, this.#ended));
        return;
      }
      try {
        if (doubt) {
          await this.#checkNothingIsLost(lostAt !== undefined);
          pending = await judge(this.#connection, pending, known);
          doubt = false;
        }
        const next = formed ?? this.#form(pending, known);
        formed = undefined;
        pending = await this.#round(next, pending, known, () => (doubt = true));
        lostAt = undefined;
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        lostAt ??= performance.now();
        if (performance.now() - lostAt > this.options.patienceMs) {
          for (const item of pending) item.reject(unwritten(item, error));
          return;
        }
        known.clear();
        this.options.hints.clear();
        doubt = true;
        await wait(pause);
        pause = Math.min(2 * pause, 500);
      }
    }
  }

  /** Writes one batch. @returns what is still unanswered */
  async #round(
    formed: Formed,
    pending: readonly Waiting[],
    known: Map<string, Head>,
    doubt: () => void,
  ): Promise<readonly Waiting[]> {
    const { plan } = formed;
    if (plan.doubtful.length > 0) {
      const free = new Set(await judge(this.#connection, plan.doubtful, known));
      const doubtful = new Set(plan.doubtful);
      return pending.filter((item) => !doubtful.has(item) || free.has(item));
    }
    if (plan.placed.length === 0) return plan.later;
    switch (await this.#send(formed)) {
      case 'written':
        for (const stream of plan.heads.keys()) known.delete(stream);
        return plan.later;
      case 'taken':
        doubt();
        return pending;
      case 'fenced':
        this.#ended = new StoreUnavailable(
          'store_fenced',
          'another writer has taken over; this one must not write any more',
        );
        return pending;
    }
  }

  async #send(formed: Formed): Promise<Sent> {
    let sent: Sent | undefined;
    try {
      return (sent = await this.#write(formed));
    } finally {
      this.#inFlight = undefined;
      // A plan on top of a batch that was not written would leave a gap in its streams.
      if (sent !== 'written' && this.#ahead !== undefined) this.#ahead.formed = undefined;
    }
  }

  async #write({ plan, rows, message }: Formed): Promise<Sent> {
    // An earlier statement may still take effect, whatever this one's answer.
    const uncertain = plan.placed.map(({ item }) => item.sent);
    const nothingWritten = () => {
      for (const [n, { item }] of plan.placed.entries()) item.sent = uncertain[n] === true;
    };
    for (const { item } of plan.placed) item.sent = true;
    try {
      const answer = this.#connection.send(message);
      this.#inFlight = plan.heads;
      this.#formAhead();
      const base = await answer;
      this.#memory.giveBack(message);
      if (base !== null) {
        this.#acknowledge(BigInt(base), plan, rows);
        return 'written';
      }
      nothingWritten();
      return 'fenced';
    } catch (error) {
      if (error instanceof ConnectionLost && !error.sent) nothingWritten();
      if (!(error instanceof pg.DatabaseError)) throw error;
      nothingWritten();
      const code = error.code ?? '';
      if (code === uniqueViolation && error.constraint === 'log_record_stream_version')
        return 'taken';
      if (code === uniqueViolation)
        throw (this.#ended = damaged('the head row is behind the records', error));
      if (!valueRefused.test(code)) throw error;
      const [only, ...others] = plan.placed;
      if (only !== undefined && others.length === 0) only.item.reject(notTaken(error));
      // One value fails the whole batch; each append is sent alone, and only the faulty one fails.
      else for (const { item } of plan.placed) await this.#settle({ items: [item] });
      return 'taken';
    }
  }

  #acknowledge(base: bigint, plan: Plan, { records }: Rows): void {
    this.#acknowledged = base + BigInt(records.length);
    for (const [stream, head] of plan.heads) this.options.hints.seen(stream, head);
    this.options.committed(base, () =>
      records.map((made, n) => new WrittenRecord(made, base + BigInt(n) + 1n)),
    );
    for (const { item, records: formed } of plan.placed)
      item.resolve({
        stream: item.stream,
        records: formed.map((record) => ToldRecord.formed(record)),
        repeated: false,
      });
  }

  /**
   * After a lost connection: a database that ends before what it acknowledged is an old copy, to
   * which nothing may be appended.
   */
  async #checkNothingIsLost(after: boolean): Promise<void> {
    if (!after) return;
    const { rows } = await this.#connection.query<{ position: string }>({
      text: 'SELECT position FROM log_head',
    });
    const position = rows[0] === undefined ? 0n : BigInt(rows[0].position);
    if (position >= this.#acknowledged) return;
    this.#ended = damaged('the database ends before records that it acknowledged');
    throw this.#ended;
  }
}

class QueuedAppend implements Waiting {
  sent = false;
  answered = false;
  #appended: Appended | undefined;
  #error: unknown;

  constructor(
    readonly stream: string,
    readonly expected: number,
    readonly events: readonly NewEvent[],
    private readonly onResolve: (appended: Appended) => void,
    private readonly onReject: (error: unknown) => void,
    private readonly onAnswer: (item: QueuedAppend) => void,
  ) {}

  resolve(appended: Appended): void {
    if (this.answered) return;
    this.#appended = appended;
    this.#first();
  }

  reject(error: unknown): void {
    if (this.answered) return;
    this.#error = error;
    this.#first();
  }

  /** The first answer counts: after a crash an append may be judged more than once. */
  #first(): void {
    this.answered = true;
    this.onAnswer(this);
  }

  tell(): void {
    if (this.#appended !== undefined) this.onResolve(this.#appended);
    else this.onReject(this.#error);
  }
}

const damaged = (what: string, cause?: unknown) =>
  new StoreDamaged('store_damaged', what, {}, { cause });

const notTaken = (cause: unknown) =>
  new EventMalformed(
    'event_malformed',
    'the database does not take this event',
    { member: 'data' },
    { cause },
  );

/**
 * The error for an append that cannot be settled: it tells the caller whether the append may have
 * been written.
 */
function unwritten(item: Waiting, cause: unknown): unknown {
  if (cause instanceof StoreDamaged) return cause;
  if (cause instanceof StoreUnavailable && !item.sent) return cause;
  if (item.sent)
    return new AppendUncertain(
      'append_uncertain',
      'the append was sent, and its outcome is not known',
      { stream: item.stream },
      { cause, retryAfterSeconds: 1 },
    );
  return new StoreUnavailable(
    'store_unreachable',
    'the database does not answer',
    {},
    { cause, retryAfterSeconds: 2 },
  );
}
