import type { LogStorage, Refusal } from './ports.js';

/**
 * How often a process checks whether a sealer, of any process on its database, has refused, in
 * milliseconds.
 */
const lookMs = 400;

/**
 * The refusal in force as this process knows it: at most a second old while the database answers.
 */
export class RefusalWatch {
  #refusal: Refusal | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(private readonly storage: Pick<LogStorage, 'refusal'>) {}

  get refusal(): Refusal | null {
    return this.#refusal;
  }

  /** Checks once, so that nothing is accepted before that, and keeps checking. */
  async start(): Promise<void> {
    await this.look();
    this.#later();
  }

  async look(): Promise<void> {
    this.#refusal = await this.storage.refusal();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      // An unreachable database accepts no appends either, so the last known state stays.
      void this.look()
        .catch(() => undefined)
        .then(() => {
          this.#later();
        });
    }, lookMs);
    this.#timer.unref();
  }
}
