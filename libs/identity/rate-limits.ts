import type pg from 'pg';
import { TooManyError } from '#libs/kernel';
import type { Settings } from '#libs/platform';

export class RateExceeded extends TooManyError<'rate_exceeded'> {}

/** What this process took of a client's second. */
interface Share {
  left: number;
  /** The database reported that this second's quota is used up. */
  spent: boolean;
  /** End of that second, on the monotonic clock in milliseconds. */
  until: number;
  taking: Promise<void> | null;
}

const kept = 10_000;

/**
 * Requests a second of each client, over all processes. A process takes a tenth of a client's
 * second at a time from PostgreSQL and counts it down in memory; a client that has used up its
 * second costs the database nothing until the next one.
 */
export class RateLimits {
  readonly #shares = new Map<string, Share>();
  readonly #perSecond: number;
  readonly #lot: number;

  constructor(
    private readonly pool: pg.Pool,
    settings: Settings,
    /** Told of each request that is refused. */
    private readonly onRefused: () => void = () => undefined,
  ) {
    this.#perSecond = settings.limits.requestsPerSecond;
    this.#lot = Math.max(1, Math.floor(this.#perSecond / 10));
  }

  /** Counts one request. @throws RateExceeded with the seconds after which there is room again */
  async count(client: string): Promise<void> {
    const share = this.#shareOf(client);
    for (;;) {
      const current = performance.now() < share.until;
      if (current && share.left > 0) {
        share.left--;
        return;
      }
      if (current && share.spent) {
        this.onRefused();
        throw new RateExceeded(
          'rate_exceeded',
          'this client asks too often',
          { perSecond: this.#perSecond },
          { retryAfterSeconds: 1 },
        );
      }
      share.taking ??= this.#take(client, share).finally(() => {
        share.taking = null;
      });
      await share.taking;
    }
  }

  #shareOf(client: string): Share {
    let share = this.#shares.get(client);
    if (share === undefined) {
      share = { left: 0, spent: false, until: 0, taking: null };
      if (this.#shares.size >= kept) this.#shares.delete(this.#shares.keys().next().value ?? '');
      this.#shares.set(client, share);
    }
    return share;
  }

  async #take(client: string, share: Share): Promise<void> {
    const { rows } = await this.pool.query<{ granted: number; ms_left: number }>({
      name: 'request_rate_take',
      text: `WITH moment AS (SELECT extract(epoch FROM clock_timestamp()) AS at),
             took AS (
               INSERT INTO request_rate AS r (client, second, taken)
               SELECT $1, floor(at)::bigint, $2::integer FROM moment
               ON CONFLICT (client) DO UPDATE SET
                 second = excluded.second,
                 taken = CASE WHEN r.second = excluded.second THEN r.taken ELSE 0 END + excluded.taken
               WHERE r.second <> excluded.second OR r.taken < $3
               RETURNING taken)
             SELECT coalesce((SELECT greatest(0, $2 - greatest(0, taken - $3)) FROM took), 0)::integer AS granted,
                    ceil((1 - (at - floor(at))) * 1000)::integer AS ms_left
             FROM moment`,
      values: [client, this.#lot, this.#perSecond],
    });
    const [row] = rows;
    share.left = row?.granted ?? 0;
    share.until = performance.now() + (row?.ms_left ?? 0);
    share.spent = share.left === 0;
  }
}
