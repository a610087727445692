/**
 * Lets subscribers sleep until a commit. A wake-up without a sleeper is not kept: readers read
 * before they sleep.
 */
export class Wakeups {
  readonly #sleepers = new Set<() => void>();

  wake(): void {
    const sleepers = [...this.#sleepers];
    this.#sleepers.clear();
    for (const wake of sleepers) wake();
  }

  get awaited(): boolean {
    return this.#sleepers.size > 0;
  }

  /**
   * Resolves at the next wake-up, or when `signal` aborts. Call it before the read whose result
   * decides whether to wait.
   */
  next(signal: AbortSignal): { readonly woken: Promise<void>; forget(): void } {
    let resolve: () => void = () => undefined;
    const woken = new Promise<void>((done) => (resolve = done));
    const wake = () => {
      signal.removeEventListener('abort', wake);
      this.#sleepers.delete(wake);
      resolve();
    };
    if (signal.aborted) resolve();
    else {
      this.#sleepers.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    }
    return { woken, forget: wake };
  }
}
