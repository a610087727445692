import { HASH_BYTES } from '#libs/log';
import { Findings, ofTheLog, type What } from './finding.js';
import { endsWidth, type RangeReport } from './range-check.js';

/** Where each stream ends so far: what ranges say about their own records, joined. */
export class Chains {
  /** Of each stream its entry in what follows: about 150 bytes a stream. */
  readonly #streams = new Map<string, number>();
  #versions = new Int32Array(1024);
  #hashes = new Uint8Array(1024 * HASH_BYTES);
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
      // Within a range the range says so.
      if (this.#end !== from) {
        if (ends[1] === from) this.#found(first, ends, 0, 'position');
        this.findings.add({ ...ofTheLog('missing'), leaf: this.#end, until: from - 1 });
      }
      this.#end = end;
    }
    for (let n = 0; n < streams.length; n++) {
      const stream = streams[n] ?? '';
      const at = n * endsWidth;
      let entry = this.#streams.get(stream);
      const version = entry === undefined ? -1 : (this.#versions[entry] ?? -1);
      if (ends[at] !== version + 1) this.#found(stream, ends, at, 'version');
      else if (!this.#follows(entry, prevs, n * HASH_BYTES)) this.#found(stream, ends, at, 'prev');
      if (entry === undefined) {
        entry = this.#streams.size;
        this.#streams.set(stream, entry);
        if (entry >= this.#versions.length) this.#grow();
      }
      this.#versions[entry] = ends[at + 2] ?? -1;
      const last = ((ends[at + 3] ?? 0) - from) * HASH_BYTES;
      this.#hashes.set(leaves.subarray(last, last + HASH_BYTES), entry * HASH_BYTES);
    }
  }

  #follows(entry: number | undefined, prevs: Uint8Array, at: number): boolean {
    for (let n = 0; n < HASH_BYTES; n++)
      if (prevs[at + n] !== (entry === undefined ? 0 : this.#hashes[entry * HASH_BYTES + n]))
        return false;
    return true;
  }

  #grow(): void {
    const versions = new Int32Array(this.#versions.length * 2);
    versions.set(this.#versions);
    const hashes = new Uint8Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    [this.#versions, this.#hashes] = [versions, hashes];
  }

  #found(stream: string, ends: Float64Array, at: number, what: What): void {
    this.findings.add({ leaf: ends[at + 1] ?? -1, stream, version: ends[at] ?? -1, what });
  }
}
