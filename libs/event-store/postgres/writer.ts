import pg from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import { EventMalformed, type Head, ReadRecord } from '../forming.js';
import {
  type Appended,
  AppendUncertain,
  type NewEvent,
  type Position,
  StoreDamaged,
  StoreUnavailable,
} from '../port.js';
import { judge, type Plan, planBatch, sendBatch, type Waiting } from './batch.js';
import { ConnectionLost, WriterConnection } from './connection.js';
import type { HeadHints } from './heads.js';

const mostOutstanding = 4096;

export interface WriterOptions {
  readonly config: pg.ClientConfig;
  readonly city: string;
  readonly epoch: bigint;
  readonly hints: HeadHints;
  readonly patienceMs: number;
  /** What was committed, in order, before its callers are told: `base` is the position before the first. */
  readonly committed: (base: Position, records: readonly ReadRecord[]) => void;
}

type Sent = 'written' | 'taken' | 'fenced';

const uniqueViolation = '23505';
/** SQLSTATE classes of values that the database does not take: data exception, integrity constraint violation, program limit exceeded. */
const valueRefused = /^(22|23|54)/;

/**
 * Group commit: appends queue here and go down together, one batch at a time. Everything about one batch, from the first attempt to the last
 * answer after a crash, is `#settle`: recovery is not a path of its own.
 */
export class Writer {
  readonly #connection: WriterConnection;
  readonly #idle: (() => void)[] = [];
  #queue: Waiting[] = [];
  #outstanding = 0;
  #running = false;
  #closed = false;
  /** Set once, and then the answer to everything: fenced, or the store contradicts itself. */
  #ended: StoreUnavailable | StoreDamaged | undefined;
  /** The last position that was acknowledged here; a store that ends before it has lost records. */
  #acknowledged = 0n;

  constructor(private readonly options: WriterOptions) {
    this.#connection = new WriterConnection(options.config);
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#closed)
      return Promise.reject(new StoreUnavailable('store_closed', 'the event store is closed'));
    if (this.#outstanding >= mostOutstanding)
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
      this.#queue.push(
        new QueuedAppend(stream, expected, events, resolve, reject, () => this.#outstanding--),
      );
      if (!this.#running) {
        this.#running = true;
        // After the callers of this turn of the event loop have queued theirs, too.
        setImmediate(() => void this.#run());
      }
    });
  }

  /** Resolves when everything that waits has been answered; refuses what comes later. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#connection.end();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const items = this.#queue;
      this.#queue = [];
      try {
        await this.#settle(items);
      } catch (error) {
        for (const item of items) item.reject(unwritten(item, error));
      }
      // Callers that were just answered queue their next append before the next batch is taken.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Answers every one of `items`. Each round answers at least one of them, waits for the database, or gives up. */
  async #settle(items: readonly Waiting[]): Promise<void> {
    const known = new Map<string, Head>();
    let pending: readonly Waiting[] = items;
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
        pending = await this.#round(pending, known, () => (doubt = true));
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

  /** One batch down. @returns what is still unanswered */
  async #round(
    pending: readonly Waiting[],
    known: Map<string, Head>,
    doubt: () => void,
  ): Promise<readonly Waiting[]> {
    const plan = planBatch(this.options.city, pending, known, this.options.hints);
    if (plan.doubtful.length > 0) {
      const free = new Set(await judge(this.#connection, plan.doubtful, known));
      const doubtful = new Set(plan.doubtful);
      return pending.filter((item) => !doubtful.has(item) || free.has(item));
    }
    if (plan.placed.length === 0) return plan.later;
    switch (await this.#send(plan)) {
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

  async #send(plan: Plan): Promise<Sent> {
    // What an earlier statement may yet do is not undone by this one's answer.
    const uncertain = plan.placed.map(({ item }) => item.sent);
    const nothingWritten = () => {
      for (const [n, { item }] of plan.placed.entries()) item.sent = uncertain[n] === true;
    };
    for (const { item } of plan.placed) item.sent = true;
    try {
      const base = await sendBatch(this.#connection, this.options.epoch, plan.placed);
      if (base !== null) {
        this.#acknowledge(base, plan);
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
      // One of them brings all down; each goes alone, and its owner is told.
      else for (const { item } of plan.placed) await this.#settle([item]);
      return 'taken';
    }
  }

  #acknowledge(base: bigint, plan: Plan): void {
    let position = base;
    const records: ReadRecord[] = [];
    for (const placed of plan.placed)
      for (const { bytes, hash } of placed.records)
        records.push(new ReadRecord(bytes, hash, ++position));
    this.#acknowledged = position;
    for (const [stream, head] of plan.heads) this.options.hints.seen(stream, head);
    this.options.committed(base, records);
    for (const { item, records: formed } of plan.placed)
      item.resolve({
        stream: item.stream,
        records: formed.map(({ version, id, hash }) => ({ version, id, hash })),
        repeated: false,
      });
  }

  /** After a lost connection: a database that ends before what it acknowledged is an old copy, and nothing may be added to it. */
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

  constructor(
    readonly stream: string,
    readonly expected: number,
    readonly events: readonly NewEvent[],
    private readonly onResolve: (appended: Appended) => void,
    private readonly onReject: (error: unknown) => void,
    private readonly onAnswer: () => void,
  ) {}

  resolve(appended: Appended): void {
    if (this.#first()) this.onResolve(appended);
  }

  reject(error: unknown): void {
    if (this.#first()) this.onReject(error);
  }

  /** The first answer counts. */
  #first(): boolean {
    if (this.answered) return false;
    this.answered = true;
    this.onAnswer();
    return true;
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

/** What a caller is told when its append cannot be settled: whether it may have been written is all that matters to him. */
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
