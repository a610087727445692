import { HASH_BYTES } from '#libs/log';
import { Findings, ofTheLog, type FindingCode } from './finding.js';
import { tagOf } from './hashing.js';
import { NamedRows } from './named-rows.js';
import { endsWidth, type RangeReport } from './range-check.js';

/** Numbers of a stream: how many records it has so far, and the tag of the last one's hash. */
const ofStream = { records: 0, tag: 1, width: 3 };
/** Of the hash that was looked at last. */
const tag = new Int32Array(2);

/** The end of each stream so far, joined from the reports of ranges. */
export class Chains {
  /** By name: 36 bytes a stream. */
  readonly #streams = new NamedRows(ofStream.width);
  #end = 0;
  readonly findings = new Findings();
  records = 0;

  /** Behind the last record that was seen. */
  get end(): number {
    return this.#end;
  }

  get streams(): number {
    return this.#streams.size;
  }

  take({ from, records, findings, leaves, streams, ends, prevs, end }: RangeReport): void {
    this.records += records;
    this.findings.addAll(findings);
    const first = streams[0];
    if (first !== undefined) {
      // The range has checked this for its own records.
      if (this.#end !== from) {
        if (ends[1] === from) this.#found(first, ends, 0, 'position');
        this.findings.add({ ...ofTheLog('missing'), leaf: this.#end, until: from - 1 });
      }
      this.#end = end;
    }
    for (let n = 0; n < streams.length; n++) {
      const stream = streams[n] ?? '';
      const at = n * endsWidth;
      // A row that is new holds nothing but zeroes: no record so far, and no hash.
      const row = this.#streams.add(stream);
      if (ends[at] !== this.#streams.get(row, ofStream.records))
        this.#found(stream, ends, at, 'version');
      else if (!this.#follows(row, prevs, n * HASH_BYTES)) this.#found(stream, ends, at, 'prev');
      this.#streams.set(row, ofStream.records, (ends[at + 2] ?? -1) + 1);
      this.#keepHash(row, leaves, ((ends[at + 3] ?? 0) - from) * HASH_BYTES);
    }
  }

  #follows(row: number, prevs: Uint8Array, at: number): boolean {
    tagOf(prevs, at, tag);
    return (
      this.#streams.get(row, ofStream.tag) === tag[0] &&
      this.#streams.get(row, ofStream.tag + 1) === tag[1]
    );
  }

  #keepHash(row: number, leaves: Uint8Array, at: number): void {
    tagOf(leaves, at, tag);
    this.#streams.set(row, ofStream.tag, tag[0] ?? 0);
    this.#streams.set(row, ofStream.tag + 1, tag[1] ?? 0);
  }

  #found(stream: string, ends: Float64Array, at: number, what: FindingCode): void {
    this.findings.add({ leaf: ends[at + 1] ?? -1, stream, version: ends[at] ?? -1, what });
  }
}
