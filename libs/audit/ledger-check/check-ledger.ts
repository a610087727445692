import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import { TILE_WIDTH } from '#libs/log';
import { type CheckOptions, checkReading, type LedgerReport } from './check-reading.js';
import { WorkerPool } from './worker-pool.js';
import { FeedReading } from './read-feed.js';
import { TableReading } from './read-table.js';
import { readKeptKeys } from './kept-keys.js';
import { readStoredLog } from './stored-log.js';

export interface LedgerCheckOptions extends CheckOptions {
  /**
   * The store of the records, if not the same database as the log: then this thread reads and
   * hashes.
   */
  readonly store?: EventStore;
  /** Threads that read, hash and check signatures; 0 uses this one. */
  readonly threads: number;
}

/**
 * Records a range: enough to be worth a statement, and few enough that the pending ranges, which
 * are in memory with their rule inputs, stay small: some kilobytes a certificate.
 */
const rangeSize = 4 * TILE_WIDTH;

/**
 * Checks a whole ledger from its database: every record's hash and place, every chain, the tree
 * against tiles and checkpoints, and the records against the rules of the ledger and the signatures
 * of holders and authorities. Writers may continue meanwhile: later records are not checked.
 * @throws LedgerUnread
 */
export async function checkLedger(
  pool: pg.Pool,
  url: string,
  options: LedgerCheckOptions,
): Promise<LedgerReport> {
  const { city, store, threads } = options;
  const keptKeys = await readKeptKeys(pool, store === undefined);
  const stored = await readStoredLog(pool);
  // A separate store has no count of its unsealed records.
  const head = store === undefined ? await recordsBeside(pool) : stored.size;
  const crew = await WorkerPool.gather(url, threads);
  try {
    const reading =
      store === undefined
        ? new TableReading(pool, crew, city, head, rangeSize)
        : new FeedReading(store, pool, rangeSize);
    return await checkReading(reading, stored, crew, { ...options, head, keptKeys });
  } finally {
    await crew.end();
  }
}

async function recordsBeside(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ position: string }>('SELECT position FROM log_head');
  return Number(rows[0]?.position ?? 0);
}
