import { sha256 } from '@noble/hashes/sha2.js';
import {
  fromBase64url,
  isObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  utf8Bytes,
  utf8Text,
} from '#libs/kernel';
import { sameBytes, type Sha256 } from '#libs/log';

/*
 * Assertions of passkeys: Web Authentication Level 3, section 7.2, as far as it can be done again
 * from a record and a public key alone.
 */

/** What an authenticator answered, each part in base64url as the browser gave it. */
export interface Assertion {
  readonly authenticatorData: JsonValue | undefined;
  readonly clientDataJSON: JsonValue | undefined;
  readonly signature: JsonValue | undefined;
}

export interface ExpectedAssertion {
  /** Base64url. */
  readonly challenge: string;
  /** Null where it is not known: then it has to be one that the origin may use. */
  readonly rpId: string | null;
}

export interface ReadAssertion {
  /** What was signed. */
  readonly signed: Uint8Array;
  /** As the authenticator wrote it: DER of P-256, 64 bytes of Ed25519. */
  readonly signature: Uint8Array;
  /** Of the page. */
  readonly origin: string;
  readonly signCount: number;
}

export type AssertionFault =
  | 'malformed'
  | 'other_challenge'
  | 'other_site' // another RP ID, an origin that may not use it, or a page inside another
  | 'user_not_verified';

const maxBytes = { authenticatorData: 1024, clientDataJSON: 4096, signature: 80 } as const;
/** Hash of the RP ID, flags, sign count. */
const headBytes = 37;
const flags = { present: 0x01, verified: 0x04, eligible: 0x08, backedUp: 0x10 } as const;
const attested = 0x40;
const extended = 0x80;

interface OpenedAssertion extends Pick<ReadAssertion, 'signed' | 'signature'> {
  readonly authenticatorData: Uint8Array;
  readonly clientData: JsonObject;
}

/** Takes an assertion apart; null where it is not of the form of one. */
export function openAssertion(assertion: Assertion, hash: Sha256 = sha256): OpenedAssertion | null {
  const authenticatorData = partOf(assertion, 'authenticatorData');
  const clientDataJSON = partOf(assertion, 'clientDataJSON');
  const signature = partOf(assertion, 'signature');
  if (authenticatorData === null || clientDataJSON === null || signature === null) return null;
  const clientData = jsonIn(clientDataJSON);
  if (!isObject(clientData) || clientData['type'] !== 'webauthn.get') return null;
  const set = authenticatorData[32] ?? 0;
  const hasMore = authenticatorData.length > headBytes;
  if (
    authenticatorData.length < headBytes ||
    (set & attested) !== 0 ||
    ((set & extended) !== 0) !== hasMore ||
    ((set & flags.backedUp) !== 0 && (set & flags.eligible) === 0)
  )
    return null;
  const signed = new Uint8Array([...authenticatorData, ...hash(clientDataJSON)]);
  return { authenticatorData, clientData, signed, signature };
}

/**
 * Reads an assertion and checks everything but its signature, which is over `signed`.
 * @returns the first fault where there is one
 */
export function readAssertion(
  assertion: Assertion,
  { challenge, rpId }: ExpectedAssertion,
  hash: Sha256 = sha256,
): ReadAssertion | AssertionFault {
  const opened = openAssertion(assertion, hash);
  if (opened === null) return 'malformed';
  const { authenticatorData, clientData, signed, signature } = opened;
  if (clientData['challenge'] !== challenge) return 'other_challenge';
  const { origin, crossOrigin = false, topOrigin } = clientData;
  const rpIdHash = authenticatorData.subarray(0, 32);
  if (
    typeof origin !== 'string' ||
    crossOrigin !== false ||
    topOrigin !== undefined ||
    !rpIdsOf(origin).some(
      (id) => (rpId === null || id === rpId) && sameBytes(hash(utf8Bytes(id)), rpIdHash),
    )
  )
    return 'other_site';
  const set = authenticatorData[32] ?? 0;
  if ((set & flags.present) === 0 || (set & flags.verified) === 0) return 'user_not_verified';
  return { signed, signature, origin, signCount: countIn(authenticatorData) };
}

/** The sign count of an assertion; null where it has none. */
export function signCountOf(assertion: Pick<Assertion, 'authenticatorData'>): number | null {
  const data = partOf(assertion, 'authenticatorData');
  return data === null || data.length < headBytes ? null : countIn(data);
}

const countIn = (data: Uint8Array): number =>
  new DataView(data.buffer, data.byteOffset).getUint32(33);

/**
 * Section 6.1.1: a count that does not grow speaks for a copy of the key. Passkeys that are kept in
 * several places always say 0.
 */
export const signCountGrows = (before: number, now: number): boolean =>
  now > before || (before === 0 && now === 0);

/**
 * R ‖ S of a P-256 signature, 32 bytes each, from the DER (ITU-T X.690) of RFC 3279, section 2.2.3;
 * null where it is in another spelling.
 */
export function signatureFromDer(der: Uint8Array): Uint8Array | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const halves = new Uint8Array(64);
  let at = 2;
  for (const half of [1, 2]) {
    const length = der[at + 1] ?? 0;
    const integer = der.subarray(at + 2, at + 2 + length);
    const [first = 0, second = 0] = integer;
    if (der[at] !== 0x02 || length === 0 || integer.length !== length || first >= 0x80) return null;
    if (first === 0 && second < 0x80) return null; // zero, or not the shortest form
    const value = first === 0 ? integer.subarray(1) : integer;
    if (value.length > 32) return null;
    halves.set(value, 32 * half - value.length);
    at += 2 + length;
  }
  return at === der.length ? halves : null;
}

/**
 * The RP IDs that a page of an origin may use: its host, and the domains that this is in. The
 * origin is that of a secure page: https, or this machine.
 */
function rpIdsOf(origin: string): string[] {
  const [, scheme, host = ''] =
    /^(https?):\/\/([a-z0-9]+(?:[.-][a-z0-9]+)*)(?::\d{1,5})?$/.exec(origin) ?? [];
  if (scheme === undefined || (scheme === 'http' && !/^(.+\.)?localhost$/.test(host))) return [];
  const labels = host.split('.');
  return labels.map((_, n) => labels.slice(n).join('.'));
}

function partOf<Part extends keyof Assertion>(
  assertion: Pick<Assertion, Part>,
  part: Part,
): Uint8Array | null {
  const text = assertion[part];
  const bytes = typeof text === 'string' ? fromBase64url(text) : null;
  return bytes === null || bytes.length > maxBytes[part] ? null : bytes;
}

function jsonIn(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(utf8Text(bytes), 4);
  } catch {
    return null;
  }
}
