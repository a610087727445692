import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type pg from 'pg';
import { type Clock, plusSeconds } from '#libs/kernel';
import { ReplayMemory } from './caller.js';
import type { Door } from './door/door.js';

const sweepEveryMs = 60_000;
/** Clocks of processes may differ a little: nothing is deleted that another may still accept. */
const slackSeconds = 300;

/** One-time values in PostgreSQL, which the door writes; here they are removed when they expire. */
export class PostgresReplayMemory
  extends ReplayMemory
  implements OnModuleInit, OnApplicationShutdown
{
  #sweeper: NodeJS.Timeout | undefined;

  constructor(
    private readonly door: Door,
    private readonly pool: pg.Pool,
    private readonly clock: Clock,
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

  firstUse(purpose: string, value: string, expires: string): Promise<boolean> {
    return this.door.firstUse({ purpose, value, expires });
  }

  /** Removes what no proof or token can be accepted for any more. */
  async forgetExpired(): Promise<void> {
    await this.pool.query('DELETE FROM replay_memory WHERE expires < $1', [
      plusSeconds(this.clock.now(), -slackSeconds),
    ]);
  }
}
