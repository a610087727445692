/** Limits concurrency; the others wait in order, without a timer. */
export class Gate {
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#inside >= this.most) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#inside++;
    try {
      return await work();
    } finally {
      // The slot passes to the longest waiting, and is never free in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside--;
      else next();
    }
  }
}
