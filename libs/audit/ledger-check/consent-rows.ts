import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { list, type DecodedRecord, text } from './decoded-record.js';
import { digest128 } from './hashing.js';
import { NamedRows } from './named-rows.js';

/** States of a consent; 0 where it was not requested. */
export const requested = 1;
export const granted = 2;
export const refused = 3;
export const withdrawn = 4;
export const redeemed = 5;
export const withheld = 6;
/** Redeemed, and withdrawn or ended afterwards. */
export const ended = 7;

/**
 * Numbers of a consent. `digest` is of what must be granted, then of what was read; `match` of the
 * commitment to the number that the window shows, all 0 where it shows none.
 */
const columns = { state: 0, asks: 1, case: 2, digest: 3, match: 7, misses: 11, key: 12, width: 13 };
const noDigest = '0'.repeat(32);

/** State of each consent of a ledger, in few bytes each. */
export class ConsentRows {
  /** By book and id. */
  readonly #rows = new NamedRows(columns.width);
  /** Requested answers: they come from rules of the catalogue, so that few are distinct. */
  readonly #asks: JsonValue[] = [];
  readonly #askedBefore = new Map<string, number>();

  /** −1 where there is none. */
  find(at: Pick<DecodedRecord['at'], 'stream'>, said: JsonObject): number {
    return this.#rows.find(nameIn(at, said));
  }

  add(at: DecodedRecord['at'], said: JsonObject): number {
    return this.#rows.add(nameIn(at, said));
  }

  state(row: number): number {
    return row < 0 ? 0 : this.#rows.get(row, columns.state);
  }

  setState(row: number, state: number): void {
    this.#rows.set(row, columns.state, state);
  }

  /** The row of its case. */
  caseOf(row: number): number {
    return this.#rows.get(row, columns.case);
  }

  setCase(row: number, itsCase: number): void {
    this.#rows.set(row, columns.case, itsCase);
  }

  /** The row of the key that granted; −1 where none did. */
  keyOf(row: number): number {
    return this.#rows.get(row, columns.key) - 1;
  }

  setKey(row: number, key: number): void {
    this.#rows.set(row, columns.key, key + 1);
  }

  asks(row: number): readonly JsonValue[] {
    return list(this.#asks[this.#rows.get(row, columns.asks)]);
  }

  setAsks(row: number, asks: JsonValue): void {
    const spelt = JSON.stringify(asks);
    let entry = this.#askedBefore.get(spelt);
    if (entry === undefined) {
      entry = this.#asks.push(asks) - 1;
      this.#askedBefore.set(spelt, entry);
    }
    this.#rows.set(row, columns.asks, entry);
  }

  digest(row: number): string {
    return this.#digest(row, columns.digest);
  }

  /** @param digest 128 bits, hexadecimal */
  setDigest(row: number, digest: string): void {
    this.#setDigest(row, columns.digest, digest);
  }

  hasNumber(row: number): boolean {
    return this.#digest(row, columns.match) !== noDigest;
  }

  /** Whether the request committed to exactly this. */
  commits(row: number, commitment: string): boolean {
    return this.#digest(row, columns.match) === digest128([commitment]);
  }

  setCommitment(row: number, commitment: JsonValue): void {
    this.#setDigest(row, columns.match, digest128([commitment]));
  }

  /** Counts a wrong number. @returns how many there were before */
  miss(row: number): number {
    const misses = this.#rows.get(row, columns.misses) + 1;
    this.#rows.set(row, columns.misses, misses);
    return misses;
  }

  #setDigest(row: number, column: number, digest: string): void {
    for (let n = 0; n < 4; n++)
      this.#rows.set(row, column + n, Number.parseInt(digest.slice(n * 8, n * 8 + 8), 16));
  }

  #digest(row: number, column: number): string {
    let digest = '';
    for (let n = 0; n < 4; n++)
      digest += (this.#rows.get(row, column + n) >>> 0).toString(16).padStart(8, '0');
    return digest;
  }
}

const nameIn = ({ stream }: Pick<DecodedRecord['at'], 'stream'>, said: JsonObject) =>
  `${stream} ${text(said, 'consent')}`;

/**
 * Whether something was read, and each item is an answer that was requested, with no additional
 * field.
 */
export function isWithin(read: readonly JsonValue[], asks: readonly JsonValue[]): boolean {
  const all = read.every((one) => {
    if (!isObject(one)) return false;
    const asked = asks.find((ask) => isObject(ask) && ask['material'] === one['material']);
    const answers = isObject(asked) ? list(asked['answers']) : [];
    const answer = answers.find((each) => isObject(each) && each['type'] === one['type']);
    const allowed = isObject(answer) ? list(answer['fields']) : [];
    const fields = list(one['fields']);
    return fields.length > 0 && fields.every((field) => allowed.includes(field));
  });
  return all && read.length > 0;
}

/** Which certificates answered which materials, as 128 bits in hexadecimal. */
export const usedIn = (used: readonly JsonValue[]): string =>
  digest128(
    used.map((one) =>
      isObject(one)
        ? [one['material'] ?? null, one['certificate'] ?? null, one['type'] ?? null]
        : null,
    ),
  );
