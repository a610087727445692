import type pg from 'pg';
import type { WorkerPool } from './worker-pool.js';
import { type Finding, Findings } from './finding.js';
import type { RangeReport } from './range-check.js';
import type { Range } from './read-range.js';
import type { LedgerReading } from './reading.js';

/**
 * Reads the records from the table in the same database as the log, where a leaf index is the
 * position minus one.
 */
export class TableReading implements LedgerReading {
  readonly findings = new Findings();
  readonly wrongLeaves: readonly number[] = [];

  constructor(
    private readonly pool: pg.Pool,
    private readonly crew: WorkerPool,
    private readonly city: string,
    /** How many records the database counts. */
    readonly leaves: number,
    /** Leaves a range: a multiple of a tile. */
    private readonly rangeSize: number,
  ) {}

  /** @throws LedgerUnread */
  ranges(onProgress: (records: number) => void): AsyncIterable<RangeReport> {
    return this.crew.ranges(this.#ranges(), onProgress);
  }

  /** Nothing: every row of a table is a leaf, and exclusions leave none of them out. */
  against(): Promise<readonly Finding[]> {
    return Promise.resolve([]);
  }

  async named(leaves: readonly number[]): Promise<readonly Finding[]> {
    if (leaves.length === 0) return [];
    const { rows } = await this.pool.query<{ leaf: number; stream: string; version: number }>(
      'SELECT (position - 1)::float8 AS leaf, stream, version FROM log_record WHERE position = ANY($1) ORDER BY position',
      [leaves.map((leaf) => leaf + 1)],
    );
    return rows.map(({ leaf, stream, version }) => ({ leaf, stream, version, what: 'leaf' }));
  }

  #ranges(): Range[] {
    const { city, leaves, rangeSize } = this;
    const ranges: Range[] = [];
    for (let from = 0; from < leaves; from += rangeSize)
      ranges.push({ city, from, to: Math.min(leaves, from + rangeSize) });
    return ranges;
  }
}
