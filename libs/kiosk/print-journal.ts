import type { Instant } from '#libs/kernel';
import type { PrintEnd } from './printer.decider.js';

/** What is kept of a print: never the document, nor anything of it. */
export interface PrintRecord {
  readonly id: string;
  readonly began: Instant;
  readonly pages: number;
  /**
   * `opening`: the printer is asked for a job. `sending`: the document may have reached it.
   */
  readonly stage: 'ended' | 'opening' | 'sending' | 'sent';
  /** The printer's id of the job, from `sending` on. */
  readonly job: number | null;
  /** Whether the job is to be taken back as soon as the printer can be reached. */
  readonly cancel: boolean;
  readonly end: PrintEnd | null;
}

/** Names of files: no separators, no dots. */
export const isPrintId = (id: string): boolean => /^[\w-]{16,64}$/.test(id);

/** The prints of one kiosk. Must keep what `put` has acknowledged through a power cut. */
export interface PrintJournal {
  find(id: string): PrintRecord | null;

  /** Prints that a program left when it ended. */
  unended(): readonly PrintRecord[];

  /** Where it throws, the old record holds. */
  put(record: PrintRecord): Promise<void>;

  /** Pages of the Shanghai day of `now`, those that are known not to be on paper left out. */
  pagesOn(now: Instant): number;

  /** Whether the printer is known to count what it prints: its 0 is then believed. */
  readonly counts: boolean;
  noteCounting(): Promise<void>;
}
