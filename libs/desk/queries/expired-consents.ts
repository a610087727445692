import type pg from 'pg';
import type { Instant } from '#libs/kernel';

/**
 * How many consents expired after `after`, up to and including `upTo`, while their case was open:
 * not answered in time, or granted and not used. An expiry is no event, so that only the board's
 * read model knows it.
 */
export async function countExpiredConsents(
  pool: pg.Pool,
  after: Instant,
  upTo: Instant,
): Promise<number> {
  const { rows } = await pool.query<{ expired: number }>({
    name: 'case_expired_consents',
    text: 'SELECT count(*)::int AS expired FROM board_consent WHERE until > $1 AND until <= $2',
    values: [after, upTo],
  });
  return rows[0]?.expired ?? 0;
}
