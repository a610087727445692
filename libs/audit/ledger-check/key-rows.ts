import { fromBase64url, isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { NamedRows } from './named-rows.js';

const halfWords = 8;
/** Numbers of a key: of which kind it is, and its coordinates. */
const ofKey = { kind: 0, x: 1, y: 1 + halfWords, more: 1 + 2 * halfWords };
const kinds = { ed25519: 1, p256: 2, other: 3 } as const;

/**
 * Public keys by names, 92 bytes each and 4 for each number beside it, because a city has as many
 * phones as people. A key of a kind that the ledger does not accept verifies nothing.
 */
export class KeyRows {
  readonly #rows: NamedRows;

  /** @param numbers that are kept beside each key, 0 at first */
  constructor(numbers = 0) {
    this.#rows = new NamedRows(ofKey.more + numbers);
  }

  /** @param jwk Ed25519 or P-256. @returns its row */
  set(name: string, jwk: JsonValue | undefined): number {
    const row = this.#rows.add(name);
    const { crv = null, x = null, y = null } = isObject(jwk) ? jwk : {};
    const [first, second] = [coordinate(x), coordinate(y)];
    if (crv === 'Ed25519' && first !== null) this.#keep(row, kinds.ed25519, first, null);
    else if (crv === 'P-256' && first !== null && second !== null)
      this.#keep(row, kinds.p256, first, second);
    else this.#keep(row, kinds.other, null, null);
    return row;
  }

  /** −1 where the name has none. */
  find(name: string): number {
    return this.#rows.find(name);
  }

  /** An unsigned number of 32 bits beside a key. */
  number(row: number, n: number): number {
    return this.#rows.get(row, ofKey.more + n) >>> 0;
  }

  setNumber(row: number, n: number, value: number): void {
    this.#rows.set(row, ofKey.more + n, value);
  }

  /** Null where the name has none. */
  get(name: string): JsonObject | null {
    const row = this.find(name);
    return row < 0 ? null : this.key(row);
  }

  key(row: number): JsonObject {
    switch (this.#rows.get(row, ofKey.kind)) {
      case kinds.ed25519:
        return { kty: 'OKP', crv: 'Ed25519', x: this.#text(row, ofKey.x) };
      case kinds.p256:
        return {
          kty: 'EC',
          crv: 'P-256',
          x: this.#text(row, ofKey.x),
          y: this.#text(row, ofKey.y),
        };
      default:
        return { kty: 'none' };
    }
  }

  #keep(row: number, kind: number, x: Buffer | null, y: Buffer | null): void {
    this.#rows.set(row, ofKey.kind, kind);
    for (let n = 0; n < halfWords; n++) {
      this.#rows.set(row, ofKey.x + n, x?.readInt32LE(n * 4) ?? 0);
      this.#rows.set(row, ofKey.y + n, y?.readInt32LE(n * 4) ?? 0);
    }
  }

  #text(row: number, column: number): string {
    const bytes = Buffer.alloc(halfWords * 4);
    for (let n = 0; n < halfWords; n++) bytes.writeInt32LE(this.#rows.get(row, column + n), n * 4);
    return bytes.toString('base64url');
  }
}

/** 32 bytes in base64url, in their one spelling. */
function coordinate(value: JsonValue): Buffer | null {
  const bytes = typeof value === 'string' ? fromBase64url(value) : null;
  return bytes?.length === halfWords * 4 ? Buffer.from(bytes) : null;
}
