/** What was looked at, and whether it held: told as it comes, and counted at the end. */
export class Report {
  #passed = 0;
  #failed = 0;
  readonly #began = Date.now();

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  scene(title: string): void {
    this.say(`${String(Math.round((Date.now() - this.#began) / 1000)).padStart(4)} s  ${title}`);
  }

  /** @param seen told beside what failed, or beside what holds where it is a text */
  check(what: string, holds: boolean, seen?: unknown): void {
    const told = typeof seen === 'string' ? seen : JSON.stringify(seen);
    if (holds) this.#passed++;
    else this.#failed++;
    const beside = holds ? (typeof seen === 'string' ? `: ${seen}` : '') : `; seen: ${told}`;
    this.say(`    ${holds ? '✓' : '✗'} ${what}${beside}`);
  }

  /** Runs a scene; its error is its own failure, and the next one runs. */
  async play(title: string, scene: () => Promise<void>): Promise<void> {
    this.scene(title);
    try {
      await scene();
    } catch (error) {
      this.check(title, false, error instanceof Error ? (error.stack ?? error.message) : error);
    }
  }

  /** The last line, by which the run is counted. */
  end(): boolean {
    this.say(`services: ${this.#passed} passed, ${this.#failed} failed, 0 skipped`);
    return this.#failed === 0;
  }
}
