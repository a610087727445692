import type pg from 'pg';
import { diskFull, roomAt } from '#libs/embedded-postgres';
import type { Clock } from '#libs/kernel';
import { inTransaction } from './database.js';
import type { Log } from './log.js';

/** Why a part is not ready: a code, and where to look; without personal data. */
export interface NotReady {
  readonly code: string;
  readonly where: string;
}

/** Why a part is not ready, as a code or with a place to look; null where it is. */
export type ReadinessCheck = () => Promise<string | null> | string | NotReady | null;

/** What must hold before requests are sent to this process. Parts add their checks at start. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();

  add(part: string, check: ReadinessCheck): void {
    this.#checks.set(part, check);
  }

  /**
   * Each part with `ok` or the code of its obstacle, and a place to look, where a part gives one. A
   * check that fails or takes more than two seconds is `unreachable`.
   */
  async look(): Promise<{
    ready: boolean;
    parts: Record<string, string>;
    where?: Record<string, string>;
  }> {
    const found = await Promise.all(
      [...this.#checks].map(async ([part, check]) => [part, (await soon(check)) ?? 'ok'] as const),
    );
    const where = found.flatMap(([part, state]) =>
      typeof state === 'string' ? [] : [[part, state.where] as const],
    );
    return {
      ready: found.every(([, state]) => state === 'ok'),
      parts: Object.fromEntries(
        found.map(([part, state]) => [part, typeof state === 'string' ? state : state.code]),
      ),
      ...(where.length > 0 && { where: Object.fromEntries(where) }),
    };
  }
}

async function soon(check: ReadinessCheck): Promise<string | NotReady | null> {
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

/**
 * Largest difference in seconds between a process's clock and the database's: lifetimes of proofs
 * and consents are judged by both.
 */
const maxSkewSeconds = 2;

/** The database answers. */
export const databaseAnswers =
  (pool: pg.Pool): ReadinessCheck =>
  async () => {
    await pool.query('SELECT 1');
    return null;
  };

/**
 * How long a probe's result is reused, in milliseconds: a probe costs a commit and a megabyte on
 * the disk.
 */
const probeEveryMs = 5000;

/**
 * The database accepts changes: a commit reaches its disk, and its files can grow; the probe leaves
 * nothing behind. A result is reused for five seconds, and a change of it is logged.
 */
export function databaseWrites(pool: pg.Pool, log: Log): ReadinessCheck {
  let found: string | null = null;
  let until = 0;
  let looking: Promise<string | null> | undefined;
  return () => {
    if (performance.now() < until) return found;
    looking ??= probe(pool)
      .then((now) => {
        if (now !== found) log[now === null ? 'warn' : 'error']({ code: now }, 'database_writes');
        until = performance.now() + probeEveryMs;
        return (found = now);
      })
      .finally(() => (looking = undefined));
    return looking;
  };
}

async function probe(pool: pg.Pool): Promise<string | null> {
  try {
    await pool.query(`SELECT pg_logical_emit_message(true, 'mianzheng', 'ready')`);
    // A sort that does not fit into memory is written to a file, which must grow as a table does.
    await inTransaction(pool, async (client) => {
      await client.query(`SET LOCAL work_mem = '64kB'`);
      await client.query(
        'SELECT count(DISTINCT repeat(md5(n::text), 32)) FROM generate_series(1, 1024) n',
      );
    });
    return null;
  } catch (error) {
    return diskFull(error) === null ? 'writes_fail' : 'disk_full';
  }
}

/** A disk has so many free bytes: below that a database stops at the next file that it needs. */
export const diskHasRoom =
  (folder: string, least: number): ReadinessCheck =>
  async () =>
    (await roomAt(folder)) < least ? 'disk_full' : null;

/** Seconds by which the clock is ahead of the database's, corrected by half of the round trip. */
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
