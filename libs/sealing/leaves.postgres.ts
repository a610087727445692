import type pg from 'pg';
import { Gathered, type Position, START } from '#libs/event-store';
import { type FoundLeaf, type Leaf, Leaves } from './ports.js';

interface RecordPlace {
  readonly stream: string;
  readonly version: number;
}

/**
 * Positions of the postgres event store are gapless from 1 on, so that the leaf index of a record
 * is its position minus one.
 */
export class PostgresLeaves extends Leaves {
  /** Of receipts that are asked for at one moment. */
  readonly #places = new Gathered((records: readonly RecordPlace[]) => this.#placesOf(records));

  constructor(private readonly pool: pg.Pool) {
    super();
  }

  find(stream: string, version: number): Promise<FoundLeaf | null> {
    return this.placed(stream, version);
  }

  /** Every record has its position since its append. */
  async placed(stream: string, version: number): Promise<Leaf | null> {
    const [leaf = null] = await this.#places.of([{ stream, version }]);
    return leaf;
  }

  async #placesOf(records: readonly RecordPlace[]): Promise<readonly (Leaf | null)[]> {
    const { rows } = await this.pool.query<{ place: string; position: string; hash: Buffer }>({
      name: 'sealing_find_leaves',
      text: `SELECT q.place, r.position, r.hash
             FROM unnest($1::text[], $2::integer[]) WITH ORDINALITY AS q (stream, version, place)
             JOIN log_record r ON r.stream = q.stream AND r.version = q.version`,
      values: [records.map(({ stream }) => stream), records.map(({ version }) => version)],
    });
    const found = new Map(rows.map((row) => [Number(row.place) - 1, row]));
    return records.map(({ version }, n) => {
      const row = found.get(n);
      return row === undefined
        ? null
        : { index: Number(row.position) - 1, version, hash: row.hash };
    });
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

  before(index: number): Promise<Position> {
    return Promise.resolve(START + BigInt(index));
  }
}
