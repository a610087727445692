import type pg from 'pg';
import { type Position, START } from '#libs/event-store';

/** Where a projection stands; `START` where it never ran. */
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

/**
 * The same, holding the row until the transaction ends: whoever folds or swaps the projection's tables holds it, so that it is one at a
 * time, in whatever process.
 */
export async function holdCheckpoint(client: pg.PoolClient, name: string): Promise<Position> {
  await client.query(
    'INSERT INTO public.projection_checkpoint (name, position) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [name, START.toString()],
  );
  const { rows } = await client.query<{ position: string }>(
    'SELECT position FROM public.projection_checkpoint WHERE name = $1 FOR UPDATE',
    [name],
  );
  return rows[0] === undefined ? START : BigInt(rows[0].position);
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

/** Runs `work` in a transaction on a connection of its own; a connection whose transaction failed is not given back to the others. */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let failed: Error | boolean = false;
  try {
    await client.query('BEGIN');
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
