import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { type Lease, LeaseLost, type LeaseTimes, PostgresLeases } from '#libs/lease/postgres';
import type { EventStore, Position, PositionedRecord } from '#libs/event-store';
import { checkpointOf } from './checkpoint.js';
import { foldPage, moveOn, pagesOf, partOf } from './folding.js';
import type { Projection } from '../index.js';

/** What a runner tells of itself, for logs and metrics. */
export interface RunnerListener {
  folded(projection: string, records: number): void;
  /** The projection stands still and is tried again; the others go on. */
  failed(projection: string, error: unknown): void;
  /** The feed or the database was lost; the runner starts over. */
  interrupted(error: unknown): void;
}

interface Standing {
  readonly projection: Projection;
  /** Up to here everything was seen. */
  position: Position;
  /** The stored checkpoint as last known: behind `position` by records of which the projection folds none. */
  stored: Position;
  /** Records passed since then. */
  passed: number;
  failures: number;
  retryAt: number;
}

/** A page without anything to fold moves the stored checkpoint only now and then: skipping it again after a restart costs nothing. */
const idleRecords = 100_000;
/** The lease of the one runner that folds among all processes on a database. */
const leaseOfRunner = 'projections';
const longestRetryMs = 30_000;

/**
 * Follows the feed and folds it into every projection: pages of thousands, each in one transaction with the checkpoint. One runner works
 * at a time among all processes on the database, for all projections, so that the feed is read once; the others stand by and take over within seconds.
 * Each page names the lease's epoch, and the checkpoint's row lets nobody fold a page twice.
 */
export class ProjectionRunner {
  readonly #stopping = new AbortController();
  readonly #leases: PostgresLeases;
  #standings: readonly Standing[] = [];
  #running: Promise<void> | undefined;
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

  /** Resolves when it folds, or stands by while another process does; keeps trying where the database is away. */
  start(): Promise<void> {
    this.#running ??= this.#run(this.#stopping.signal);
    return this.#started.promise;
  }

  /** Ends after the page that is being folded. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Whether this process folds; otherwise it stands by, or has just begun. */
  get folding(): boolean {
    return this.#state === 'running';
  }

  /** Null where every projection goes forward, here or in another process; else why not. */
  health(): string | null {
    if (this.#state === 'starting') return 'projections_starting';
    return this.#standings.some(({ failures }) => failures > 0) ? 'projection_failed' : null;
  }

  /** Waits until everything that is in the store now has been folded, by whichever process. */
  async caughtUp(signal?: AbortSignal): Promise<void> {
    const head = await this.store.head();
    for (;;) {
      const behind = await Promise.all(
        this.projections.map(async ({ name }) => {
          const own = this.#standings.find(({ projection }) => projection.name === name);
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
        this.#standings = [];
        if (this.#state === 'running') this.#state = 'starting';
      }
    }
  }

  async #follow(lease: Lease, ended: AbortSignal): Promise<void> {
    this.#standings = await Promise.all(
      this.projections.map(async (projection) => ({
        projection,
        ...(await this.#standAt(projection)),
        passed: 0,
        failures: 0,
        retryAt: 0,
      })),
    );
    this.#state = 'running';
    this.#started.resolve(undefined);
    const over = new AbortController();
    const tending = this.#tend(lease, AbortSignal.any([ended, over.signal]));
    try {
      let after = least(this.#standings.map(({ position }) => position));
      for await (const page of this.store.subscribe(after, ended)) {
        for (const standing of this.#standings)
          if (standing.failures === 0) await this.#advance(lease, standing, page, after);
        after = page.at(-1)?.position ?? after;
        if (ended.aborted) break;
      }
    } finally {
      over.abort();
      await tending;
    }
  }

  /** A page of the feed, which begins after `after`; a projection that is further back first takes what it missed. */
  async #advance(
    lease: Lease,
    standing: Standing,
    page: readonly PositionedRecord[],
    after: Position,
  ): Promise<void> {
    const { projection } = standing;
    const last = page.at(-1)?.position ?? after;
    if (standing.position >= last) return;
    try {
      if (standing.position < after)
        for await (const missed of pagesOf(this.store, standing.position, after))
          await this.#fold(lease, standing, missed);
      await this.#fold(lease, standing, page);
      standing.failures = 0;
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      standing.failures++;
      standing.retryAt = Date.now() + Math.min(longestRetryMs, 250 * 2 ** standing.failures);
      this.listener.failed(projection.name, error);
    }
  }

  async #fold(lease: Lease, standing: Standing, page: readonly PositionedRecord[]): Promise<void> {
    const { projection, stored } = standing;
    const last = page.at(-1)?.position ?? standing.position;
    const folds = partOf(projection, page, standing.position).length > 0;
    if (!folds && standing.passed < idleRecords) {
      standing.position = last;
      standing.passed += page.length;
      return;
    }
    const now = await foldPage(this.pool, projection, stored, page, lease);
    standing.stored = standing.position = now;
    standing.passed = 0;
    this.listener.folded(projection.name, page.length);
    if (now < last)
      for await (const missed of pagesOf(this.store, now, last))
        await this.#fold(lease, standing, missed);
  }

  async #standAt(projection: Projection): Promise<Pick<Standing, 'position' | 'stored'>> {
    const position = await checkpointOf(this.pool, projection.name);
    return { position, stored: position };
  }

  /** Tries failed projections again, and stores the checkpoints of those that have had nothing to fold for a while. */
  async #tend(lease: Lease, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await wait(250, undefined, { signal: ended }).catch(() => undefined);
      for (const standing of this.#standings) {
        if (standing.failures === 0) await this.#store(lease, standing);
        else if (Date.now() >= standing.retryAt) await this.#again(lease, standing);
      }
    }
  }

  async #again(lease: Lease, standing: Standing): Promise<void> {
    try {
      await this.#advance(lease, standing, [], await this.store.head());
    } catch {
      // The feed's own loop meets the same database, or the same loss, and tells of it.
    }
  }

  /** Where a page is being folded at the same moment, the checkpoint's row lets only one of both move on; the other looks again. */
  async #store(lease: Lease, standing: Standing): Promise<void> {
    const { projection, stored, position } = standing;
    if (stored >= position) return;
    try {
      standing.stored = await moveOn(this.pool, projection, stored, position, lease);
      standing.passed = 0;
    } catch {
      // As above.
    }
  }
}

const least = (positions: readonly Position[]): Position =>
  positions.reduce((a, b) => (a < b ? a : b), positions[0] ?? 0n);
