import { hash, randomFillSync } from 'node:crypto';

/**
 * Rows of a few whole numbers (32 bits, 0 at first), found by names, of which 128 bits are kept. A row takes 16 bytes, 4 for each number, and
 * about 8 for being found, where a map of texts and objects takes several hundred: a ledger names more consents and cases than memory holds
 * of those.
 */
export class NamedRows {
  /** Entry + 1, by what the digest begins with and on from there; 0 where nothing is. */
  #slots = new Int32Array(1024);
  #rows: Int32Array;
  readonly #stride: number;
  #size = 0;

  /** @param width numbers in a row */
  constructor(width: number) {
    this.#stride = digestWords + width;
    this.#rows = new Int32Array(512 * this.#stride);
  }

  /** The row of a name; −1 where there is none. */
  find(name: string): number {
    digestOf(name);
    return (this.#slots[this.#slotOf()] ?? 0) - 1;
  }

  /** The row of a name, made where there is none. */
  add(name: string): number {
    digestOf(name);
    const slot = this.#slotOf();
    const known = this.#slots[slot] ?? 0;
    if (known > 0) return known - 1;
    const row = this.#size++;
    if (this.#size * this.#stride > this.#rows.length) this.#rows = twice(this.#rows);
    this.#rows.set(words, row * this.#stride);
    this.#slots[slot] = row + 1;
    if (this.#size * 2 > this.#slots.length) this.#spread();
    return row;
  }

  get(row: number, column: number): number {
    return this.#rows[row * this.#stride + digestWords + column] ?? 0;
  }

  set(row: number, column: number, value: number): void {
    this.#rows[row * this.#stride + digestWords + column] = value;
  }

  /** Where the name whose digest was taken last stands, or would. */
  #slotOf(): number {
    const mask = this.#slots.length - 1;
    for (let slot = (words[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] ?? 0;
      if (entry === 0 || this.#isAt((entry - 1) * this.#stride)) return slot;
    }
  }

  #isAt(start: number): boolean {
    for (let n = 0; n < digestWords; n++) if (this.#rows[start + n] !== words[n]) return false;
    return true;
  }

  #spread(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let row = 0; row < this.#size; row++) {
      let slot = (this.#rows[row * this.#stride] ?? 0) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = row + 1;
    }
  }
}

/** 128 bits. */
const digestWords = 4;
/** Of the name that was looked for last. */
const words = new Int32Array(digestWords);

const longest = 64;
/** For each place in a name and each letter there, 128 bits that nobody knew before this process began. */
const bitsOf = randomFillSync(new Int32Array((longest + 1) * 128 * digestWords));

/**
 * Tabulation hashing: of two names, whoever chose them, the bits are the same with a probability of 2^-128, as the bits are only drawn now.
 * A tenth of the time of SHA-256, which is for names that no ledger of ours has.
 */
function digestOf(name: string): void {
  const { length } = name;
  if (length > longest) {
    sha256Of(name);
    return;
  }
  // At its own length a name has no letter, and letter 0 is never taken.
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

function twice(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
