import type pg from 'pg';
import type { Clock } from '#libs/kernel';

/** Why a part is not ready, as a code; null where it is. */
export type ReadinessCheck = () => Promise<string | null> | string | null;

/** What must hold before requests are sent to this process. Parts add their checks at start. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();

  add(part: string, check: ReadinessCheck): void {
    this.#checks.set(part, check);
  }

  /** Each part with `ok` or the code that says why not. A check that fails or takes more than two seconds is `unreachable`. */
  async look(): Promise<{ ready: boolean; parts: Record<string, string> }> {
    const found = await Promise.all(
      [...this.#checks].map(async ([part, check]) => [part, (await soon(check)) ?? 'ok'] as const),
    );
    return {
      ready: found.every(([, state]) => state === 'ok'),
      parts: Object.fromEntries(found),
    };
  }
}

async function soon(check: ReadinessCheck): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 2000, 'unreachable');
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } catch {
    return 'unreachable';
  } finally {
    clearTimeout(timer);
  }
}

/** Most seconds by which a process's clock may differ from the database's: windows of proofs and consents are judged by both. */
const maxSkewSeconds = 2;

/** The database answers. */
export const databaseAnswers =
  (pool: pg.Pool): ReadinessCheck =>
  async () => {
    await pool.query('SELECT 1');
    return null;
  };

/** Seconds by which the clock is ahead of the database's, counting half of the way there and back. */
export async function clockSkewSeconds(pool: pg.Pool, clock: Clock): Promise<number> {
  return (await measureSkew(pool, clock)).ahead;
}

/** The clock agrees with the database's. */
export const clockAgrees =
  (pool: pg.Pool, clock: Clock): ReadinessCheck =>
  async () => {
    const { ahead, way } = await measureSkew(pool, clock);
    return Math.abs(ahead) <= maxSkewSeconds + way / 2 ? null : 'clock_skewed';
  };

async function measureSkew(pool: pg.Pool, clock: Clock) {
  const before = Date.parse(clock.now());
  const { rows } = await pool.query<{ ms: string }>(
    'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms',
  );
  const after = Date.parse(clock.now());
  return {
    ahead: ((before + after) / 2 - Number(rows[0]?.ms)) / 1000,
    way: (after - before) / 1000,
  };
}
