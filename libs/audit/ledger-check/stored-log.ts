import type pg from 'pg';
import { HASH_BYTES, TILE_WIDTH } from '#libs/log';

/** The stored log at one moment. */
export interface StoredLog {
  readonly size: number;
  /** Stored beside the checkpoint; null where only the checkpoint is known. */
  readonly root: Buffer | null;
  readonly note: Buffer | null;
  /** Leaf hash of the last sealed record. */
  readonly tail: Buffer | null;
  /** Leaf hashes of the incomplete tile, as far as they are stored, by leaf. */
  readonly edge: ReadonlyMap<number, Buffer>;
  /** Tiles above the leaves, by `<level>/<index>`. */
  readonly tiles: ReadonlyMap<string, Buffer>;
  /**
   * How many tiles of leaves there are. They never change, and are read when they are needed,
   * because most of the log is in them.
   */
  readonly leafTiles: number;
  /** Stored tiles of leaves, from one on: 8,192 bytes each, by index. */
  leafTilesFrom(index: number, count: number): Promise<ReadonlyMap<number, Buffer>>;
}

/** One snapshot: the sealer may continue meanwhile. */
export async function readStoredLog(pool: pg.Pool): Promise<StoredLog> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const sealed = await client.query<{
      size: string;
      root: Buffer;
      note: Buffer | null;
      tail: Buffer | null;
    }>('SELECT size, root, note, tail FROM log_sealed');
    const tiles = await client.query<{ level: number; tile: string; hashes: Buffer }>(
      'SELECT level, tile, hashes FROM log_tile WHERE level > 0',
    );
    const leafTiles = await client.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM log_tile WHERE level = 0',
    );
    const edge = await readEdge(client);
    await client.query('COMMIT');
    const [row] = sealed.rows;
    return {
      size: Number(row?.size ?? 0),
      root: row?.root ?? Buffer.alloc(0),
      note: row?.note ?? null,
      tail: row?.tail ?? null,
      edge,
      tiles: new Map(tiles.rows.map(({ level, tile, hashes }) => [`${level}/${tile}`, hashes])),
      leafTiles: leafTiles.rows[0]?.n ?? 0,
      leafTilesFrom: (index, count) => readLeafTiles(pool, index, count),
    };
  } catch (error) {
    broken = error instanceof Error ? error : undefined;
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Ledgers that were not opened by a newer program yet do not have the table. */
async function readEdge(client: pg.ClientBase): Promise<Map<number, Buffer>> {
  const edge = new Map<number, Buffer>();
  const there = await client.query<{ there: boolean }>(
    "SELECT to_regclass('log_edge') IS NOT NULL AS there",
  );
  if (there.rows[0]?.there !== true) return edge;
  const { rows } = await client.query<{ first: string; hashes: Buffer }>(
    'SELECT first, hashes FROM log_edge ORDER BY first',
  );
  for (const { first, hashes } of rows)
    for (let at = 0; at + HASH_BYTES <= hashes.length; at += HASH_BYTES)
      edge.set(Number(first) + at / HASH_BYTES, hashes.subarray(at, at + HASH_BYTES));
  return edge;
}

async function readLeafTiles(pool: pg.Pool, index: number, count: number) {
  const { rows } = await pool.query<{ tile: string; hashes: Buffer }>(
    'SELECT tile, hashes FROM log_tile WHERE level = 0 AND tile >= $1 AND tile < $2',
    [index, index + count],
  );
  return new Map(rows.map(({ tile, hashes }) => [Number(tile), hashes]));
}

/** The tiles that leaves lie in. */
export const tilesOver = (from: number, leaves: number) => ({
  index: Math.floor(from / TILE_WIDTH),
  count: Math.ceil(((from % TILE_WIDTH) + leaves) / TILE_WIDTH),
});
