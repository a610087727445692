/** The latest of a series of values, for callers that wait for one that suffices. */
export class Waiting<Value> {
  #latest: Value | null = null;
  readonly #sleepers = new Set<() => void>();
  readonly #watchers = new Set<() => void>();

  get latest(): Value | null {
    return this.#latest;
  }

  push(value: Value): void {
    this.#latest = value;
    for (const look of [...this.#sleepers]) look();
  }

  /**
   * The first value, from now on, that `suffices`; null where none came within `ms`, or after
   * `end`.
   */
  until(suffices: (value: Value) => boolean, ms: number): Promise<Value | null> {
    return new Promise((resolve) => {
      const done = (value: Value | null) => {
        clearTimeout(timer);
        this.#sleepers.delete(look);
        resolve(value);
      };
      const look = () => {
        if (this.#ended) done(null);
        else if (this.#latest !== null && suffices(this.#latest)) done(this.#latest);
      };
      const timer = setTimeout(done, ms, null);
      this.#sleepers.add(look);
      look();
      if (this.#sleepers.has(look)) for (const tell of [...this.#watchers]) tell();
    });
  }

  /** Resolves when a caller waits; at the latest after `ms`, or when `signal` aborts. */
  wanted(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#sleepers.size > 0 || ms <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.#watchers.add(done);
    });
  }

  #ended = false;

  /** Ends every wait. */
  end(): void {
    this.#ended = true;
    for (const look of [...this.#sleepers]) look();
  }
}
