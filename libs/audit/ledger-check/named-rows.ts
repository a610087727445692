import { hash, randomFillSync } from 'node:crypto';

/**
 * Rows of a few integers (32 bits, 0 at first), found by 128 bits of their names, at 16 bytes and 4
 * for each number: a Map takes several hundred, too many for the consents and cases of a ledger.
 * Rows never move, so that a growing table needs no copy.
 */
export class NamedRows {
  /** Open addressing by the digest's first word: row + 1, or 0 for a free slot. */
  #slots = new Int32Array(1024);
  /** `rowsInPiece` rows each. */
  readonly #pieces: Int32Array[] = [];
  readonly #stride: number;
  #size = 0;

  /** @param width numbers in a row */
  constructor(width: number) {
    this.#stride = digestWords + width;
  }

  /** Rows so far. */
  get size(): number {
    return this.#size;
  }

  /** The row of a name; −1 where there is none. */
  find(name: string): number {
    digestOf(name);
    return (this.#slots[this.#slotOf()] ?? 0) - 1;
  }

  /** The row of a name, created where there is none. */
  add(name: string): number {
    digestOf(name);
    const slot = this.#slotOf();
    const known = this.#slots[slot] ?? 0;
    if (known > 0) return known - 1;
    const row = this.#size++;
    const within = row & inPiece;
    if (within === 0) this.#pieces.push(new Int32Array(rowsInPiece * this.#stride));
    this.#pieces[row >>> pieceBits]?.set(words, within * this.#stride);
    this.#slots[slot] = row + 1;
    if (this.#size * 2 > this.#slots.length) this.#spread();
    return row;
  }

  get(row: number, column: number): number {
    return this.#at(row, digestWords + column);
  }

  set(row: number, column: number, value: number): void {
    const piece = this.#pieces[row >>> pieceBits];
    if (piece !== undefined) piece[(row & inPiece) * this.#stride + digestWords + column] = value;
  }

  #at(row: number, word: number): number {
    return this.#pieces[row >>> pieceBits]?.[(row & inPiece) * this.#stride + word] ?? 0;
  }

  /** The slot of the name digested last, or a free one. */
  #slotOf(): number {
    const mask = this.#slots.length - 1;
    for (let slot = (words[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] ?? 0;
      if (entry === 0 || this.#isOf(entry - 1)) return slot;
    }
  }

  #isOf(row: number): boolean {
    for (let n = 0; n < digestWords; n++) if (this.#at(row, n) !== words[n]) return false;
    return true;
  }

  #spread(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let row = 0; row < this.#size; row++) {
      let slot = this.#at(row, 0) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = row + 1;
    }
  }
}

const pieceBits = 12;
const rowsInPiece = 1 << pieceBits;
const inPiece = rowsInPiece - 1;

/** 128 bits. */
const digestWords = 4;
/** Of the name digested last. */
const words = new Int32Array(digestWords);

const maxNameLength = 64;
/**
 * 128 random bits for each place in a name and each letter there, drawn when this process began.
 */
const bitsOf = randomFillSync(new Int32Array((maxNameLength + 1) * 128 * digestWords));

/**
 * Tabulation hashing: two names collide with a probability of 2^-128 even if they were chosen by an
 * attacker, because the bits are drawn now. Ten times as fast as SHA-256, which is used for names
 * that the ledger does not make.
 */
function digestOf(name: string): void {
  const { length } = name;
  if (length > maxNameLength) {
    sha256Of(name);
    return;
  }
  // A name has no letter at its own length, and letter 0 is not used.
  let at = length * 128 * digestWords;
  let a = bitsOf[at] ?? 0;
  let b = bitsOf[at + 1] ?? 0;
  let c = bitsOf[at + 2] ?? 0;
  let d = bitsOf[at + 3] ?? 0;
  for (let n = 0; n < length; n++) {
    const letter = name.charCodeAt(n);
    if (letter === 0 || letter > 127) {
      sha256Of(name);
      return;
    }
    at = (n * 128 + letter) * digestWords;
    a ^= bitsOf[at] ?? 0;
    b ^= bitsOf[at + 1] ?? 0;
    c ^= bitsOf[at + 2] ?? 0;
    d ^= bitsOf[at + 3] ?? 0;
  }
  words[0] = a;
  words[1] = b;
  words[2] = c;
  words[3] = d;
}

function sha256Of(name: string): void {
  const digest = hash('sha256', name, 'buffer');
  for (let n = 0; n < digestWords; n++) words[n] = digest.readInt32LE(n * 4);
}
