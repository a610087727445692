import type pg from 'pg';
import { countExpiredConsents } from '#libs/desk/desk.module';
import { type Clock, plusSeconds } from '#libs/kernel';
import type { Metrics } from '#libs/platform';

const lookEveryMs = 15_000;
/**
 * An answer of the last second may not be on the board yet: what ran out is counted when it has
 * been out for this long.
 */
const settledSeconds = 60;

/**
 * Counts the consents that run out, in the one process that folds the feed, so that the sum over
 * all processes is right.
 * @returns what ends it
 */
export function countExpired(on: {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Whether this process is the one. */
  readonly folding: () => boolean;
}): () => void {
  const { pool, clock, metrics, folding } = on;
  const settled = () => plusSeconds(clock.now(), -settledSeconds);
  let upTo = settled();
  const look = async () => {
    const now = settled();
    if (folding()) {
      const expired = await countExpiredConsents(pool, upTo, now);
      metrics.consents.inc({ outcome: 'expired' }, expired);
    }
    upTo = now;
  };
  const timer = setInterval(() => {
    look().catch(() => undefined); // the next look counts from where this one should have
  }, lookEveryMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
