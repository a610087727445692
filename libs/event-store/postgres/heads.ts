import type { Head } from '../forming.js';

const most = 100_000;

/**
 * Where streams were last seen to end. Hints only: another process may have appended since. A hint of a version that exists is never
 * wrong about that version's hash, so what is chained to it is either right or refused by the database.
 */
export class HeadHints {
  readonly #heads = new Map<string, Head>();

  get(stream: string): Head | undefined {
    return this.#heads.get(stream);
  }

  /** Keeps the later of two sightings: reads may answer out of order. */
  seen(stream: string, head: Head): void {
    const known = this.#heads.get(stream);
    if (known !== undefined) {
      if (known.version > head.version) return;
      this.#heads.delete(stream); // and to the end of the map's order: the oldest goes first
    } else if (this.#heads.size >= most) {
      const [oldest] = this.#heads.keys();
      if (oldest !== undefined) this.#heads.delete(oldest);
    }
    this.#heads.set(stream, head);
  }

  /** Forgets everything: after a lost connection the server may be another one, with less in it. */
  clear(): void {
    this.#heads.clear();
  }
}
