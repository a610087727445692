import type pg from 'pg';
import { type Position, START } from '#libs/event-store';
import { type Lease, LeaseLost } from '#libs/lease/postgres';

/** A projection's checkpoint; `START` where it never ran. */
export async function checkpointOf(
  client: pg.Pool | pg.PoolClient,
  name: string,
): Promise<Position> {
  const { rows } = await client.query<{ position: string }>(
    'SELECT position FROM public.projection_checkpoint WHERE name = $1',
    [name],
  );
  return rows[0] === undefined ? START : BigInt(rows[0].position);
}

/** The part of a lease that a write names. */
export type HeldLease = Pick<Lease, 'name' | 'epoch'>;

/**
 * The same, locking the row until the transaction ends: folding and swapping a projection's tables
 * exclude each other, in all processes.
 * @param lease of the calling runner; null for a rebuild, which needs none
 * @throws LeaseLost where another runner has it now
 */
export async function holdCheckpoint(
  client: pg.PoolClient,
  name: string,
  lease: HeldLease | null,
): Promise<Position> {
  const hold = async () => {
    const { rows } = await client.query<{ position: string; epoch: string | null }>({
      name: 'projection_hold_checkpoint',
      text: `SELECT position, (SELECT epoch FROM public.lease WHERE name = $2) AS epoch
             FROM public.projection_checkpoint WHERE name = $1 FOR UPDATE`,
      values: [name, lease?.name ?? null],
    });
    return rows[0];
  };
  let row = await hold();
  if (row === undefined) {
    await client.query(
      'INSERT INTO public.projection_checkpoint (name, position) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [name, START.toString()],
    );
    row = await hold();
  }
  if (lease !== null && row?.epoch !== lease.epoch)
    throw new LeaseLost('lease_lost', 'another runner folds the projections now', {
      lease: lease.name,
    });
  return row === undefined ? START : BigInt(row.position);
}

export async function moveCheckpoint(
  client: pg.PoolClient,
  name: string,
  position: Position,
): Promise<void> {
  await client.query('UPDATE public.projection_checkpoint SET position = $2 WHERE name = $1', [
    name,
    position.toString(),
  ]);
}

/**
 * Longest pause within a transaction, in milliseconds: a frozen process must not keep a
 * checkpoint's row locked.
 */
const pageIdleMs = 1500;

/**
 * Runs `work` in a transaction on a connection of its own; a connection whose transaction failed is
 * not returned to the pool.
 * @param idleMs how long the database waits for the next statement before it ends the transaction
 *   and the connection
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
  idleMs = pageIdleMs,
): Promise<Result> {
  const client = await pool.connect();
  let failed: Error | boolean = false;
  try {
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    client.release(failed);
  }
}
