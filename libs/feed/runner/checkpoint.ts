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

/** Several projections' checkpoints, which exist afterwards: they can be moved together. */
export async function checkpointsOf(
  pool: pg.Pool,
  names: readonly string[],
): Promise<ReadonlyMap<string, Position>> {
  await pool.query(
    `INSERT INTO public.projection_checkpoint (name, position)
     SELECT name, $2 FROM unnest($1::text[]) AS n (name) ON CONFLICT DO NOTHING`,
    [names, START],
  );
  const { rows } = await pool.query<{ name: string; position: string }>(
    'SELECT name, position FROM public.projection_checkpoint WHERE name = ANY($1)',
    [names],
  );
  return new Map(rows.map(({ name, position }) => [name, BigInt(position)]));
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

/** A checkpoint's way from where it is known to be. */
export interface Move {
  readonly name: string;
  readonly from: Position;
  readonly to: Position;
}

/**
 * Within a transaction it locks the rows and sets the transaction's longest pause. The commit does
 * not wait for the disk: what a crash loses of it, rows and checkpoints, is folded again.
 */
const moveAll = `
  WITH set AS (
    SELECT set_config('synchronous_commit', 'off', true),
           set_config('idle_in_transaction_session_timeout', $6, true))
  UPDATE public.projection_checkpoint c SET position = m.to
  FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS m (name, "from", "to"), set
  WHERE c.name = m.name AND c.position = m.from
    AND EXISTS (SELECT FROM public.lease WHERE name = $4 AND epoch = $5)
  RETURNING c.name`;

/**
 * Moves, in one statement, each checkpoint that is where it is said to be, under the lease.
 * @returns the names of those that were moved
 */
export async function moveCheckpoints(
  client: pg.Pool | pg.PoolClient,
  moves: readonly Move[],
  lease: HeldLease,
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>({
    name: 'projection_move_checkpoints',
    text: moveAll,
    values: [
      moves.map(({ name }) => name),
      moves.map(({ from }) => from),
      moves.map(({ to }) => to),
      lease.name,
      lease.epoch,
      String(pageIdleMs),
    ],
  });
  return new Set(rows.map(({ name }) => name));
}

/**
 * Longest pause within a transaction, in milliseconds: a frozen process must not keep a
 * checkpoint's row locked.
 */
const pageIdleMs = 1500;

/**
 * Runs `work` in a transaction on a connection of its own; a connection whose transaction failed is
 * not returned to the pool.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
  { idleMs = pageIdleMs, keep = () => true }: TransactionOptions<Result> = {},
): Promise<Result> {
  const client = await pool.connect();
  let failed: Error | boolean = false;
  try {
    await client.query(
      idleMs === null
        ? 'BEGIN'
        : `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`,
    );
    const result = await work(client);
    await client.query(keep(result) ? 'COMMIT' : 'ROLLBACK');
    return result;
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    client.release(failed);
  }
}

export interface TransactionOptions<Result> {
  /**
   * How long the database waits for the next statement before it ends the transaction and the
   * connection, in milliseconds; null where the work's first statement says so.
   */
  readonly idleMs?: number | null;
  /** Whether the work is committed, by its result. */
  readonly keep?: (result: Result) => boolean;
}
