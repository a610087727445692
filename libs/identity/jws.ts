import { verify } from 'node:crypto';
import {
  fromBase64url,
  InvalidError,
  isObject,
  type JsonObject,
  parseJson,
  utf8Text,
} from '#libs/kernel';
import { isStrictEncoding } from '#libs/log';
import { type JwsAlgorithm, type PublicKey, readPublicKey } from './jwk.js';

/**
 * A token that violates its profile. The code names the failed check; nothing of the token is in
 * the error.
 */
export class JwsRefused extends InvalidError<
  | 'jws_malformed'
  | 'jws_header_forbidden'
  | 'jws_type_wrong'
  | 'jws_algorithm_refused'
  | 'jws_key_unknown'
  | 'jws_signature_wrong'
  | 'jws_payload_malformed'
> {}

export type Jwk = Readonly<Record<string, unknown>>;

interface Common {
  /**
   * The header's `typ`, exactly; `null` for formats that define none (the header's is then not
   * looked at).
   */
  readonly typ: string | null;
  /** Algorithms that this kind of token may be signed with. The key narrows them further. */
  readonly algorithms: readonly JwsAlgorithm[];
}

/**
 * What a kind of token must be, and whose key verifies it. Exactly one of `key`, `keyOf` and
 * `embeddedKey` is given.
 */
export type JwsProfile = Common &
  (
    | { readonly key: Jwk | PublicKey }
    /**
     * Chooses by the header (`kid`); null where there is no such key. The payload is not to be
     * trusted yet, and not handed over.
     */
    | { readonly keyOf: (header: JsonObject) => Jwk | PublicKey | null }
    /**
     * The token brings its key in `jwk`, and proves possession of it only (RFC 9449, 4.2). All
     * other profiles refuse the member.
     */
    | { readonly embeddedKey: true }
  );

/** A verified token; `key` is the one that verified it. */
export interface CompactJws<Payload = JsonObject> {
  readonly header: JsonObject;
  readonly payload: Payload;
  readonly key: PublicKey;
}

const maxTokenLength = 16_384;
const forbidden = ['jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'crit', 'zip', 'b64', 'enc', 'epk'];

/**
 * Reads and verifies a JWS in compact serialisation (RFC 7515, 7.1) whose payload is a JSON object:
 * `verifyCompactJws`, and the payload read as strictly as the header. Claims (times, audience) are
 * the caller's to check.
 * @throws JwsRefused
 */
export function readCompactJws(token: string, profile: JwsProfile): CompactJws {
  const { header, payload, key } = verifyCompactJws(token, profile);
  return { header, payload: jsonObject(payload, 'jws_payload_malformed'), key };
}

/**
 * Verifies a JWS in compact serialisation over any payload. Base64url is strict, so that what is
 * signed has one spelling; the header's JSON has no duplicate member; `jku`, `x5u`, `crit`, `zip`,
 * `b64` and, except with `embeddedKey`, `jwk` are refused; the key, not the token, determines the
 * algorithm.
 * @throws JwsRefused
 */
export function verifyCompactJws(token: string, profile: JwsProfile): CompactJws<Uint8Array> {
  const parts = unpack(token);
  checkHeader(parts.header, profile);
  const key = keyFor(parts.header, profile);
  const algorithm = key.algorithms.find((name) => name === parts.header['alg']);
  if (algorithm === undefined)
    throw new JwsRefused('jws_algorithm_refused', 'the key is not of the algorithm that it names');
  if (!isSignedWith(algorithm, key, parts.signed, parts.signature))
    throw new JwsRefused('jws_signature_wrong', 'the signature does not fit');
  return { header: parts.header, payload: parts.payload, key };
}

/** The header of an unverified token: only for finding the key. @throws JwsRefused */
export const unverifiedHeader = (token: string): JsonObject => unpack(token).header;

function unpack(token: string) {
  if (typeof token !== 'string' || token.length > maxTokenLength)
    throw new JwsRefused('jws_malformed', 'the token is too long', { maxTokenLength });
  const [first, second, third, ...more] = token.split('.');
  if (first === undefined || second === undefined || third === undefined || more.length > 0)
    throw new JwsRefused('jws_malformed', 'a compact token has three parts');
  const [header, payload, signature] = [first, second, third].map(fromBase64url);
  if (!header || !payload || !signature)
    throw new JwsRefused('jws_malformed', 'a part of the token is not base64url');
  return {
    header: jsonObject(header, 'jws_malformed'),
    payload,
    signature,
    signed: Buffer.from(`${first}.${second}`, 'ascii'),
  };
}

function jsonObject(bytes: Uint8Array, code: 'jws_malformed' | 'jws_payload_malformed') {
  let value;
  try {
    value = parseJson(utf8Text(bytes));
  } catch (cause) {
    throw new JwsRefused(code, 'a part of the token is not JSON as we take it', {}, { cause });
  }
  if (!isObject(value)) throw new JwsRefused(code, 'a part of the token is not a JSON object');
  return value;
}

function checkHeader(header: JsonObject, profile: JwsProfile): void {
  for (const member of forbidden) if (member in header) throw forbiddenMember(member);
  if ('jwk' in header && !('embeddedKey' in profile)) throw forbiddenMember('jwk');
  // RFC 7515, 4.1.9: a media type; compared exactly, because each of our profiles writes it in one
  // way.
  if (profile.typ !== null && header['typ'] !== profile.typ)
    throw new JwsRefused('jws_type_wrong', 'the token is of another type', {
      expected: profile.typ,
    });
  if (!profile.algorithms.some((name) => name === header['alg']))
    throw new JwsRefused('jws_algorithm_refused', 'this kind of token is not signed so', {
      allowed: profile.algorithms,
    });
}

const forbiddenMember = (member: string) =>
  new JwsRefused('jws_header_forbidden', 'the header holds a member that we refuse', { member });

function keyFor(header: JsonObject, profile: JwsProfile): PublicKey {
  let key: Jwk | PublicKey | null;
  if ('key' in profile) key = profile.key;
  else if ('keyOf' in profile) key = profile.keyOf(header);
  else key = isObject(header['jwk']) ? header['jwk'] : null;
  if (key === null) throw new JwsRefused('jws_key_unknown', 'no key is known for the token');
  if (isPublicKey(key)) return key;
  try {
    return readPublicKey(key);
  } catch (cause) {
    throw new JwsRefused('jws_key_unknown', 'the key is not one that we take', {}, { cause });
  }
}

const isPublicKey = (key: Jwk | PublicKey): key is PublicKey => 'keyObject' in key;

/** @param signature 64 bytes: of Ed25519, or R ‖ S */
export function isSignedWith(
  algorithm: JwsAlgorithm,
  key: PublicKey,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64) return false;
  switch (algorithm) {
    case 'EdDSA':
    case 'Ed25519':
      // With the key's own checks at reading, the rule of `verifyEd25519`: R in its one spelling,
      // and not of small order.
      return (
        isStrictEncoding(signature.subarray(0, 32)) &&
        verify(null, signed, key.keyObject, signature)
      );
    case 'ES256':
      // RFC 7518, 3.4: R ‖ S, 32 bytes each.
      return verify('sha256', signed, { key: key.keyObject, dsaEncoding: 'ieee-p1363' }, signature);
  }
}
