import type { Head } from './forming.js';

const generation = 50_000;

/**
 * Where streams were last seen to end. Hints only: another process may have appended since. A hint of a version that exists is never
 * wrong about that version's hash, so what is chained to it is either right or refused by the database.
 *
 * Two generations: when the younger one is full, the older is forgotten. So nothing is moved about when a stream is seen again.
 */
export class HeadHints {
  #young = new Map<string, Head>();
  #old = new Map<string, Head>();

  get(stream: string): Head | undefined {
    return this.#young.get(stream) ?? this.#old.get(stream);
  }

  /** Keeps the later of two sightings: reads may answer out of order. */
  seen(stream: string, head: Head): void {
    const known = this.get(stream);
    if (known !== undefined && known.version > head.version) return;
    if (this.#young.size >= generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(stream, head);
  }

  /** Forgets everything: after a lost connection the server may be another one, with less in it. */
  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
