import type { Head } from './forming.js';

const generation = 50_000;

/**
 * Hints at where streams end: another process may have appended since, but the hash of a version is
 * never wrong. Two generations make a cheap LRU: the older is dropped when the younger is full, so
 * that a repeated sighting moves nothing.
 */
export class HeadHints {
  #young = new Map<string, Head>();
  #old = new Map<string, Head>();

  get(stream: string): Head | undefined {
    return this.#young.get(stream) ?? this.#old.get(stream);
  }

  /** Keeps the later of two heads, because reads may be answered out of order. */
  seen(stream: string, head: Head): void {
    const known = this.get(stream);
    if (known !== undefined && known.version > head.version) return;
    if (this.#young.size >= generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(stream, head);
  }

  /**
   * Forgets everything: after a lost connection the server may be another one with fewer events.
   */
  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
