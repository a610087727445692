import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { UnavailableError } from '#libs/kernel';
import { OwnConnection } from './own-connection.js';

/**
 * Another process has the lease, or it is unknown which one has: work that needs the lease must
 * stop.
 */
export class LeaseLost extends UnavailableError<'lease_lost'> {}

/** In milliseconds. */
export interface LeaseTimes {
  /** How long a lease holds after its renewal; after that the next request gets it. */
  readonly lasts: number;
  readonly renewEvery: number;
  /** How often waiting processes ask. */
  readonly askEvery: number;
}

const usual: LeaseTimes = { lasts: 3000, renewEvery: 1000, askEvery: 200 };

/**
 * How long a stopping holder waits for the release of its lease, in milliseconds; without it,
 * others get the lease when it expires.
 */
const patienceMs = 500;

/**
 * The row exists before the first request, so that two concurrent requests wait for one another.
 */
const begin = `
  INSERT INTO lease (name, epoch, holder, backend, until) VALUES ($1, 0, '', 0, '-infinity') ON CONFLICT DO NOTHING`;

/** A killed holder's connection is gone, so its lease is free before it expires. */
const ask = `
  UPDATE lease SET epoch = epoch + 1, holder = $2, backend = pg_backend_pid(),
    until = clock_timestamp() + $3 * interval '1 millisecond'
  WHERE name = $1
    AND (until <= clock_timestamp() OR NOT EXISTS (SELECT FROM pg_stat_get_activity(backend)))
  RETURNING epoch`;

/**
 * An epoch must never be given twice, also after a crash of the database; a lost renewal does no
 * harm.
 */
const durable = `
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')`;

const renew = `
  WITH weaker AS (SELECT set_config('synchronous_commit', 'off', true))
  UPDATE lease SET until = clock_timestamp() + $3 * interval '1 millisecond'
  FROM weaker WHERE name = $1 AND epoch = $2`;

const giveBack = `UPDATE lease SET until = '-infinity' WHERE name = $1 AND epoch = $2`;

/**
 * Leases on a table: one holder of a name among all processes of a database, by its clock; a killed
 * holder's lease is free at once, a frozen or unreachable one's when it expires. A holder may learn
 * late that its lease was lost, so each write that needs the lease **must** check the epoch in the
 * database (fencing) or be refused for another reason.
 */
export class PostgresLeases {
  private readonly times: LeaseTimes;

  /**
   * @param config where each lease's own connection goes; it must reach the database itself, not a
   * pool that shares connections
   */
  constructor(
    private readonly config: pg.ClientConfig,
    times: Partial<LeaseTimes> = {},
  ) {
    this.times = { ...usual, ...times };
  }

  /**
   * Waits until the lease is acquired. `waiting` is called once, when another process holds it.
   * @throws the signal's reason, and the driver's error where the database does not answer
   */
  async take(
    name: string,
    signal: AbortSignal,
    waiting: () => void = () => undefined,
  ): Promise<Lease> {
    signal.throwIfAborted();
    const { lasts, askEvery } = this.times;
    const connection = await OwnConnection.open({
      ...this.config,
      query_timeout: Math.max(lasts, 1000),
      application_name: `mianzheng lease of ${name}`,
    });
    try {
      await connection.query(durable);
      await connection.query(begin, [name]);
      for (let tell = waiting; ; tell = () => undefined) {
        const asked = performance.now();
        const { rows } = await connection.query<{ epoch: string }>(ask, [
          name,
          `${hostname()} ${process.pid}`,
          lasts,
        ]);
        const [taken] = rows;
        if (taken !== undefined)
          return new Lease(name, taken.epoch, connection, this.times, asked + lasts);
        tell();
        await wait(askEvery, undefined, { signal }).catch(() => undefined);
        signal.throwIfAborted();
      }
    } catch (error) {
      await connection.end();
      throw error;
    }
  }
}

/** A lease that is held: renewed until it is released or lost. */
export class Lease {
  readonly #lost = new AbortController();
  #renewal: NodeJS.Timeout | undefined;
  /**
   * The time by this process's clock at which the lease counts as lost: where the database does not
   * answer, another process may have it from then on.
   */
  #deadline: NodeJS.Timeout | undefined;

  constructor(
    readonly name: string,
    /** A decimal number that no earlier holder had. */
    readonly epoch: string,
    private readonly connection: OwnConnection,
    private readonly times: LeaseTimes,
    holdsUntil: number,
  ) {
    connection.gone.addEventListener('abort', this.#lose);
    if (connection.gone.aborted) this.#lose();
    else this.#holds(holdsUntil);
  }

  /** Aborted once, when the lease is lost without having been released. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Releases the lease; a waiting process gets it at once. */
  async giveBack(): Promise<void> {
    this.#rest();
    if (!this.#lost.signal.aborted)
      await Promise.race([
        this.connection.query(giveBack, [this.name, this.epoch]).catch(() => undefined),
        wait(patienceMs, undefined, { ref: false }),
      ]);
    await this.connection.end();
  }

  /** @param until by the clock of `performance.now()` */
  #holds(until: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(this.#lose, Math.max(0, until - performance.now()));
    this.#renewal = setTimeout(() => void this.#renew(), this.times.renewEvery);
  }

  async #renew(): Promise<void> {
    const asked = performance.now();
    try {
      const { rowCount } = await this.connection.query(renew, [
        this.name,
        this.epoch,
        this.times.lasts,
      ]);
      if (this.#lost.signal.aborted || this.#resting) return;
      if (rowCount === 1) this.#holds(asked + this.times.lasts);
      else this.#lose();
    } catch {
      this.#lose();
    }
  }

  readonly #lose = (): void => {
    if (this.#resting) return;
    this.#rest();
    this.#lost.abort(new LeaseLost('lease_lost', 'the lease was lost', { lease: this.name }));
    this.connection.cut();
  };

  #resting = false;
  #rest(): void {
    this.#resting = true;
    clearTimeout(this.#renewal);
    clearTimeout(this.#deadline);
    this.connection.gone.removeEventListener('abort', this.#lose);
  }
}
