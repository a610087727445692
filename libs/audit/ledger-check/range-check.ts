import { canonicalize, fromHex, utf8Bytes } from '#libs/kernel';
import { HASH_BYTES, readRecord, type RecordBody, TILE_WIDTH } from '#libs/log';
import { CanonicalRecord, nibbles } from './canonical-record.js';
import { type Finding, Findings, ofTheLog, type FindingCode } from './finding.js';
import { sameHash, sha256Into, tileRootInto } from './hashing.js';
import { operatorIn, operatorOf, ruleInputIn, ruleInputOf } from './rule-input.js';
import { RuleInputLines } from './rule-input-lines.js';

/** A stored record, as offsets into the bytes that it was read in. */
export interface Row {
  /** Where it stands in the ledger, from 0. */
  leaf: number;
  version: number;
  /**
   * The stream's name and the stored hash lie between successive offsets; the hash's length is
   * checked.
   */
  stream: number;
  streamEnd: number;
  /** −1 where no hash is stored beside the record. */
  hash: number;
  hashEnd: number;
  /**
   * Of the record's bytes. The byte before them must be 0: the leaf's prefix (RFC 6962, section
   * 2.1).
   */
  bytes: number;
  bytesEnd: number;
}

/**
 * The result of a range of records, which makes reading it again unnecessary. Plain bytes and
 * texts, which pass between threads at almost no cost.
 */
export interface RangeReport {
  readonly from: number;
  /** After the last record that was found. */
  readonly end: number;
  readonly records: number;
  readonly findings: readonly Finding[];
  /** Leaf hashes, 32 bytes each, computed from the bytes. */
  readonly leaves: Uint8Array;
  /** Roots of the full tiles of them, 32 bytes each: ranges begin with a tile. */
  readonly tileRoots: Uint8Array;
  /**
   * Names of the streams with records in the range, in order of appearance; the following arrays
   * have an entry for each.
   */
  readonly streams: readonly string[];
  /**
   * Of each: the version of its first record here, that record's leaf, the version and the leaf of
   * its last.
   */
  readonly ends: Float64Array;
  /** Of each: the previous hash that its first record here names; zeroes where it names none. */
  readonly prevs: Uint8Array;
  /** Rule inputs, see `RuleInputLines`, as bytes, which pass between threads without a copy. */
  readonly ruleInputs: Uint8Array<ArrayBuffer>;
}

/** Numbers of a stream in `ends`. */
export const endsWidth = 4;

/** Checks the records of a range, one after the other. */
export class RangeCheck {
  readonly #findings = new Findings();
  readonly #ruleInputs = new RuleInputLines();
  readonly #leaves: Buffer;
  readonly #record = new CanonicalRecord();
  /** Of each stream its entry in what follows. */
  readonly #streams = new Map<string, number>();
  readonly #ends: number[] = [];
  readonly #prevs: (Uint8Array | null)[] = [];
  readonly #city: Uint8Array;
  #records = 0;
  #next: number;

  /** @param from the first leaf, which begins a tile; @param to after the last */
  constructor(
    private readonly city: string,
    private readonly from: number,
    private readonly to: number,
  ) {
    this.#next = from;
    this.#city = utf8Bytes(canonicalize(city)).subarray(1, -1);
    this.#leaves = Buffer.from(new ArrayBuffer((to - from) * HASH_BYTES));
  }

  take(data: Buffer, row: Row): void {
    const { leaf, version, bytes, bytesEnd } = row;
    const stream = data.toString('utf8', row.stream, row.streamEnd);
    if (leaf !== this.#next) {
      this.#found(stream, row, 'position');
      if (leaf > this.#next)
        this.#findings.add({ ...ofTheLog('missing'), leaf: this.#next, until: leaf - 1 });
    }
    this.#records++;
    this.#next = leaf + 1;
    if (leaf < this.from || leaf >= this.to) return;

    const here = (leaf - this.from) * HASH_BYTES;
    sha256Into(this.#leaves, here, data.subarray(bytes - 1, bytesEnd));
    const isHashed = row.hashEnd - row.hash === HASH_BYTES;
    if (row.hash >= 0 && !(isHashed && sameHash(this.#leaves, here, data, row.hash)))
      this.#found(stream, row, 'hash');

    const record = this.#record;
    let entry = this.#streams.get(stream);
    let prev: Uint8Array | null = null;
    if (
      record.passes(data, bytes, bytesEnd) &&
      record.version === version &&
      sameText(data, record.streamStart, record.streamEnd, data, row.stream, row.streamEnd) &&
      sameText(data, record.cityStart, record.cityEnd, this.#city, 0, this.#city.length)
    ) {
      const { prevStart } = record;
      if (entry === undefined) prev = prevStart < 0 ? null : hashAt(data, prevStart);
      else if (!isHexOf(data, prevStart, this.#leaves, this.#lastLeaf(entry)))
        this.#found(stream, row, 'prev');
      this.#say(operatorIn(data, record, leaf));
      this.#say(ruleInputIn(data, record, leaf));
    } else {
      const body = this.#readStrictly(data, stream, row);
      if (entry === undefined) prev = fromHex(body?.prev ?? '');
      else if (body !== null) {
        const last = this.#lastLeaf(entry);
        if (body.prev !== this.#leaves.toString('hex', last, last + HASH_BYTES))
          this.#found(stream, row, 'prev');
      }
      if (body !== null) {
        this.#say(operatorOf(body, leaf));
        this.#say(ruleInputOf(body, leaf));
      }
    }

    if (entry === undefined) {
      this.#streams.set(stream, (entry = this.#prevs.length));
      this.#prevs.push(prev);
      this.#ends.push(version, leaf, version, leaf);
      return;
    }
    const end = entry * endsWidth + 2;
    if (version !== (this.#ends[end] ?? 0) + 1) this.#found(stream, row, 'version');
    this.#ends[end] = version;
    this.#ends[end + 1] = leaf;
  }

  /** A leaf whose bytes are no record, and whose record is unknown. */
  takeUnreadable(leaf: number, bytes: Uint8Array): void {
    this.#findings.add({ leaf, stream: '', version: -1, what: 'bytes' });
    this.#records++;
    this.#next = leaf + 1;
    const prefixed = Buffer.concat([Buffer.alloc(1), bytes]);
    sha256Into(this.#leaves, (leaf - this.from) * HASH_BYTES, prefixed);
  }

  /** @param to after the last leaf, where the range turned out shorter */
  report(to = this.to): RangeReport {
    const { from } = this;
    const tiles = Math.floor((to - from) / TILE_WIDTH);
    const tileRoots = Buffer.from(new ArrayBuffer(tiles * HASH_BYTES));
    for (let tile = 0; tile < tiles; tile++)
      tileRootInto(tileRoots, tile * HASH_BYTES, this.#leaves, tile * TILE_WIDTH * HASH_BYTES);
    const prevs = new Uint8Array(this.#prevs.length * HASH_BYTES);
    this.#prevs.forEach((prev, n) => {
      if (prev !== null) prevs.set(prev, n * HASH_BYTES);
    });
    return {
      from,
      end: this.#next,
      records: this.#records,
      findings: this.#findings.all,
      leaves: this.#leaves.subarray(0, (to - from) * HASH_BYTES),
      tileRoots,
      streams: [...this.#streams.keys()],
      ends: Float64Array.from(this.#ends),
      prevs,
      ruleInputs: this.#ruleInputs.bytes,
    };
  }

  #found(stream: string, { leaf, version }: Row, what: FindingCode): void {
    this.#findings.add({ leaf, stream, version, what });
  }

  #say(statement: string | null): void {
    if (statement !== null) this.#ruleInputs.add(statement);
  }

  #lastLeaf(entry: number): number {
    return ((this.#ends[entry * endsWidth + 3] ?? 0) - this.from) * HASH_BYTES;
  }

  /** For the few records that are not of the common form, and for wrong ones. */
  #readStrictly(data: Buffer, stream: string, row: Row): RecordBody | null {
    const bytes = data.subarray(row.bytes, row.bytesEnd);
    let body: RecordBody;
    try {
      body = readRecord(bytes);
      if (!bytes.equals(utf8Bytes(canonicalize(body)))) this.#found(stream, row, 'bytes');
    } catch {
      this.#found(stream, row, 'bytes');
      return null;
    }
    if (
      body.stream !== data.toString('utf8', row.stream, row.streamEnd) ||
      body.version !== row.version ||
      body.city !== this.city
    )
      this.#found(stream, row, 'place');
    return body;
  }
}

function sameText(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let at = aStart, other = bStart; at < aEnd; at++, other++)
    if (a[at] !== b[other]) return false;
  return true;
}

const hashAt = (data: Buffer, hex: number) =>
  Buffer.from(data.toString('latin1', hex, hex + 2 * HASH_BYTES), 'hex');

/**
 * Whether the digits at `hex` are those of the hash at `hash`; `hex` is −1 where there are none.
 */
function isHexOf(data: Uint8Array, hex: number, hashes: Uint8Array, hash: number): boolean {
  if (hex < 0) return false;
  for (let n = 0; n < HASH_BYTES; n++, hex += 2) {
    const [high, low] = [nibbles[data[hex] ?? 0] ?? 0, nibbles[data[hex + 1] ?? 0] ?? 0];
    if (high * 16 + low !== hashes[hash + n]) return false;
  }
  return true;
}
