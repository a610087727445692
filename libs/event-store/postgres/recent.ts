import type { WrittenRecord } from '../forming.js';
import type { Position, PositionedRecord } from '../port.js';

const maxRecords = 8192;
const maxBytes = 16 * 1024 * 1024;

/**
 * What this process committed last, so that its own subscribers need not read it back. Always one
 * contiguous run of positions: a commit of another process restarts it.
 */
export class RecentRecords {
  #records: WrittenRecord[] = [];
  #first = 1n;
  #bytes = 0;

  add(base: Position, records: readonly WrittenRecord[]): void {
    if (base !== this.#first + BigInt(this.#records.length) - 1n) {
      this.#records = [];
      this.#first = base + 1n;
      this.#bytes = 0;
    }
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += record.size;
    }
    if (this.#records.length > 2 * maxRecords || this.#bytes > 2 * maxBytes) this.#forgetOldest();
  }

  #forgetOldest(): void {
    let cut = 0;
    for (
      let left = this.#records.length;
      left > maxRecords || (this.#bytes > maxBytes && left > 0);
      left--
    )
      this.#bytes -= this.#records[cut++]?.size ?? 0;
    this.#records = this.#records.slice(cut);
    this.#first += BigInt(cut);
  }

  /** Whether `after` is the last position of the run: this process committed nothing behind it. */
  endsAt(after: Position): boolean {
    return this.#records.length > 0 && after === this.#first + BigInt(this.#records.length) - 1n;
  }

  /** Up to `limit` records right after `after`; none where they are not kept here. */
  after(after: Position, limit: number): readonly PositionedRecord[] {
    const skip = after - this.#first + 1n;
    if (skip < 0n || skip >= BigInt(this.#records.length)) return [];
    return this.#records.slice(Number(skip), Number(skip) + limit);
  }
}
