import { Contradictions } from './contradictions.js';
import { badLine, type BadLine, faultOfLine, mustStop, type StopRule } from './refusals.js';
import { prepare, type Preparing } from './preparing.js';
import { Rounding } from './rounding.js';
import type { LineCounts, Source } from './rows.js';

export interface CheckOptions extends Preparing {
  readonly source: Source;
  readonly stop: StopRule;
  /**
   * What an earlier check of the same file found, so that all lines of such papers are reported in
   * order.
   */
  readonly contradictions?: Contradictions;
  readonly signal?: AbortSignal;
  /** In the order of the file. */
  readonly onBad: (bad: BadLine) => Promise<void> | void;
  readonly onProgress?: (bytes: number, refused: number) => void;
}

export interface CheckReport {
  /** Certificates of the file that would be handed in. */
  readonly good: number;
  readonly refused: number;
  readonly counts: LineCounts;
  /** Lines whose numbers a spreadsheet rounded, beside those that were refused for it. */
  readonly rounded: readonly number[];
  /**
   * Contradictions in this file. Where there are some, the check is repeated with them, because the
   * first line of each paper was accepted.
   */
  readonly contradictions: Contradictions;
  /** Whether so much is wrong that nothing is to be written. */
  readonly stop: boolean;
}

/**
 * Reads a whole file and judges each line, without writing or sending anything. @throws
 * ImportRefused, CityRefused, CityUnreachable
 */
export async function checkFile(options: CheckOptions): Promise<CheckReport> {
  const { source, stop, signal, onBad, onProgress } = options;
  const rounding = new Rounding();
  const contradictions = options.contradictions ?? new Contradictions();
  let [good, refused] = [0, 0];
  for await (const row of source.rows) {
    signal?.throwIfAborted();
    rounding.see(row);
    try {
      const line = await prepare(options, row);
      if (options.contradictions === undefined) contradictions.see(line, row.line);
      else contradictions.mustNotHold(line);
      good++;
    } catch (error) {
      const fault = faultOfLine(error);
      if (fault === null) throw error;
      refused++;
      await onBad(badLine(row, fault));
    }
    if ((good + refused) % 200 === 0) onProgress?.(row.upTo, refused);
  }
  const rounded = rounding.lines();
  return {
    good,
    refused,
    counts: source.counts(),
    rounded,
    contradictions,
    stop: rounded.length > 0 || mustStop(refused, good + refused, stop),
  };
}
