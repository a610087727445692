import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import type { CanonicalRecord } from './canonical-record.js';

/** What a record says that the rules of the house are about. */
export type Statement = readonly [
  leaf: number,
  stream: string,
  version: number,
  type: string,
  said: JsonObject,
];

/**
 * The types whose records are looked into, and the members of their data that are: under what name, and where. Of certificates the signed
 * part, of notices the hash: what travels between threads is small. All other types are checked for form, hash, place and chain.
 */
const told: ReadonlyMap<string, readonly (readonly [name: string, ...path: readonly string[]])[]> =
  new Map([
    ['CaseOpened', []],
    ['CaseClosed', []],
    [
      'ConsentRequested',
      [
        ['consent', 'consent'],
        ['case', 'case'],
        ['noticeHash', 'notice', 'hash'],
      ],
    ],
    [
      'ConsentGranted',
      [
        ['consent', 'consent'],
        ['jkt', 'proof', 'jkt'],
        ['jws', 'proof', 'jws'],
      ],
    ],
    [
      'ConsentRedeemed',
      [
        ['consent', 'consent'],
        ['case', 'case'],
      ],
    ],
    ['ReleaseReadAgain', [['consent', 'consent']]],
    [
      'PhoneKeyOffered',
      [
        ['jkt', 'jkt'],
        ['jwk', 'jwk'],
      ],
    ],
    ['PhoneEnrolled', [['jkt', 'jkt']]],
    [
      'ClientRegistered',
      [
        ['authority', 'authority'],
        ['keys', 'keys'],
      ],
    ],
    ['ClientKeyRotated', [['added', 'added']]],
    ['CertificateIssued', [['signed', 'version', 'signed']]],
    ['CertificateAmended', [['signed', 'version', 'signed']]],
  ]);

/**
 * The statement of a record in canonical form as JSON text, put together from pieces of its bytes; null where it makes none.
 * @param record as it was read last, from `bytes`
 */
export function statementIn(bytes: Buffer, record: CanonicalRecord, leaf: number): string | null {
  const type = bytes.toString('latin1', record.typeStart, record.typeEnd);
  const members = told.get(type);
  if (members === undefined) return null;
  const stream = bytes.toString('utf8', record.streamStart, record.streamEnd);
  let said = '';
  for (const [name, ...path] of members) {
    let at = record.dataStart;
    for (const step of path) at = memberAt(bytes, at, step);
    if (at >= 0)
      said += `${said === '' ? '' : ','}"${name}":${bytes.toString('utf8', at, behind(bytes, at))}`;
  }
  return `[${leaf},"${stream}",${record.version},"${type}",{${said}}]`;
}

/** The same of a record that was parsed. */
export function statementOf(
  { stream, version, type, data }: RecordBody,
  leaf: number,
): string | null {
  const members = told.get(type);
  if (members === undefined) return null;
  const said: Record<string, JsonValue> = {};
  for (const [name, ...path] of members) {
    let value: JsonValue | undefined = data;
    for (const step of path) value = isObject(value) ? value[step] : undefined;
    if (value !== undefined) said[name] = value;
  }
  return JSON.stringify([leaf, stream, version, type, said]);
}

/** Where the value of a member of the object at `at` begins; −1 where there is no such. The bytes are canonical JSON. */
function memberAt(bytes: Uint8Array, at: number, name: string): number {
  if (at < 0 || bytes[at] !== brace || bytes[at + 1] === endBrace) return -1;
  at++;
  for (;;) {
    const value = behind(bytes, at) + 1;
    if (value - at === name.length + 3 && spells(bytes, at + 1, name)) return value;
    at = behind(bytes, value);
    if (bytes[at] !== comma) return -1;
    at++;
  }
}

function spells(bytes: Uint8Array, at: number, name: string): boolean {
  for (let n = 0; n < name.length; n++) if (bytes[at + n] !== name.charCodeAt(n)) return false;
  return true;
}

/** The place behind the value at `at`, in canonical JSON. */
function behind(bytes: Uint8Array, at: number): number {
  let depth = 0;
  do {
    const byte = bytes[at++];
    if (byte === quote) {
      while (bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
      at++;
    } else if (byte === brace || byte === bracket) depth++;
    else if (byte === endBrace || byte === endBracket) depth--;
    else if (depth === 0) while (!endsLiteral(bytes[at])) at++;
  } while (depth > 0);
  return at;
}

const endsLiteral = (byte: number | undefined) =>
  byte === comma || byte === endBrace || byte === endBracket || byte === undefined;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const brace = 0x7b;
const endBrace = 0x7d;
const bracket = 0x5b;
const endBracket = 0x5d;
