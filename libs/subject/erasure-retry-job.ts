import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock, UnavailableError } from '#libs/kernel';
import { LOG, type Log, Metrics, Settings, unexpected } from '#libs/platform';
import { Eraser } from './eraser.js';
import { RestoredErasures } from './eraser-restored.js';

/** Interval between retries of unfinished erasures, in milliseconds. */
const everyMs = 60_000;

/**
 * Retries erasures at the start and every minute: those left unfinished, and those that a restore
 * of the database undid. Every writing process runs it, because each step can be repeated and run
 * concurrently.
 */
@Injectable()
export class ErasureRetryJob implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  /** When the oldest erasure that could not be carried out was approved, as of the last run. */
  #oldest: string | null = null;

  constructor(
    private readonly eraser: Eraser,
    private readonly restored: RestoredErasures,
    private readonly settings: Settings,
    clock: Clock,
    metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
  ) {
    metrics.watch(
      'mianzheng_erasure_lag_seconds',
      'Seconds since the oldest erasure was approved that could not be carried out; 0 where all were. As of the last look, which is once a minute',
      [],
      () => [
        {
          labels: {},
          value:
            this.#oldest === null
              ? 0
              : Math.max(0, Date.parse(clock.now()) - Date.parse(this.#oldest)) / 1000,
        },
      ],
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.resume();
    // After a restore it reads the records since; decisions meanwhile rest on the records, which
    // contain the erasures.
    this.#next();
    this.#timer = setInterval(() => {
      this.#next();
    }, everyMs);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped.abort();
    await this.#round;
  }

  #next(): void {
    this.#round = this.#round.then(() => this.round());
  }

  /** No failure ends the process: the next run tries again. */
  async round(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    try {
      // Records in the same database were restored to the same moment as the rest of it.
      if (this.settings.eventStoreUrl !== undefined) await this.restored.look(this.#stopped.signal);
    } catch (error) {
      this.log.warn(unexpected(error), 'erasures_not_compared');
    }
    await this.resume();
  }

  private async resume(): Promise<void> {
    try {
      const left = await this.eraser.resume();
      this.#oldest = left.map(({ since }) => since).sort()[0] ?? null;
      // A ledger that accepts no records reports that itself.
      for (const { error } of left)
        if (!(error instanceof UnavailableError))
          this.log.error(unexpected(error), 'erasure_not_carried_out');
    } catch (error) {
      this.log.warn(unexpected(error), 'erasures_not_resumed');
    }
  }
}
