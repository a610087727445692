import type { RangeCheck, Row } from './range-check.js';

/** Copies single records into the layout that the check of a range reads. */
export class RowLayout {
  #data = Buffer.alloc(128 * 1024);

  constructor(private readonly check: RangeCheck) {}

  /** @param hash that is stored beside the record, in hexadecimal; null where there is none */
  take(
    leaf: number,
    bytes: Uint8Array,
    hash: string | null,
    { stream, version }: { readonly stream: string; readonly version: number },
  ): void {
    const needed = 4 * stream.length + 33 + bytes.length;
    if (needed > this.#data.length) this.#data = Buffer.alloc(needed);
    const streamEnd = this.#data.write(stream, 0, 'utf8');
    const hashEnd = streamEnd + (hash === null ? 0 : this.#data.write(hash, streamEnd, 'hex'));
    const start = hashEnd + 1;
    this.#data[hashEnd] = 0;
    this.#data.set(bytes, start);
    const row: Row = {
      leaf,
      version,
      stream: 0,
      streamEnd,
      hash: hash === null ? -1 : streamEnd,
      hashEnd,
      bytes: start,
      bytesEnd: start + bytes.length,
    };
    this.check.take(this.#data, row);
  }
}
