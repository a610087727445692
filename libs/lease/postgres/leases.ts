import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { UnavailableError } from '#libs/kernel';
import { OwnConnection } from './own-connection.js';

/** Somebody else has the lease, or nobody knows who has it: what only its holder may do must not be done. */
export class LeaseLost extends UnavailableError<'lease_lost'> {}

/** In milliseconds. */
export interface LeaseTimes {
  /** How long a lease holds after it was renewed: after that, whoever asks gets it. */
  readonly lasts: number;
  readonly renewEvery: number;
  /** How often those who wait ask. */
  readonly askEvery: number;
}

const usual: LeaseTimes = { lasts: 3000, renewEvery: 1000, askEvery: 200 };

/** How long a holder that stops waits for its lease to be given back, in milliseconds; the others get it anyway. */
const patienceMs = 500;

/** The row is there before anybody asks for it, so that two who ask at once wait for one another. */
const begin = `
  INSERT INTO lease (name, epoch, holder, backend, until) VALUES ($1, 0, '', 0, '-infinity') ON CONFLICT DO NOTHING`;

/** A holder whose process was killed is gone with its connection: nobody waits until its time is over. */
const ask = `
  UPDATE lease SET epoch = epoch + 1, holder = $2, backend = pg_backend_pid(),
    until = clock_timestamp() + $3 * interval '1 millisecond'
  WHERE name = $1
    AND (until <= clock_timestamp() OR NOT EXISTS (SELECT FROM pg_stat_get_activity(backend)))
  RETURNING epoch`;

/** An epoch must never be given twice, also after a crash of the database; whether a renewal is lost in one matters to nobody. */
const durable = `
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')`;

const renew = `
  WITH weaker AS (SELECT set_config('synchronous_commit', 'off', true))
  UPDATE lease SET until = clock_timestamp() + $3 * interval '1 millisecond'
  FROM weaker WHERE name = $1 AND epoch = $2`;

const giveBack = `UPDATE lease SET until = '-infinity' WHERE name = $1 AND epoch = $2`;

/**
 * Leases on a table: one holder of a name at a time among all processes on a database, judged by the database's clock. A holder that was
 * killed is followed at once; one that is frozen, or whose host cannot be reached, when its time is over.
 *
 * A holder learns late that it was followed, so the lease alone keeps nobody from writing: each write that only a holder may do **must** ask in
 * the database whether the lease's epoch is still the writer's, or be refused for another reason once somebody else has written.
 */
export class PostgresLeases {
  private readonly times: LeaseTimes;

  /** @param config where each lease's own connection goes; it must reach the database itself, not a pool that shares connections */
  constructor(
    private readonly config: pg.ClientConfig,
    times: Partial<LeaseTimes> = {},
  ) {
    this.times = { ...usual, ...times };
  }

  /**
   * Waits until the lease is ours. `waiting` is called once, when another holds it.
   * @throws the signal's reason, and what the driver says where the database does not answer
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

/** A lease that is held: renewed until it is given back or lost. */
export class Lease {
  readonly #lost = new AbortController();
  #renewal: NodeJS.Timeout | undefined;
  /** Here at the latest it is lost, by our own clock: where the database does not answer, somebody else may have it from then on. */
  #deadline: NodeJS.Timeout | undefined;

  constructor(
    readonly name: string,
    /** A decimal number that no holder before had. */
    readonly epoch: string,
    private readonly connection: OwnConnection,
    private readonly times: LeaseTimes,
    holdsUntil: number,
  ) {
    connection.gone.addEventListener('abort', this.#lose);
    if (connection.gone.aborted) this.#lose();
    else this.#holds(holdsUntil);
  }

  /** Aborted once, when the lease is lost without having been given back. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whoever waits gets it at once. */
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
