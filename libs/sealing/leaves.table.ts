import type pg from 'pg';
import { type EventStore, type Position, START, StoreDamaged } from '#libs/event-store';
import { fromHex } from '#libs/kernel';
import { type FoundLeaf, type Leaf, Leaves } from './ports.js';

/**
 * For records in another store than the log's tables: `log_leaf` maps each sealed record to its
 * leaf index and its position in the feed. It is written with the tiles, so that both always agree.
 */
export class TableLeaves extends Leaves {
  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
  ) {
    super();
  }

  async find(stream: string, version: number): Promise<FoundLeaf | null> {
    const leaf = await this.placed(stream, version);
    if (leaf !== null) return leaf;
    const [record] = await this.store.readStream(stream, version, 1);
    const hash = record === undefined ? null : fromHex(record.hash);
    return hash === null ? null : { index: null, version, hash };
  }

  async placed(stream: string, version: number): Promise<Leaf | null> {
    const { rows } = await this.pool.query<{ index: string; hash: Buffer }>({
      name: 'sealing_find_table_leaf',
      text: 'SELECT index, hash FROM log_leaf WHERE stream = $1 AND version = $2',
      values: [stream, version],
    });
    const [row] = rows;
    return row === undefined ? null : { index: Number(row.index), version, hash: row.hash };
  }

  async hashes(first: number, count: number): Promise<Uint8Array> {
    const { rows } = await this.pool.query<{ hash: Buffer }>({
      name: 'sealing_table_leaf_hashes',
      text: 'SELECT hash FROM log_leaf WHERE index >= $1 AND index < $2 ORDER BY index',
      values: [first, first + count],
    });
    return Buffer.concat(rows.map(({ hash }) => hash));
  }

  async stream(stream: string, size: number) {
    const [{ rows }, records] = await Promise.all([
      this.pool.query<{ index: string; version: number; hash: Buffer }>({
        name: 'sealing_stream_table_leaves',
        text: `SELECT index, version, hash FROM log_leaf
               WHERE stream = $1 AND index < $2 ORDER BY version`,
        values: [stream, size],
      }),
      this.store.readStream(stream),
    ]);
    return rows.map(({ index, version, hash }) => {
      const record = records[version];
      if (record === undefined)
        throw new StoreDamaged('store_damaged', 'a sealed record is not in the store any more', {
          stream,
          version,
        });
      return { index: Number(index), version, hash, bytes: record.bytes };
    });
  }

  async before(index: number): Promise<Position | null> {
    if (index === 0) return START;
    const { rows } = await this.pool.query<{ position: string }>({
      name: 'sealing_position_before',
      text: 'SELECT position FROM log_leaf WHERE index = $1',
      values: [index - 1],
    });
    return rows[0] === undefined ? null : BigInt(rows[0].position);
  }
}
