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

/** How often what was left half done is gone on with. Milliseconds. */
const everyMs = 60_000;

/**
 * Takes care that no approved erasure waits for a restart: at the start and every minute it is looked for what was left half done, and for what a restore of the database
 * brought back. Every process of the writing side does so: each step can be taken twice, by two at once.
 */
@Injectable()
export class EraserRounds implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  /** When the oldest was approved that could not be carried out, as of the last round. */
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
    // After a restore it reads what was recorded since; what is decided meanwhile is decided on the records, which know of the erasures.
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

  /** Nothing that goes wrong ends the process: the next round tries again. */
  async round(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    try {
      // Records in the database itself are of one moment with the rest of it.
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
      // A ledger that takes no records now is no news: it says so itself.
      for (const { error } of left)
        if (!(error instanceof UnavailableError))
          this.log.error(unexpected(error), 'erasure_not_carried_out');
    } catch (error) {
      this.log.warn(unexpected(error), 'erasures_not_resumed');
    }
  }
}
