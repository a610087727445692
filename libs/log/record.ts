import { sha256 } from '@noble/hashes/sha2.js';
import {
  canonicalize,
  fromHex,
  hex,
  InvalidError,
  type Instant,
  isObject,
  type JsonObject,
  parseJson,
  utf8Bytes,
  utf8Text,
} from '#libs/kernel';

/**
 * Who acted: the OAuth client whose key signed the call, `phone:` and the thumbprint of a phone's
 * key, or `anyone`. `operator` is the person of staff who was signed in at the terminal, by the
 * random id of their own stream; no name is in a record.
 */
export interface Actor {
  readonly client: string;
  readonly operator?: string;
}

/** 128 random bits, base64url: the form of an operator's id. */
export const isOperatorId = (id: string): boolean => /^[A-Za-z0-9_-]{22}$/.test(id);

/**
 * One fact in the ledger: its RFC 8785 bytes are what is stored, hashed, chained, sealed and shown
 * to an auditor, and `time` never decides an order. `city` is the log's origin; `id` 32 hexadecimal
 * digits; `version` counts from 0 in its stream; `prev` is the leaf hash of the stream's previous
 * record in hexadecimal, null at version 0.
 */
export interface RecordBody {
  readonly v: 1;
  readonly city: string;
  readonly id: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema: number;
  readonly time: Instant;
  readonly actor: Actor;
  readonly data: JsonObject;
  readonly prev: string | null;
}

export class RecordError extends InvalidError<'record_malformed'> {}

/**
 * SHA-256 of bytes. Servers pass Node's, which is several times faster; the default runs in a
 * browser too.
 */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export const recordBytes = (record: RecordBody): Uint8Array => utf8Bytes(canonicalize(record));

/**
 * RFC 6962, section 2.1: SHA-256(0x00 ‖ bytes). Leaf of the log and link of the stream's chain
 * alike.
 */
export function leafHash(bytes: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  const prefixed = new Uint8Array(bytes.length + 1);
  prefixed.set(bytes, 1);
  return hash(prefixed);
}

const members = new Set([
  'v',
  'city',
  'id',
  'stream',
  'version',
  'type',
  'schema',
  'time',
  'actor',
  'data',
  'prev',
]);

/**
 * Reads a record's stored bytes; refuses what this version of the format cannot have written. Hash
 * the stored bytes and never the result.
 */
export function readRecord(bytes: Uint8Array): RecordBody {
  const value = parse(bytes);
  if (!isObject(value) || Object.keys(value).length !== members.size) throw malformed('members');
  for (const name of Object.keys(value)) if (!members.has(name)) throw malformed('members');
  const { v, city, id, stream, version, type, schema, time, actor, data, prev } = value;
  if (v !== 1) throw malformed('v');
  if (typeof city !== 'string') throw malformed('city');
  if (typeof id !== 'string' || !/^[0-9a-f]{32}$/.test(id)) throw malformed('id');
  if (typeof stream !== 'string' || stream === '') throw malformed('stream');
  if (!isCount(version)) throw malformed('version');
  if (typeof type !== 'string' || !isCount(schema)) throw malformed('type');
  if (typeof time !== 'string') throw malformed('time');
  if (!isActor(actor)) throw malformed('actor');
  if (!isObject(data)) throw malformed('data');
  if (prev !== null && (typeof prev !== 'string' || fromHex(prev)?.length !== 32))
    throw malformed('prev');
  if ((prev === null) !== (version === 0)) throw malformed('prev');
  return { v, city, id, stream, version, type, schema, time, actor, data, prev };
}

function parse(bytes: Uint8Array) {
  try {
    return parseJson(utf8Text(bytes), 64);
  } catch (cause) {
    throw malformed('json', cause);
  }
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

function isActor(value: unknown): value is Actor & JsonObject {
  if (!isObject(value) || typeof value['client'] !== 'string') return false;
  return value['operator'] === undefined || typeof value['operator'] === 'string';
}

const malformed = (member: string, cause?: unknown) =>
  new RecordError(
    'record_malformed',
    `a record's ${member} is not as the format says`,
    { member },
    { cause },
  );

/** The link that the next record of the stream carries. */
export const chainLink = (bytes: Uint8Array, hash?: Sha256): string => hex(leafHash(bytes, hash));
