/** What a program opened on its way up, to be closed on its way down: the last first. */
export class Opened {
  readonly #closes: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.#closes.push(close);
  }

  /** Closes everything, once. */
  async close(): Promise<void> {
    for (const close of this.#closes.reverse().splice(0)) await close();
  }
}
