import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Checkpoint, Tile } from '#libs/log';
import {
  Leaves,
  type Leaf,
  LogShelf,
  type Refusal,
  type RefusalCode,
  type SealedHead,
  type SealedStep,
  SealersDesk,
} from './ports.js';
import { SealerStopped, SealingRefused } from './sealing.errors.js';

/** Class and number of the advisory lock that one sealer holds among all processes on a database. */
const lock = [0x6d7a_0008, 1] as const;

/** How often a waiting sealer asks whether the other is gone, in milliseconds. */
const askMs = 200;

const readTiles = `
  SELECT t.level, t.tile, t.hashes
  FROM log_tile t JOIN unnest($1::smallint[], $2::bigint[]) AS w (level, tile) USING (level, tile)`;

/** The sealer's tables beside the postgres event store, in the same database. */
export class PostgresLogShelf extends LogShelf {
  /** @param config where the sealer's own connection goes: it carries the lock, so that losing one is losing the other */
  constructor(
    private readonly pool: pg.Pool,
    private readonly config: pg.ClientConfig = pool.options,
  ) {
    super();
  }

  async takeDesk(signal: AbortSignal, lost: () => void): Promise<SealersDesk> {
    const client = new pg.Client({
      ...this.config,
      keepAlive: true,
      connectionTimeoutMillis: 2000,
      statement_timeout: 30_000,
      application_name: 'mianzheng sealer',
    });
    client.on('error', () => undefined); // `end` follows and says all that matters
    await client.connect();
    try {
      for (;;) {
        signal.throwIfAborted();
        const { rows } = await client.query<{ taken: boolean }>(
          'SELECT pg_try_advisory_lock($1, $2) AS taken',
          [...lock],
        );
        if (rows[0]?.taken === true) break;
        await wait(askMs, undefined, { signal });
      }
      const { rows } = await client.query<{ epoch: string }>(
        'UPDATE log_sealed SET epoch = epoch + 1 RETURNING epoch',
      );
      client.on('end', lost);
      return new PostgresDesk(client, rows[0]?.epoch ?? '-1');
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  async tiles(wanted: readonly Tile[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const { rows } = await this.pool.query<{ level: number; tile: string; hashes: Buffer }>({
      name: 'sealing_read_tiles',
      text: readTiles,
      values: [wanted.map(({ level }) => level), wanted.map(({ index }) => index)],
    });
    return new Map(rows.map(({ level, tile, hashes }) => [`${level}/${tile}`, hashes]));
  }

  async published(): Promise<Uint8Array | null> {
    const { rows } = await this.pool.query<{ note: Buffer | null }>('SELECT note FROM log_sealed');
    return rows[0]?.note ?? null;
  }

  async refuse(code: RefusalCode): Promise<void> {
    await this.pool.query('INSERT INTO log_refusal (code) VALUES ($1) ON CONFLICT DO NOTHING', [
      code,
    ]);
  }

  refusal(): Promise<Refusal | null> {
    return this.one('SELECT code, since FROM log_refusal');
  }

  lift(): Promise<Refusal | null> {
    return this.one('DELETE FROM log_refusal RETURNING code, since');
  }

  private async one(statement: string): Promise<Refusal | null> {
    const { rows } = await this.pool.query<{ code: RefusalCode; since: Date }>(statement);
    const [row] = rows;
    return row === undefined ? null : { code: row.code, since: row.since.toISOString() };
  }
}

/**
 * One statement, one commit. The head moves only where the epoch is the writer's, the head is the one it read, and the ledger still has the
 * records at both ends of the step; the tiles are written only where the head moved.
 */
const writeStep = `
  WITH tails AS (
    SELECT count(*) AS n FROM log_record
    WHERE (position, hash) IN (($6::bigint, $7::bytea), ($2::bigint, $3::bytea))
  ), moved AS (
    UPDATE log_sealed SET size = $4, root = $5, position = $6, tail = $7
    WHERE epoch = $1 AND position = $2 AND (SELECT n FROM tails) = $8
    RETURNING 1
  ), kept AS (
    INSERT INTO log_tile (level, tile, hashes)
    SELECT level, tile, hashes FROM unnest($9::smallint[], $10::bigint[], $11::bytea[]) AS t (level, tile, hashes)
    WHERE EXISTS (SELECT FROM moved)
    ON CONFLICT (level, tile) DO UPDATE SET hashes = EXCLUDED.hashes
      WHERE octet_length(log_tile.hashes) < 8192
    RETURNING 1
  )
  SELECT (SELECT count(*)::int FROM moved) AS moved, (SELECT n::int FROM tails) AS tails, (SELECT count(*)::int FROM kept) AS kept`;

/** A checkpoint that a crash loses is signed again, so this commit need not wait for the disk. */
const keepNote = `
  WITH weaker AS (SELECT set_config('synchronous_commit', 'off', true))
  UPDATE log_sealed SET note = $2 FROM weaker WHERE epoch = $1 AND size >= $3`;

class PostgresDesk extends SealersDesk {
  constructor(
    private readonly client: pg.Client,
    private readonly epoch: string,
  ) {
    super();
  }

  async read(): Promise<SealedHead> {
    const { rows } = await this.client.query<{
      epoch: string;
      size: string;
      root: Buffer;
      position: string;
      tail: Buffer | null;
      note: Buffer | null;
    }>('SELECT epoch, size, root, position, tail, note FROM log_sealed');
    const [row] = rows;
    if (row?.epoch !== this.epoch) throw fenced();
    return { ...row, size: Number(row.size), position: BigInt(row.position) };
  }

  async write({ before, after, tiles }: SealedStep): Promise<void> {
    const tails = before.tail === null ? 1 : 2;
    const { rows } = await this.client.query<{ moved: number; tails: number; kept: number }>({
      name: 'sealing_write_step',
      text: writeStep,
      values: [
        this.epoch,
        before.position,
        before.tail,
        after.size,
        after.root,
        after.position,
        after.tail,
        tails,
        tiles.map(({ level }) => level),
        tiles.map(({ index }) => index),
        tiles.map(({ hashes }) => hashes),
      ],
    });
    const [done] = rows;
    if (done?.moved === 1) {
      if (done.kept !== tiles.length)
        throw damaged('tiles_changed', 'a full tile is there already');
      return;
    }
    if (done?.tails !== tails)
      throw damaged('store_changed', 'a sealed record is not in the ledger any more');
    throw fenced();
  }

  async publish({ size }: Checkpoint, note: Uint8Array): Promise<void> {
    await this.client.query({
      name: 'sealing_keep_note',
      text: keepNote,
      values: [this.epoch, note, size],
    });
  }

  async release(): Promise<void> {
    this.client.removeAllListeners('end');
    await this.client.end().catch(() => undefined);
  }
}

const fenced = () => new SealerStopped('sealer_fenced', 'another sealer has taken over');
const damaged = (code: SealingRefused['code'], what: string) => new SealingRefused(code, what);

/** Positions of the postgres event store are gapless from 1 on: the leaf of a record is its position less one. */
export class PostgresLeaves extends Leaves {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async find(stream: string, version: number): Promise<Leaf | null> {
    const { rows } = await this.pool.query<{ position: string; hash: Buffer }>({
      name: 'sealing_find_leaf',
      text: 'SELECT position, hash FROM log_record WHERE stream = $1 AND version = $2',
      values: [stream, version],
    });
    const [row] = rows;
    return row === undefined ? null : { index: Number(row.position) - 1, version, hash: row.hash };
  }

  async hashes(first: number, count: number): Promise<Uint8Array> {
    const { rows } = await this.pool.query<{ hash: Buffer }>({
      name: 'sealing_leaf_hashes',
      text: 'SELECT hash FROM log_record WHERE position > $1 AND position <= $2 ORDER BY position',
      values: [first, first + count],
    });
    return Buffer.concat(rows.map(({ hash }) => hash));
  }

  async stream(stream: string, size: number) {
    const { rows } = await this.pool.query<{
      position: string;
      version: number;
      hash: Buffer;
      bytes: Buffer;
    }>({
      name: 'sealing_stream_leaves',
      text: `SELECT position, version, hash, bytes FROM log_record
             WHERE stream = $1 AND position <= $2 ORDER BY version`,
      values: [stream, size],
    });
    return rows.map(({ position, version, hash, bytes }) => ({
      index: Number(position) - 1,
      version,
      hash,
      bytes,
    }));
  }
}
