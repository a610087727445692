import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { hash } from 'node:crypto';
import type pg from 'pg';
import { type Clock, plusSeconds } from '#libs/kernel';
import { ReplayMemory } from './caller.js';

interface Waiting {
  readonly valueHash: string;
  readonly expires: string;
  readonly answer: (first: boolean) => void;
  readonly fail: (cause: unknown) => void;
}

const sweepEveryMs = 60_000;
/** Clocks of processes may differ a little: nothing is deleted that another may still accept. */
const slackSeconds = 300;
const maxBatch = 500;

/**
 * One-time values in PostgreSQL: the primary key is the judge, between requests and between
 * processes. Values that come while a statement is under way go down together in the next, so that
 * a burst shares commits.
 */
export class PostgresReplayMemory
  extends ReplayMemory
  implements OnModuleInit, OnApplicationShutdown
{
  #waiting: Waiting[] = [];
  #busy = false;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly clock: Clock,
    /** Told the purpose of each value that came a second time. */
    private readonly onReplay: (purpose: string) => void = () => undefined,
  ) {
    super();
  }

  onModuleInit(): void {
    this.startForgetting();
  }

  onApplicationShutdown(): void {
    this.stopForgetting();
  }

  /** Sweeps every minute from now on; for programs without Nest. */
  startForgetting(): void {
    this.#sweeper ??= setInterval(() => {
      this.forgetExpired().catch(() => undefined); // the next sweep takes it
    }, sweepEveryMs).unref();
  }

  stopForgetting(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  async firstUse(purpose: string, value: string, expires: string): Promise<boolean> {
    const first = await this.#remember(purpose, value, expires);
    if (!first) this.onReplay(purpose);
    return first;
  }

  #remember(purpose: string, value: string, expires: string): Promise<boolean> {
    return new Promise((answer, fail) => {
      const valueHash = hash('sha256', `${purpose}\0${value}`, 'hex');
      this.#waiting.push({ valueHash, expires, answer, fail });
      if (!this.#busy) void this.#drain();
    });
  }

  /** Removes what no proof or token can be accepted for any more. */
  async forgetExpired(): Promise<void> {
    await this.pool.query('DELETE FROM replay_memory WHERE expires < $1', [
      plusSeconds(this.clock.now(), -slackSeconds),
    ]);
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxBatch);
      try {
        const written = await this.#write(batch);
        // Of the same value twice in one batch, the first one wins.
        for (const { valueHash, answer } of batch) answer(written.delete(valueHash));
      } catch (cause) {
        for (const { fail } of batch) fail(cause);
      }
    }
    this.#busy = false;
  }

  async #write(batch: readonly Waiting[]): Promise<Set<string>> {
    // In the order of the key, so that two processes with the same values cannot wait for each
    // other.
    const values = [...new Map(batch.map((one) => [one.valueHash, one.expires]))].sort(
      ([a], [b]) => (a < b ? -1 : 1),
    );
    const { rows } = await this.pool.query<{ value_hash: string }>({
      name: 'replay_memory_first_use',
      text: `INSERT INTO replay_memory (value_hash, expires)
             SELECT decode(h, 'hex'), e FROM unnest($1::text[], $2::timestamptz[]) AS u (h, e)
             ON CONFLICT (value_hash) DO NOTHING
             RETURNING encode(value_hash, 'hex') AS value_hash`,
      values: [values.map(([value]) => value), values.map(([, expires]) => expires)],
    });
    return new Set(rows.map((row) => row.value_hash));
  }
}
