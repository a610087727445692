import pg from 'pg';
import { type EventStore, type Position, START } from '#libs/event-store';
import { ConflictError } from '#libs/kernel';
import type { Projection } from '../projection.js';
import { checkpointOf, holdCheckpoint, inTransaction } from './checkpoint.js';
import { pagesOf, partOf } from './folding.js';

/** Another process is rebuilding the same projection. */
export class RebuildRefused extends ConflictError<'rebuild_under_way'> {}

export interface Rebuilt {
  readonly projection: string;
  /** Records of the feed that were read. */
  readonly records: number;
  readonly tables: readonly {
    readonly table: string;
    readonly rows: number;
    /**
     * For a check: rows that only the kept, or only the rebuilt table has, compared as text, byte
     * for byte. Otherwise null.
     */
    readonly differing: number | null;
  }[];
}

export interface RebuildOptions {
  /** Compare and leave the kept tables as they are. */
  readonly check?: boolean;
  /**
   * Called after every page, with the records read and an estimate of their total: positions only
   * tell the share of the feed.
   */
  readonly onProgress?: (read: number, of: number) => void;
}

const leaseClass = 0x6d7a_0003;

/** A rebuild reads the store while it locks the checkpoint's row, so it gets longer. */
const rebuildIdleMs = 30_000;

/**
 * Rebuilds a projection's tables from the feed while the city runs: in a shadow schema, then, with
 * the checkpoint's row locked briefly, up to exactly the kept tables' position, then in their
 * place. Readers see the old or the new tables, never a mixture.
 * @throws RebuildRefused
 */
export async function rebuild(
  pool: pg.Pool,
  store: EventStore,
  projection: Projection,
  options: RebuildOptions = {},
): Promise<Rebuilt> {
  const schema = `rebuild_${projection.name}`;
  const lock = await pool.connect();
  let taken = false;
  try {
    const { rows } = await lock.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken',
      [leaseClass, projection.name],
    );
    if (rows[0]?.taken !== true)
      throw new RebuildRefused('rebuild_under_way', 'this projection is being rebuilt elsewhere', {
        projection: projection.name,
      });
    taken = true;
    await shadow(pool, schema, projection.tables);
    const counted = { read: 0 };
    const head = Number(await store.head());
    const fold = (from: Position, upTo: Position, client?: pg.PoolClient) =>
      foldInto(pool, store, projection, schema, from, upTo, client, (records, at) => {
        counted.read += records;
        const total = Math.round((counted.read * head) / Number(at));
        options.onProgress?.(counted.read, Math.max(counted.read, total));
      });

    // New records are folded in ever shorter rounds, so that little is left for the time under the
    // lock.
    let at: Position = START;
    for (let round = 0; round < 5; round++) {
      const live = await checkpointOf(pool, projection.name);
      if (live <= at) break;
      at = await fold(at, live);
    }
    const tables = await inTransaction(
      pool,
      async (client) => {
        const live = await holdCheckpoint(client, projection.name, null);
        await fold(at, live, client);
        if (options.check === true) return compare(client, schema, projection.tables);
        return swap(client, schema, projection.tables);
      },
      { idleMs: rebuildIdleMs },
    );
    return { projection: projection.name, records: counted.read, tables };
  } finally {
    if (taken) {
      // An unreachable database needs no cleaning: the next rebuild begins by dropping the schema.
      await lock
        .query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`)
        .then(() =>
          lock.query('SELECT pg_advisory_unlock($1, hashtext($2))', [leaseClass, projection.name]),
        )
        .catch(() => undefined);
    }
    lock.release(true); // a connection that holds a lock must not return to the pool
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Empty tables of the same shape, with the same names of constraints and indexes, so that
 * migrations find them after the swap.
 */
async function shadow(pool: pg.Pool, schema: string, tables: readonly string[]): Promise<void> {
  const into = quoted(schema);
  await inTransaction(pool, async (client) => {
    await client.query(`DROP SCHEMA IF EXISTS ${into} CASCADE`);
    await client.query(`CREATE SCHEMA ${into}`);
    for (const table of tables) {
      const target = `${into}.${quoted(table)}`;
      await client.query(
        `CREATE TABLE ${target} (LIKE public.${quoted(table)} INCLUDING ALL EXCLUDING INDEXES)`,
      );
      const constraints = await client.query<{ name: string; definition: string }>(
        `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
         WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'x') ORDER BY conname`,
        [`public.${quoted(table)}`],
      );
      for (const { name, definition } of constraints.rows)
        await client.query(`ALTER TABLE ${target} ADD CONSTRAINT ${quoted(name)} ${definition}`);
      const indexes = await client.query<{ definition: string }>(
        `SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index
         WHERE indrelid = $1::regclass
           AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid) ORDER BY indexrelid`,
        [`public.${quoted(table)}`],
      );
      for (const { definition } of indexes.rows)
        await client.query(definition.replace(' ON public.', ` ON ${into}.`));
    }
  });
}

async function foldInto(
  pool: pg.Pool,
  store: EventStore,
  projection: Projection,
  schema: string,
  from: Position,
  upTo: Position,
  held: pg.PoolClient | undefined,
  onPage: (records: number, at: Position) => void,
): Promise<Position> {
  let at = from;
  for await (const page of pagesOf(store, from, upTo)) {
    const part = partOf(projection, page, from);
    const apply = async (client: pg.PoolClient) => {
      await client.query(`SET LOCAL search_path TO ${quoted(schema)}`);
      await projection.apply(part, client);
      await client.query('SET LOCAL search_path TO public');
    };
    if (part.length > 0) await (held === undefined ? inTransaction(pool, apply) : apply(held));
    at = page.at(-1)?.position ?? at;
    onPage(page.length, at);
  }
  return at;
}

async function compare(client: pg.PoolClient, schema: string, tables: readonly string[]) {
  const compared = [];
  for (const table of tables) {
    const kept = `SELECT t::text FROM public.${quoted(table)} t`;
    const made = `SELECT t::text FROM ${quoted(schema)}.${quoted(table)} t`;
    const { rows } = await client.query<{ rows: string; differing: string }>(
      `SELECT (SELECT count(*) FROM (${made}) m) AS rows,
              (SELECT count(*) FROM ((${kept}) EXCEPT ALL (${made})) k)
            + (SELECT count(*) FROM ((${made}) EXCEPT ALL (${kept})) m) AS differing`,
    );
    compared.push({
      table,
      rows: Number(rows[0]?.rows),
      differing: Number(rows[0]?.differing),
    });
  }
  return compared;
}

/**
 * In one transaction: the kept tables are dropped, the rebuilt ones take their place. Names of
 * indexes are free again once the old tables are dropped.
 */
async function swap(client: pg.PoolClient, schema: string, tables: readonly string[]) {
  const counted = [];
  for (const table of tables) {
    const { rows } = await client.query<{ rows: string }>(
      `SELECT count(*) AS rows FROM ${quoted(schema)}.${quoted(table)}`,
    );
    counted.push({ table, rows: Number(rows[0]?.rows), differing: null });
  }
  await lockAll(client, tables);
  for (const table of tables) {
    await client.query(`DROP TABLE public.${quoted(table)}`);
    await client.query(`ALTER TABLE ${quoted(schema)}.${quoted(table)} SET SCHEMA public`);
  }
  return counted;
}

/** Milliseconds that a lock is waited for at a time, well below PostgreSQL's deadlock_timeout. */
const lockWaitMs = 100;
const lockAttempts = 50;
const lockNotAvailable = '55P03';

/**
 * All tables, or none for the moment: a statement may hold one of them and wait for another, as
 * the runner's that writes all, so that no lock is kept while another is waited for long.
 */
async function lockAll(client: pg.PoolClient, tables: readonly string[]): Promise<void> {
  if (tables.length === 0) return;
  const names = tables.map((table) => `public.${quoted(table)}`).join(', ');
  await client.query(`SET LOCAL lock_timeout = ${lockWaitMs}`);
  for (let attempt = 1; ; attempt++) {
    await client.query('SAVEPOINT unlocked');
    try {
      await client.query(`LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`);
      return;
    } catch (error) {
      const busy = error instanceof pg.DatabaseError && error.code === lockNotAvailable;
      if (!busy || attempt === lockAttempts) throw error;
      await client.query('ROLLBACK TO SAVEPOINT unlocked');
    }
  }
}
