import type { LeftOutAct } from './exclusion-rules.js';
import type { Finding, Findings } from './finding.js';
import type { RangeReport } from './range-check.js';

/** A source of records, each range of which is checked by itself, in the order of the ledger. */
export interface LedgerReading {
  /** Findings that only this source can make; complete when the ranges have ended. */
  readonly findings: Findings;
  /** Leaves that are sealed with another hash. */
  readonly wrongLeaves: readonly number[];
  /** Number of leaves, including missing ones; complete when the ranges have ended. */
  readonly leaves: number;
  /** @param onProgress called with the records since the last call */
  ranges(onProgress: (records: number) => void): AsyncIterable<RangeReport>;
  /** Names the records of leaves, each as a finding of the kind `leaf`. */
  named(leaves: readonly number[]): Promise<readonly Finding[]>;
  /** Compares the source with the exclusions that left events out of it. */
  against(acts: readonly LeftOutAct[]): Promise<readonly Finding[]>;
}
