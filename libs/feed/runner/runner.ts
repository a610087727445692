import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { type EventStore, type Position, type PositionedRecord, START } from '#libs/event-store';
import { type Lease, LeaseLost, type LeaseTimes, PostgresLeases } from '#libs/lease/postgres';
import type { Projection } from '../projection.js';
import { checkpointOf, checkpointsOf, moveCheckpoints } from './checkpoint.js';
import { foldPage, foldTogether, pagesOf, partOf, type Share } from './folding.js';

/** Events of a runner, for logs and metrics. */
export interface RunnerListener {
  folded(projection: string, records: number): void;
  /** Several projections' parts of a page were written in one statement. */
  wroteAtOnce(projections: readonly string[], seconds: number): void;
  /** The projection stopped and is retried; the others continue. */
  failed(projection: string, error: unknown): void;
  /** The feed or the database was lost; the runner restarts. */
  interrupted(error: unknown): void;
}

interface FeedCursor {
  readonly projection: Projection;
  /** Everything up to here was seen. */
  position: Position;
  /**
   * The stored checkpoint as last known: it lags `position` by records of which the projection
   * folds none.
   */
  stored: Position;
  /** Records passed since then. */
  passed: number;
  failures: number;
  retryAt: number;
}

/**
 * A page without anything to fold moves the stored checkpoint only occasionally: skipping it again
 * after a restart costs nothing.
 */
const idleRecords = 100_000;
/**
 * A page is folded at once, and the next no sooner than this after the beginning of the one before,
 * in milliseconds, so that what came meanwhile shares a transaction.
 */
const gatherMs = 20;
/** A page of so many records has others behind it, which need not be gathered. */
const fullPage = 1000;
/** The lease of the one runner that folds among all processes on a database. */
const leaseOfRunner = 'projections';
const maxRetryMs = 30_000;

/**
 * Follows the feed and folds it into every projection, a page in one transaction for all of them
 * and their checkpoints; where that fails, each by itself. One runner works at a time among all
 * processes on the database, under a lease that each transaction names.
 */
export class ProjectionRunner {
  readonly #stopping = new AbortController();
  readonly #leases: PostgresLeases;
  #cursors: readonly FeedCursor[] = [];
  #running: Promise<void> | undefined;
  /** Checkpoints that are being stored: no page is folded meanwhile, nor they while one is. */
  #storing: Promise<void> = Promise.resolve();
  #folding = false;
  readonly #started = Promise.withResolvers<undefined>();
  #state: 'starting' | 'running' | 'standing-by' = 'starting';

  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
    private readonly projections: readonly Projection[],
    private readonly listener: RunnerListener,
    connectionString: string,
    leaseTimes?: Partial<LeaseTimes>,
  ) {
    this.#leases = new PostgresLeases({ connectionString }, leaseTimes);
  }

  /**
   * Resolves when it folds, or stands by while another process does; keeps trying while the
   * database is unreachable.
   */
  start(): Promise<void> {
    this.#running ??= this.#run(this.#stopping.signal);
    return this.#started.promise;
  }

  /** Ends after the current page. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Whether this process folds; otherwise it stands by, or has just begun. */
  get folding(): boolean {
    return this.#state === 'running';
  }

  /** Null where every projection advances, here or in another process; otherwise the reason. */
  health(): string | null {
    if (this.#state === 'starting') return 'projections_starting';
    return this.#cursors.some(({ failures }) => failures > 0) ? 'projection_failed' : null;
  }

  /** Waits until everything now in the store has been folded, by any process. */
  async caughtUp(signal?: AbortSignal): Promise<void> {
    const head = await this.store.head();
    for (;;) {
      const behind = await Promise.all(
        this.projections.map(async ({ name }) => {
          const own = this.#cursors.find(({ projection }) => projection.name === name);
          if (this.#state === 'running' && own !== undefined) return own.position < head;
          return (await checkpointOf(this.pool, name)) < head;
        }),
      );
      if (!behind.includes(true)) return;
      await wait(5, undefined, signal && { signal });
    }
  }

  async #run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      try {
        const lease = await this.#leases.take(leaseOfRunner, stopping, () => {
          this.#state = 'standing-by';
          this.#started.resolve(undefined);
        });
        try {
          await this.#follow(lease, AbortSignal.any([stopping, lease.lost]));
        } finally {
          await lease.giveBack();
        }
        lease.lost.throwIfAborted();
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.listener.interrupted(error);
        await wait(500, undefined, { signal: stopping }).catch(() => undefined);
      } finally {
        this.#cursors = [];
        if (this.#state === 'running') this.#state = 'starting';
      }
    }
  }

  async #follow(lease: Lease, ended: AbortSignal): Promise<void> {
    const stored = await checkpointsOf(
      this.pool,
      this.projections.map(({ name }) => name),
    );
    this.#cursors = this.projections.map((projection) => {
      const position = stored.get(projection.name) ?? START;
      return { projection, position, stored: position, passed: 0, failures: 0, retryAt: 0 };
    });
    this.#state = 'running';
    this.#started.resolve(undefined);
    const over = new AbortController();
    const tending = this.#tend(lease, AbortSignal.any([ended, over.signal]));
    try {
      let after = least(this.#cursors.map(({ position }) => position));
      for await (const page of this.store.subscribe(after, ended)) {
        const began = performance.now();
        await this.#storing;
        this.#folding = true;
        await this.#advanceAll(lease, page, after);
        this.#folding = false;
        after = page.at(-1)?.position ?? after;
        if (ended.aborted) break;
        if (page.length < fullPage) await gather(began, ended);
      }
    } finally {
      this.#folding = false;
      over.abort();
      await tending;
    }
  }

  /** A page of the feed, which begins after `after`, for every projection that works. */
  async #advanceAll(
    lease: Lease,
    page: readonly PositionedRecord[],
    after: Position,
  ): Promise<void> {
    const cursors = this.#cursors.filter(({ failures }) => failures === 0);
    if (await this.#foldTogether(lease, cursors, page, after)) return;
    await this.#readAgain(cursors);
    for (const cursor of cursors) await this.#advance(lease, cursor, page, after);
  }

  /** @returns whether all of them have the page now; otherwise nothing is changed */
  async #foldTogether(
    lease: Lease,
    cursors: readonly FeedCursor[],
    page: readonly PositionedRecord[],
    after: Position,
  ): Promise<boolean> {
    const to = page.at(-1)?.position ?? after;
    if (cursors.some(({ position }) => position < after)) return false;
    const behind = cursors.filter(({ position }) => position < to);
    try {
      const shares = behind.map(({ projection, position, stored }): Share => ({
        projection,
        part: partOf(projection, page, position),
        from: stored,
        to,
      }));
      const idle = shares.every(({ part }) => part.length === 0);
      if (idle && behind.every(({ passed }) => passed < idleRecords)) {
        for (const cursor of behind) {
          cursor.position = to;
          cursor.passed += page.length;
        }
        return true;
      }
      const { listener } = this;
      const all = await foldTogether(this.pool, shares, lease, (names, seconds) => {
        listener.wroteAtOnce(names, seconds);
      });
      if (!all) return false;
      for (const cursor of behind) {
        cursor.stored = cursor.position = to;
        cursor.passed = 0;
      }
      for (const { projection, part } of shares)
        if (part.length > 0) this.listener.folded(projection.name, page.length);
      return true;
    } catch {
      // Whose failure it is shows when each folds by itself, and is reported then.
      return false;
    }
  }

  /** What is stored decides: a transaction may have been done, and reported as failed. */
  async #readAgain(cursors: readonly FeedCursor[]): Promise<void> {
    try {
      const stored = await checkpointsOf(
        this.pool,
        cursors.map(({ projection }) => projection.name),
      );
      for (const cursor of cursors)
        cursor.stored = cursor.position = stored.get(cursor.projection.name) ?? START;
    } catch {
      // The folds that follow meet the same database, and report it.
    }
  }

  /** The same for one projection by itself; one that lags first folds what it missed. */
  async #advance(
    lease: Lease,
    cursor: FeedCursor,
    page: readonly PositionedRecord[],
    after: Position,
  ): Promise<void> {
    const { projection } = cursor;
    const last = page.at(-1)?.position ?? after;
    if (cursor.position >= last) return;
    try {
      if (cursor.position < after)
        for await (const missed of pagesOf(this.store, cursor.position, after))
          await this.#fold(lease, cursor, missed);
      await this.#fold(lease, cursor, page);
      cursor.failures = 0;
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      cursor.failures++;
      cursor.retryAt = Date.now() + Math.min(maxRetryMs, 250 * 2 ** cursor.failures);
      this.listener.failed(projection.name, error);
    }
  }

  async #fold(lease: Lease, cursor: FeedCursor, page: readonly PositionedRecord[]): Promise<void> {
    const { projection, stored } = cursor;
    const last = page.at(-1)?.position ?? cursor.position;
    const folds = partOf(projection, page, cursor.position).length > 0;
    if (!folds && cursor.passed < idleRecords) {
      cursor.position = last;
      cursor.passed += page.length;
      return;
    }
    const now = await foldPage(this.pool, projection, stored, page, lease);
    cursor.stored = cursor.position = now;
    cursor.passed = 0;
    this.listener.folded(projection.name, page.length);
    if (now < last)
      for await (const missed of pagesOf(this.store, now, last))
        await this.#fold(lease, cursor, missed);
  }

  /**
   * Retries failed projections, and stores the checkpoints of those that had nothing to fold for a
   * while.
   */
  async #tend(lease: Lease, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await wait(250, undefined, { signal: ended }).catch(() => undefined);
      if (!this.#folding) await (this.#storing = this.#store(lease));
      for (const cursor of this.#cursors)
        if (cursor.failures > 0 && Date.now() >= cursor.retryAt) await this.#again(lease, cursor);
    }
  }

  async #again(lease: Lease, cursor: FeedCursor): Promise<void> {
    try {
      await this.#advance(lease, cursor, [], await this.store.head());
    } catch {
      // The feed's own loop meets the same database, or the same loss, and reports it.
    }
  }

  async #store(lease: Lease): Promise<void> {
    const idle = this.#cursors.filter(
      ({ failures, stored, position }) => failures === 0 && stored < position,
    );
    if (idle.length === 0) return;
    const moves = idle.map(({ projection: { name }, stored, position }) => ({
      name,
      from: stored,
      to: position,
    }));
    try {
      const moved = await moveCheckpoints(this.pool, moves, lease);
      for (const [n, cursor] of idle.entries()) {
        const { name, to = cursor.stored } = moves[n] ?? {};
        if (name === undefined || !moved.has(name)) continue;
        cursor.stored = to;
        cursor.passed = 0;
      }
    } catch {
      // The next fold meets the same database, and reports it.
    }
  }
}

async function gather(began: number, ended: AbortSignal): Promise<void> {
  const left = began + gatherMs - performance.now();
  if (left >= 1) await wait(left, undefined, { signal: ended }).catch(() => undefined);
}

const least = (positions: readonly Position[]): Position =>
  positions.reduce((a, b) => (a < b ? a : b), positions[0] ?? 0n);
