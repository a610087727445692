import type { LogShelf, Refusal } from './ports.js';

/** How often a process looks whether a sealer, of any process on its database, has refused, in milliseconds. */
const lookMs = 400;

/** Whether a refusal stands, as this process knows it: at most a second old while the database answers. */
export class RefusalWatch {
  #standing: Refusal | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(private readonly shelf: Pick<LogShelf, 'refusal'>) {}

  get standing(): Refusal | null {
    return this.#standing;
  }

  /** Looks once, so that nothing is taken before that, and goes on looking. */
  async start(): Promise<void> {
    await this.look();
    this.#later();
  }

  async look(): Promise<void> {
    this.#standing = await this.shelf.refusal();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      // A database that does not answer takes no appends either: what was known stays.
      void this.look()
        .catch(() => undefined)
        .then(() => {
          this.#later();
        });
    }, lookMs);
    this.#timer.unref();
  }
}
