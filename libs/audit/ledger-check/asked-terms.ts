import { longOver, type Moment, seconds } from './moments.js';

interface Asked {
  readonly case: string;
  readonly noticeHash: string;
  readonly askedAt: number;
}

/**
 * Case and text of requests that wait, which a passkey signs the hash of. Requests can be answered
 * for minutes, so that those of a day before are let go, and memory holds some only.
 */
export class AskedTerms {
  /** By the consent's row, in the order of the requests. */
  readonly #asked = new Map<number, Asked>();

  add(row: number, asked: Omit<Asked, 'askedAt'>, time: Moment, now: Moment): void {
    for (const [old, { askedAt }] of this.#asked) {
      if (askedAt + longOver > seconds(now)) break;
      this.#asked.delete(old);
    }
    this.#asked.set(row, { ...asked, askedAt: seconds(time) });
  }

  /** Those of a request that is answered now; null where it was asked a day before. */
  take(row: number): Omit<Asked, 'askedAt'> | null {
    const asked = this.#asked.get(row) ?? null;
    this.#asked.delete(row);
    return asked;
  }
}
