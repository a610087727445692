import { InvalidError } from '#libs/kernel';
import { explain } from './messages.js';
import type { Refusal } from './refusal.js';
import { ImportRefused, type Row } from './rows.js';

/**
 * A line that did not come in, and why. `raw` is personal: it goes to a file of its owner's, and
 * nowhere else.
 */
export interface BadLine {
  readonly line: number;
  readonly lines: number;
  readonly raw: string;
  readonly code: string;
  /** In English. */
  readonly detail: string;
  /**
   * For people, in Chinese and English: column, value (masked where it is personal), what is
   * expected, what to do.
   */
  readonly reason: string;
}

export const badLine = (row: Row, refusal: Refusal): BadLine => ({
  line: row.line,
  lines: row.lines,
  raw: row.raw,
  code: refusal.code,
  detail: refusal.message,
  reason: explain(refusal, row.value),
});

/** What of an error is a line's own fault; null where it ends the import. */
export const faultOfLine = (error: unknown): Refusal | null =>
  error instanceof InvalidError && !(error instanceof ImportRefused) ? error : null;

/** When an import stops for the sake of what is refused. */
export interface StopRule {
  /** At so many refused lines; null for never. */
  readonly lines: number | null;
  /** At more than so many in a hundred, three at least; null for never. */
  readonly percent: number | null;
}

export const usualStop: StopRule = { lines: 20, percent: 5 };

/** Fewer are mended one by one, however short the file. */
const leastOfPercent = 3;

/** @param all certificates in the file */
export const mustStop = (refused: number, all: number, { lines, percent }: StopRule): boolean =>
  (lines !== null && refused >= lines) ||
  (percent !== null && refused >= leastOfPercent && refused * 100 > percent * all);
