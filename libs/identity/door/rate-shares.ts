/** What this process has of a client's second. */
interface Share {
  left: number;
  /** The database reported that this second's quota is used up. */
  spent: boolean;
  /** End of that second, on the monotonic clock in milliseconds. */
  until: number;
}

const kept = 10_000;

/**
 * Requests a second of each client, over all processes. A process takes a tenth of a client's
 * second at a time from PostgreSQL and counts it down in memory; a client that has used up its
 * second costs the database nothing until the next one.
 */
export class RateShares {
  readonly #shares = new Map<string, Share>();
  /** Requests that are taken from the database at a time. */
  readonly lot: number;

  constructor(readonly perSecond: number) {
    this.lot = Math.max(1, Math.floor(perSecond / 10));
  }

  /** Counts one request here, where that needs no question to the database. */
  take(client: string): 'counted' | 'spent' | 'unknown' {
    const share = this.#shares.get(client);
    if (share === undefined || performance.now() >= share.until) return 'unknown';
    if (share.left > 0) {
      share.left--;
      return 'counted';
    }
    return share.spent ? 'spent' : 'unknown';
  }

  /**
   * What the database said: so many more may pass until the second ends in `msLeft`, and whether
   * the quota is used up with them.
   */
  granted(client: string, left: number, spent: boolean, msLeft: number): void {
    if (!this.#shares.has(client) && this.#shares.size >= kept)
      this.#shares.delete(this.#shares.keys().next().value ?? '');
    this.#shares.set(client, { left, spent, until: performance.now() + msLeft });
  }
}
