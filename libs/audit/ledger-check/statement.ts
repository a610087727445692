import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import type { CanonicalRecord } from './canonical-record.js';

/** What a record says that the rules of the house are about; null where its schema is none that is known here. */
export type Statement = readonly [
  leaf: number,
  stream: string,
  version: number,
  type: string,
  said: JsonObject | null,
];

/** The members of an object that are looked at, in the order in which canonical JSON has them; those of a record's data, or of a member of it. */
type Shape = readonly (readonly [of: 'data' | `data.${string}` | 'record', ...members: string[]])[];

/**
 * The types whose records are looked into, and what of them is: for each schema that the type has had, from 1 on. Of certificates the signed
 * part, of notices the hash: what travels between threads is small. All other types are checked for form, hash, place and chain. Who lifts a
 * schema says here where the same things stand in it, and the rules are told them under the same names.
 */
export const told: ReadonlyMap<string, readonly Shape[]> = new Map<string, readonly Shape[]>([
  ['CaseOpened', [[]]],
  ['CaseClosed', [[['record', 'time']]]],
  [
    'ConsentRequested',
    [
      [
        ['data', 'asks', 'case', 'consent'],
        ['data.notice', 'hash'],
      ],
    ],
  ],
  [
    'ConsentGranted',
    [
      [
        ['data', 'consent'],
        ['data.proof', 'jkt', 'jws'],
      ],
    ],
  ],
  ['ConsentRefused', [[['data', 'consent']]]],
  ['ConsentWithdrawn', [[['data', 'consent']]]],
  [
    'ConsentRedeemed',
    [
      [
        ['data', 'case', 'caseVersion', 'consent', 'read'],
        ['record', 'time'],
      ],
    ],
  ],
  ['ReleaseWithheld', [[['data', 'consent', 'reading']]]],
  [
    'ReleaseReadAgain',
    [
      [
        ['data', 'consent', 'reading', 'used'],
        ['record', 'time'],
      ],
    ],
  ],
  ['PhoneKeyOffered', [[['data', 'jkt', 'jwk']]]],
  ['PhoneEnrolled', [[['data', 'jkt']]]],
  ['ClientRegistered', [[['data', 'authority', 'keys']]]],
  [
    'ClientKeyRotated',
    [
      [
        ['data', 'added', 'retired'],
        ['record', 'time'],
      ],
    ],
  ],
  ['ClientDisabled', [[['record', 'time']]]],
  ['ClientEnabled', [[]]],
  [
    'CertificateIssued',
    [
      [
        ['data', 'authority', 'type'],
        ['data.version', 'number', 'signed'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'CertificateAmended',
    [
      [
        ['data.version', 'number', 'signed'],
        ['record', 'time'],
      ],
    ],
  ],
]);

/**
 * The statement of a record in canonical form as JSON text, put together from pieces of its bytes; null where it makes none.
 * @param record as it was read last, from `bytes`
 */
export function statementIn(bytes: Buffer, record: CanonicalRecord, leaf: number): string | null {
  const type = bytes.toString('latin1', record.typeStart, record.typeEnd);
  const schemas = told.get(type);
  if (schemas === undefined) return null;
  const stream = bytes.toString('utf8', record.streamStart, record.streamEnd);
  const begin = `[${leaf},"${stream}",${record.version},"${type}",`;
  const shape = schemas[record.schema - 1];
  if (shape === undefined) return `${begin}null]`;
  let said = '';
  for (const [of, ...members] of shape) {
    if (of === 'record')
      said += `,"time":"${bytes.toString('utf8', record.timeStart, record.timeEnd)}"`;
    else {
      const [, within] = of.split('.');
      const { dataStart } = record;
      said += membersIn(
        bytes,
        within === undefined ? dataStart : memberAt(bytes, dataStart, within),
        members,
      );
    }
  }
  return `${begin}{${said.slice(1)}}]`;
}

/** The same of a record that was parsed. */
export function statementOf(
  { stream, version, type, schema, time, data }: RecordBody,
  leaf: number,
): string | null {
  const schemas = told.get(type);
  if (schemas === undefined) return null;
  const shape = schemas[schema - 1];
  if (shape === undefined) return JSON.stringify([leaf, stream, version, type, null]);
  const said: Record<string, JsonValue> = {};
  for (const [of, ...members] of shape) {
    const [, within] = of.split('.');
    const object = of === 'record' ? { time } : within === undefined ? data : data[within];
    if (!isObject(object)) continue;
    for (const member of members) {
      const value = object[member];
      if (value !== undefined) said[member] = value;
    }
  }
  return JSON.stringify([leaf, stream, version, type, said]);
}

/** Those of the members that the object at `at` has, each with a comma before it; the bytes are canonical JSON. */
function membersIn(bytes: Buffer, at: number, members: readonly string[]): string {
  let said = '';
  let next = 0;
  if (at < 0 || bytes[at] !== brace || bytes[at + 1] === endBrace) return said;
  at++;
  for (;;) {
    const value = behind(bytes, at) + 1;
    const end = behind(bytes, value);
    for (let n = next; n < members.length; n++) {
      const name = members[n] ?? '';
      if (value - at !== name.length + 3 || !spells(bytes, at + 1, name)) continue;
      said += `,"${name}":${bytes.toString('utf8', value, end)}`;
      next = n + 1;
      break;
    }
    if (next === members.length || bytes[end] !== comma) return said;
    at = end + 1;
  }
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
