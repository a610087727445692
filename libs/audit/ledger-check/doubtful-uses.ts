import { type DecodedRecord, text } from './decoded-record.js';
import type { Finding, Findings, FindingCode } from './finding.js';
import { mayHaveCrossed, type Moment } from './moments.js';

/** A release or a later reading, by the consent's row. */
export interface UseOfData {
  readonly row: number;
  readonly reading: number;
  /** The finding where that was over before it: the case was closed, the key was taken back. */
  readonly what: FindingCode;
}

interface Doubtful {
  readonly at: DecodedRecord['at'];
  /**
   * Null where the two may have crossed, and an honest process may have been killed before it could
   * record that no data were released.
   */
  readonly what: FindingCode | null;
}

/** Doubts are settled within a few records; more than these are no coincidence. */
const maxDoubtful = 10_000;

/**
 * Uses of data recorded after what they rest on was over: their case, or the key that granted. That
 * is read, the record appended, and it is read again before a release: if no data were released,
 * `ReleaseWithheld` follows.
 */
export class DoubtfulUses {
  /** By consent and reading. */
  readonly #uses = new Map<string, Doubtful>();

  constructor(private readonly findings: Findings) {}

  /** @param when when that was over, in seconds, and the ledger's latest moment so far */
  add(
    { at, said, found }: DecodedRecord,
    { row, reading, what }: UseOfData,
    when: { readonly overAt: number; readonly now: Moment },
  ): void {
    if (this.#uses.size >= maxDoubtful) {
      found(what);
      return;
    }
    const name = `${row} ${reading}`;
    if (this.#uses.get(name)?.what != null) return;
    const crossed = mayHaveCrossed(text(said, 'time'), when.overAt, when.now);
    this.#uses.set(name, { at, what: crossed ? null : what });
  }

  /** No data were released. */
  settle(row: number, reading: number): void {
    this.#uses.delete(`${row} ${reading}`);
  }

  /**
   * Doubts that nothing settled. @returns observations that are no faults, but not proved harmless
   * either
   */
  finish(): Finding[] {
    const notes: Finding[] = [];
    for (const { at, what } of this.#uses.values())
      if (what === null) notes.push({ ...at, what: 'not_shown_withheld' });
      else this.findings.add({ ...at, what });
    return notes;
  }
}
