import { hash } from 'node:crypto';
import pg from 'pg';
import { numberedOn } from '#libs/platform';
import { asExpressions, type Together } from '../projection.js';
import type { HeldLease, Move } from './checkpoint.js';

/**
 * Locks, of the checkpoints that are where they are said to be, those that nobody holds: the tables
 * are locked by now, so that waiting for a rebuild, which waits for them, would be a deadlock. The
 * commit does not wait for the disk, as that of a transaction.
 */
const moves = `
  set AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
  move AS (SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS m (name, "from", "to")),
  held AS MATERIALIZED (
    SELECT c.name, move.to FROM public.projection_checkpoint c JOIN move
      ON c.name = move.name AND c.position = move.from
    WHERE EXISTS (SELECT FROM public.lease WHERE name = $4 AND epoch = $5)
    FOR UPDATE OF c SKIP LOCKED),
  moved AS (
    UPDATE public.projection_checkpoint c SET position = held.to FROM held, set
    WHERE c.name = held.name RETURNING c.name)`;

/** Zero divides where a checkpoint was not moved: an error is what takes back a statement. */
const divisionByZero = '22012';

/** Statements that a process prepares at most; each connection keeps the plans of its own. */
const preparedAtMost = 64;
const prepared = new Set<string>();

/**
 * A page's writes of all projections and the moves of their checkpoints as one statement.
 * @returns false, and nothing is changed, where a checkpoint is elsewhere or held, the lease is
 *   lost, or a condition does not hold
 */
export async function foldAtOnce(
  pool: pg.Pool,
  checkpoints: readonly Move[],
  together: readonly Together[],
  lease: HeldLease,
): Promise<boolean> {
  const writes = together.flatMap((one) => one.writes);
  const wheres = together.flatMap(({ where }) => where ?? []);
  const { texts, values } = numberedOn([
    {
      text: moves,
      values: [
        checkpoints.map(({ name }) => name),
        checkpoints.map(({ from }) => from),
        checkpoints.map(({ to }) => to),
        lease.name,
        lease.epoch,
      ],
    },
    ...writes.map(asExpressions),
    {
      text: `SELECT 1 / (count(*) = $1::integer${wheres.length > 0 ? ' AND ' : ''}`,
      values: [checkpoints.length],
    },
    ...wheres,
  ]);
  const withs = texts.slice(0, writes.length + 1).join(', ');
  const [counted, ...conditions] = texts.slice(writes.length + 1);
  const text = `WITH ${withs} ${counted}${conditions.join(' AND ')})::integer FROM moved`;
  const name = `fold_${hash('sha256', text, 'hex').slice(0, 32)}`;
  if (prepared.size < preparedAtMost) prepared.add(name);
  try {
    await pool.query({ ...(prepared.has(name) && { name }), text, values: [...values] });
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === divisionByZero) return false;
    throw error;
  }
}
