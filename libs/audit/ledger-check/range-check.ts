import { hash } from 'node:crypto';
import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { readRecord, type RecordBody } from '#libs/log';
import { type Finding, mostFindings, type What } from './finding.js';

/** A stored row. The arrays may be views that are overwritten later. */
export interface Row {
  readonly position: number;
  readonly version: number;
  readonly stream: string;
  readonly hash: Buffer;
  /** The leaf's prefix 0x00 (RFC 6962) and the record's bytes. */
  readonly prefixed: Buffer;
}

/** What a record says that the rules of the house are about. */
export interface Statement {
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: JsonObject;
}

/** What a range of records comes to: enough to go on behind it without reading it again. Small things travel between threads. */
export interface RangeReport {
  readonly records: number;
  readonly findings: readonly Finding[];
  /** Leaf hashes, 32 bytes each, computed from the bytes. */
  readonly leaves: Uint8Array;
  /** Streams that begin before the range: their first version in it, and the hash that it says precedes it. */
  readonly continued: readonly (readonly [stream: string, version: number, prev: string | null])[];
  /** Where each stream of the range ends. */
  readonly ends: readonly (readonly [stream: string, version: number, hash: string])[];
  /** `Statement[]` as JSON: a string travels between threads several times as fast as what it says. */
  readonly statements: string;
}

/** The types whose records are looked into, and the members that are: all others are checked for hash, place and chain. */
const told: ReadonlyMap<string, readonly string[]> = new Map([
  ['CaseOpened', []],
  ['CaseClosed', []],
  ['ConsentRequested', ['consent', 'case', 'notice']],
  ['ConsentGranted', ['consent', 'proof']],
  ['ConsentRedeemed', ['consent', 'case']],
  ['ReleaseReadAgain', ['consent']],
  ['PhoneKeyOffered', ['jkt', 'jwk']],
  ['PhoneEnrolled', ['jkt']],
  ['ClientRegistered', ['authority', 'keys']],
  ['ClientKeyRotated', ['added']],
  ['CertificateIssued', ['version']],
  ['CertificateAmended', ['version']],
]);

/** Checks the records of a range of positions, one after the other. */
export class RangeCheck {
  readonly #findings: Finding[] = [];
  readonly #continued: [string, number, string | null][] = [];
  readonly #ends = new Map<string, { version: number; hash: string }>();
  readonly #statements: Statement[] = [];
  readonly #leaves: Uint8Array;
  #records = 0;

  /** @param from the position before the range's first; @param to its last */
  constructor(
    private readonly city: string,
    private readonly from: number,
    to: number,
  ) {
    this.#leaves = new Uint8Array((to - from) * 32);
  }

  take({ position, version, stream, hash: stored, prefixed }: Row): void {
    const found = (what: What) => {
      if (this.#findings.length < mostFindings) this.#findings.push({ stream, version, what });
    };
    this.#records++;
    if (position !== this.from + this.#records) found('position');

    const leaf = hash('sha256', prefixed, 'buffer');
    const leafHex = leaf.toString('hex');
    const at = position - this.from - 1;
    if (at >= 0 && (at + 1) * 32 <= this.#leaves.length) this.#leaves.set(leaf, at * 32);
    if (!leaf.equals(stored)) found('hash');

    const end = this.#ends.get(stream);
    const body = parse(prefixed);
    if (body === null) found('bytes');
    else {
      if (body.stream !== stream || body.version !== version || body.city !== this.city)
        found('place');
      if (end !== undefined) {
        if (body.prev !== end.hash) found('prev');
      } else if (version === 0) {
        if (body.prev !== null) found('prev');
      }
      const members = told.get(body.type);
      if (members !== undefined) this.#statements.push(statementOf(body, members));
    }
    if (end !== undefined && version !== end.version + 1) found('version');
    if (end === undefined && version !== 0)
      this.#continued.push([stream, version, body?.prev ?? null]);
    this.#ends.set(stream, { version, hash: leafHex });
  }

  report(): RangeReport {
    return {
      records: this.#records,
      findings: this.#findings,
      leaves: this.#leaves,
      continued: this.#continued,
      ends: [...this.#ends].map(([stream, { version, hash: last }]) => [stream, version, last]),
      statements: JSON.stringify(this.#statements),
    };
  }
}

/** Quick for what is well formed, strict for the rest: a record that JSON.parse reads and the format refuses is refused. */
function parse(prefixed: Buffer): RecordBody | null {
  try {
    const body = JSON.parse(prefixed.toString('utf8', 1)) as RecordBody;
    return isObject(body) && wellFormed(body) ? body : readRecord(prefixed.subarray(1));
  } catch {
    return null;
  }
}

const wellFormed = (body: RecordBody): boolean =>
  (body.v as number) === 1 &&
  typeof body.stream === 'string' &&
  typeof body.type === 'string' &&
  isObject(body.data) &&
  Object.keys(body).length === 11;

/** Of certificates the signed part, of notices the hash: what travels between threads is small. */
function statementOf(
  { stream, version, type, data }: RecordBody,
  members: readonly string[],
): Statement {
  const small: Record<string, JsonValue> = {};
  for (const member of members) {
    const value = data[member];
    if (member === 'version') small['signed'] = inner(value, 'signed');
    else if (member === 'notice') small['notice'] = { hash: inner(value, 'hash') };
    else if (value !== undefined) small[member] = value;
  }
  return { stream, version, type, data: small };
}

const inner = (value: JsonValue | undefined, member: string): JsonValue =>
  (isObject(value) ? value[member] : null) ?? null;
