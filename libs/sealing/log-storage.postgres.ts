import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import { type LeaseTimes, OwnConnection, PostgresLeases } from '#libs/lease/postgres';
import type { Tile } from '#libs/log';
import {
  PostgresSealerLease,
  RecordsBeside,
  RecordsElsewhere,
  sealedHead,
  type SealedRow,
  selectSealed,
  type StepWriter,
  takeEpoch,
} from './sealer-lease.postgres.js';
import {
  type Leaves,
  LogStorage,
  type Refusal,
  type RefusalPlace,
  type SealedHead,
  type SealerLease,
} from './ports.js';
import { PostgresLeaves } from './leaves.postgres.js';
import { TableLeaves } from './leaves.table.js';
import type { RefusalCode } from './sealing.errors.js';

/** The lease of the one sealer among all processes on a database. */
const leaseOfSealer = 'sealing';

export interface PostgresLogStorageOptions {
  /** Connection settings of the sealer's own connections. */
  readonly config?: pg.ClientConfig;
  /** The store of the records, if not the same database. */
  readonly store?: EventStore;
  readonly lease?: Partial<LeaseTimes>;
}

const readTiles = `
  SELECT t.level, t.tile, t.hashes
  FROM log_tile t JOIN unnest($1::smallint[], $2::bigint[]) AS w (level, tile) USING (level, tile)`;

/**
 * The log's tables on PostgreSQL: beside the records, where these are in the same database, or for
 * a store of another kind.
 */
export class PostgresLogStorage extends LogStorage {
  /** Maps records to leaves by the same tables. */
  readonly leaves: Leaves;
  readonly #config: pg.ClientConfig;
  readonly #leases: PostgresLeases;
  readonly #writer: StepWriter;

  constructor(
    private readonly pool: pg.Pool,
    { config = pool.options, store, lease }: PostgresLogStorageOptions = {},
  ) {
    super();
    this.#config = config;
    this.#leases = new PostgresLeases(config, lease);
    this.#writer = store === undefined ? new RecordsBeside() : new RecordsElsewhere(store);
    this.leaves = store === undefined ? new PostgresLeaves(pool) : new TableLeaves(pool, store);
  }

  async acquire(signal: AbortSignal, lost: () => void): Promise<SealerLease> {
    const lease = await this.#leases.take(leaseOfSealer, signal);
    try {
      const connection = await OwnConnection.open({
        ...this.#config,
        statement_timeout: 30_000,
        application_name: 'mianzheng sealer',
      });
      try {
        const epoch = await takeEpoch(connection, lease);
        return new PostgresSealerLease(lease, connection, epoch, this.#writer, lost);
      } catch (error) {
        await connection.end();
        throw error;
      }
    } catch (error) {
      await lease.giveBack();
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

  async sealed(): Promise<SealedHead> {
    const { rows } = await this.pool.query<SealedRow>(selectSealed);
    return sealedHead(rows[0]).head;
  }

  async published(): Promise<Uint8Array | null> {
    const { rows } = await this.pool.query<{ note: Buffer | null }>('SELECT note FROM log_sealed');
    return rows[0]?.note ?? null;
  }

  async refuse(code: RefusalCode, place: RefusalPlace | null): Promise<void> {
    // `restored` is no finding, so that any finding replaces it.
    await this.pool.query(
      `INSERT INTO log_refusal (code, place) VALUES ($1, $2) ON CONFLICT (one)
       DO UPDATE SET code = excluded.code, since = excluded.since, place = excluded.place WHERE log_refusal.code = 'restored'`,
      [code, place],
    );
  }

  refusal(): Promise<Refusal | null> {
    return this.one('SELECT code, since, place FROM log_refusal');
  }

  lift(only?: RefusalCode): Promise<Refusal | null> {
    return this.one(
      'DELETE FROM log_refusal WHERE $1::text IS NULL OR code = $1 RETURNING code, since, place',
      [only ?? null],
    );
  }

  private async one(statement: string, values: unknown[] = []): Promise<Refusal | null> {
    const { rows } = await this.pool.query<{
      code: RefusalCode;
      since: Date;
      place: RefusalPlace | null;
    }>(statement, values);
    const [row] = rows;
    return row === undefined ? null : { ...row, since: row.since.toISOString() };
  }
}
