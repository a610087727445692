import { hash } from 'node:crypto';
import pg from 'pg';
import type { HeadsStatement, StreamHead } from '#libs/event-store';
import { TooManyError } from '#libs/kernel';
import { RateShares } from './rate-shares.js';
import { askDatabase, type Answers, type Binding, nameOf, type Use } from './statement.js';

export class RateExceeded extends TooManyError<'rate_exceeded'> {}

/** A proof, or another value that may be used once until `expires`. */
export interface SingleUse {
  readonly purpose: string;
  readonly value: string;
  readonly expires: string;
}

/** What a request asks of what all processes share. */
interface Asked {
  /** Whose rate counts it; null where it is counted, or not to be. */
  client: string | null;
  readonly use: { readonly valueHash: string; readonly expires: string } | null;
  readonly binding: Binding | null;
  readonly streams: readonly string[];
}

/** What one who is let in is told. */
export interface Admitted {
  /** What is bound to the command's key. */
  readonly bound: Binding | null;
  /** Of the streams that were asked for, in order; null for one without records. */
  readonly heads: readonly (StreamHead | null)[];
}

type Verdict = { readonly is: 'too many' | 'replayed' } | ({ readonly is: 'admitted' } & Admitted);

interface Waiting {
  readonly asked: Asked;
  readonly answer: (verdict: Verdict) => void;
  readonly fail: (cause: unknown) => void;
}

/** Requests of one statement. */
const maxBatch = 500;
const maxAttempts = 3;
const deadlockDetected = '40P01';

/**
 * The state of requests that all processes share: rates of clients, values that are used once, and
 * Idempotency-Keys. What requests ask while a statement is under way goes down together in the
 * next, so that a burst shares commits; the database's unique keys are the judges.
 */
export class Door {
  readonly #shares: RateShares;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(
    private readonly pool: pg.Pool,
    perSecond: number,
    /** Told of each request that its client's rate refuses. */
    private readonly onRefused: () => void = () => undefined,
    /** Told the purpose of each value that came a second time. */
    private readonly onReplay: (purpose: string) => void = () => undefined,
    /** How heads of streams are asked for in the same statement; null where they cannot be. */
    private readonly heads: HeadsStatement | null = null,
  ) {
    this.#shares = new RateShares(perSecond);
  }

  /** Whether `admit` tells heads of streams. */
  get tellsHeads(): boolean {
    return this.heads !== null;
  }

  /** Counts one request. @throws RateExceeded */
  async count(client: string): Promise<void> {
    await this.#asked({ client, use: null, binding: null, streams: [] });
  }

  /** Whether the value is used for the first time, by any process. */
  async firstUse({ purpose, value, expires }: SingleUse): Promise<boolean> {
    const use = { valueHash: hashed(purpose, value), expires };
    const verdict = await this.#asked({ client: null, use, binding: null, streams: [] });
    if (verdict.is === 'replayed') this.onReplay(purpose);
    return verdict.is === 'admitted';
  }

  /** What is bound to the key of a command: by this request, or by the first that had the key. */
  async bind(binding: Binding): Promise<Binding | null> {
    const verdict = await this.#asked({ client: null, use: null, binding, streams: [] });
    return verdict.is === 'admitted' ? verdict.bound : null;
  }

  /**
   * All three for one request: a request that the rate refuses uses nothing, and one whose proof
   * was used before binds nothing.
   * @param streams whose heads are asked for in the same statement, where `tellsHeads`
   * @returns null where the proof was used before
   * @throws RateExceeded
   */
  async admit(
    client: string,
    { purpose, value, expires }: SingleUse,
    binding: Binding | null,
    streams: readonly string[] = [],
  ): Promise<Admitted | null> {
    const use = { valueHash: hashed(purpose, value), expires };
    const verdict = await this.#asked({ client, use, binding, streams });
    if (verdict.is === 'admitted') return { bound: verdict.bound, heads: verdict.heads };
    this.onReplay(purpose);
    return null;
  }

  async #asked(asked: Asked): Promise<Verdict> {
    const verdict = this.#countedHere(asked) ?? (await this.#queued(asked));
    if (verdict.is !== 'too many') return verdict;
    this.onRefused();
    throw new RateExceeded(
      'rate_exceeded',
      'this client asks too often',
      { perSecond: this.#shares.perSecond },
      { retryAfterSeconds: 1 },
    );
  }

  /** The verdict, where the client's share of this second gives it. */
  #countedHere(asked: Asked): Verdict | null {
    if (asked.client === null) return null;
    switch (this.#shares.take(asked.client)) {
      case 'spent':
        return { is: 'too many' };
      case 'unknown':
        return null;
      case 'counted':
        asked.client = null;
        return asked.use === null && asked.binding === null
          ? { is: 'admitted', bound: null, heads: [] }
          : null;
    }
  }

  #queued(asked: Asked): Promise<Verdict> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ asked, answer, fail });
      if (!this.#busy) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        if (batch.size > 0) batch.tell(await this.#ask(batch));
      } catch (cause) {
        batch.fail(cause);
      }
    }
    this.#busy = false;
  }

  #take(): Batch {
    const batch = new Batch(this.#shares);
    const later: Waiting[] = [];
    // All who wait are looked at: many commands of one key keep no other request out of the batch.
    for (const waiting of this.#waiting) {
      if (batch.size === maxBatch || batch.binds(waiting.asked.binding)) {
        later.push(waiting);
        continue;
      }
      const verdict = this.#countedHere(waiting.asked);
      if (verdict === null) batch.add(waiting);
      else waiting.answer(verdict);
    }
    this.#waiting = later;
    return batch;
  }

  /** A statement that the database rolled back as a deadlock's victim changed nothing. */
  async #ask(batch: Batch): Promise<Answers> {
    for (let attempt = 1; ; attempt++)
      try {
        return await askDatabase(this.pool, this.#shares.perSecond, batch.questions, this.heads);
      } catch (error) {
        const again = error instanceof pg.DatabaseError && error.code === deadlockDetected;
        if (!again || attempt === maxAttempts) throw error;
      }
  }
}

interface InBatch {
  readonly waiting: Waiting;
  /** Place among the requests of its client that the database counts; null where it was counted. */
  readonly nth: number | null;
  /** An earlier request of the batch has the same value. */
  readonly again: boolean;
}

/** What requests of one moment ask: each value and each key once. */
class Batch {
  readonly #items: InBatch[] = [];
  readonly #counts = new Map<string, number>();
  readonly #uses: Use[] = [];
  readonly #values = new Set<string>();
  readonly #streams = new Set<string>();
  readonly #bindings = new Map<
    string,
    { readonly binding: Binding; readonly valueHash: string | null }
  >();

  constructor(private readonly shares: RateShares) {}

  get size(): number {
    return this.#items.length;
  }

  get questions() {
    return {
      rates: [...this.#counts].map(([client, count]) => ({ client, lot: this.#lotOf(count) })),
      uses: this.#uses,
      bindings: [...this.#bindings.values()],
      streams: [...this.#streams],
    };
  }

  /** Whether a key is in the batch: a second command of it goes down in the next one. */
  binds(binding: Binding | null): boolean {
    return binding !== null && this.#bindings.has(nameOf(binding));
  }

  add(waiting: Waiting): void {
    const { client, use, binding, streams } = waiting.asked;
    for (const stream of streams) this.#streams.add(stream);
    const nth = client === null ? null : (this.#counts.get(client) ?? 0) + 1;
    if (client !== null && nth !== null) this.#counts.set(client, nth);
    const again = use !== null && this.#values.has(use.valueHash);
    if (use !== null && !again) {
      this.#values.add(use.valueHash);
      this.#uses.push({
        ...use,
        admitted: client === null || nth === null ? null : { client, nth },
      });
    }
    if (binding !== null && !again)
      this.#bindings.set(nameOf(binding), { binding, valueHash: use?.valueHash ?? null });
    this.#items.push({ waiting, nth, again });
  }

  tell({ rates, used, bound, heads }: Answers): void {
    for (const [client, count] of this.#counts) {
      const { granted = 0, msLeft = 0 } = rates.get(client) ?? {};
      const left = Math.max(0, granted - count);
      this.shares.granted(client, left, granted < this.#lotOf(count) && left === 0, msLeft);
    }
    for (const { waiting, nth, again } of this.#items) {
      const { client, use, binding, streams } = waiting.asked;
      const granted = client === null ? 0 : (rates.get(client)?.granted ?? 0);
      if (nth !== null && nth > granted) waiting.answer({ is: 'too many' });
      else if (use !== null && (again || !used.has(use.valueHash)))
        waiting.answer({ is: 'replayed' });
      else
        waiting.answer({
          is: 'admitted',
          bound: binding === null ? null : (bound.get(nameOf(binding)) ?? null),
          heads: streams.map((stream) => heads.get(stream) ?? null),
        });
    }
  }

  fail(cause: unknown): void {
    for (const { waiting } of this.#items) waiting.fail(cause);
  }

  #lotOf(count: number): number {
    return Math.max(this.shares.lot, count);
  }
}

const hashed = (purpose: string, value: string): string =>
  hash('sha256', `${purpose}\0${value}`, 'hex');
