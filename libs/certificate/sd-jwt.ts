import { hash } from 'node:crypto';
import { type Jwk, type PublicKey, readCompactJws } from '#libs/identity';
import {
  inexactNumber,
  isDay,
  isObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '#libs/kernel';
import { isAsOf } from './as-of.js';
import { CertificateMalformed } from './certificate.errors.js';
import { type AmendReason, amendReasons } from './reasons.js';

/**
 * The form in which an authority attests: an SD-JWT (RFC 9901) in compact form,
 * `<JWS>~<disclosure>~…~<disclosure>~`, without key binding, decoys or nesting. In clear are the
 * claims below; everything else is a disclosure at the top level:
 * - `iss` (the authority's credit code), `vct` (the type's code in the catalogue), `version` (from
 *   1)
 * - `valid_from`, `valid_until` (days of Asia/Shanghai, inclusive; null for no expiry), `as_of`
 *   where the authority says it (`isAsOf`)
 * - `supersedes` from version 2 on (`digest` of the version before, `reason` as a code), `_sd_alg`,
 *   `_sd`
 * - disclosed: `holder.0`, … (`{role, kind, number, issuer?}`), `identifier` (GB/T 36904),
 *   `file.<name>` (`{sha256, mediaType}`) and the type's fields by their keys
 */
export const sdJwtType = 'dc+sd-jwt';
export const sdJwtAlgorithms = ['EdDSA', 'ES256'] as const;

/**
 * Says which version an amendment replaces: `digest` is `signedDigest` of that version's signed
 * part.
 */
export interface Supersedes {
  readonly digest: string;
  readonly reason: AmendReason;
}

/** What stands in clear in the signed part. */
export interface SignedClaims {
  readonly authority: string;
  readonly type: string;
  readonly version: number;
  readonly validFrom: string;
  readonly validUntil: string | null;
  /** Of when this holds; null where the authority does not say. */
  readonly asOf: string | null;
  readonly supersedes: Supersedes | null;
}

/** A disclosure as it came: `text` is its base64url, `digest` the one in `_sd`. */
export interface Disclosure {
  readonly name: string;
  readonly value: JsonValue;
  readonly text: string;
  readonly digest: string;
}

/** An SD-JWT whose signature and digests were checked. What the claims mean is judged elsewhere. */
export interface ReadSdJwt {
  /** The JWS alone. */
  readonly signed: string;
  readonly claims: SignedClaims;
  readonly disclosures: readonly Disclosure[];
}

/** Letters of the compact form. */
export const maxSdJwtLength = 256 * 1024;
export const maxDisclosures = 128;
export const clearClaims: ReadonlySet<string> = new Set([
  'iss',
  'vct',
  'version',
  'valid_from',
  'valid_until',
  'as_of',
  'supersedes',
  '_sd',
  '_sd_alg',
]);

/**
 * SHA-256 (base64url) over what the authority signed, header and payload: ECDSA may sign the same
 * thing twice with different signatures.
 */
export const signedDigest = (signed: string): string =>
  hash('sha256', signed.slice(0, signed.lastIndexOf('.')), 'base64url');

/**
 * The certificate's id: 128 bits of its first version's digest. The salts in it make it
 * unguessable; the same signed part handed in twice, under whatever key, is the same certificate.
 */
export const certificateIdOf = (signed: string): string =>
  Buffer.from(signedDigest(signed), 'base64url').subarray(0, 16).toString('base64url');

/** The digest of a disclosure's text, RFC 9901, section 4.2.3. */
export const disclosureDigest = (text: string): string => hash('sha256', text, 'base64url');

/**
 * Reads an SD-JWT and checks that every disclosure is one of the signed part's, each once, and that
 * none is left out.
 * @param keyOf the registered key of the caller that the header's `kid` names
 * @throws CertificateMalformed, JwsRefused
 */
export function readSdJwt(
  sdJwt: string,
  keyOf: (header: JsonObject) => Jwk | PublicKey | null,
): ReadSdJwt {
  if (sdJwt.length > maxSdJwtLength)
    throw new CertificateMalformed('sd_jwt_too_large', 'the SD-JWT is too large', {
      maxSdJwtLength,
    });
  const [signed = '', ...texts] = sdJwt.split('~');
  if (texts.pop() !== '')
    throw new CertificateMalformed(
      'sd_jwt_malformed',
      'an SD-JWT of a certificate ends with ~ and carries no key binding',
    );
  if (texts.length > maxDisclosures)
    throw new CertificateMalformed('sd_jwt_too_large', 'the SD-JWT has too many disclosures', {
      maxDisclosures,
    });
  const { payload } = readCompactJws(signed, {
    typ: sdJwtType,
    algorithms: sdJwtAlgorithms,
    keyOf,
  });
  const { claims, digests } = readClaims(payload);
  return { signed, claims, disclosures: matched(texts, digests) };
}

/** What stands in clear in a payload. @throws CertificateMalformed */
export function readClaims(payload: JsonObject): {
  claims: SignedClaims;
  digests: ReadonlySet<string>;
} {
  for (const name of Object.keys(payload))
    if (!clearClaims.has(name))
      throw new CertificateMalformed('claim_unknown', 'the signed part has a claim too many');
  const { iss, vct, version, valid_from: from, valid_until: until, as_of: asOf = null } = payload;
  if (typeof iss !== 'string') throw wrong('iss');
  if (typeof vct !== 'string') throw wrong('vct');
  if (!Number.isSafeInteger(version) || Number(version) < 1 || Number(version) > 999)
    throw wrong('version');
  if (!isDay(from)) throw wrong('valid_from');
  if (until !== null && !isDay(until)) throw wrong('valid_until');
  if (until !== null && until < from)
    throw new CertificateMalformed('validity_wrong', 'validity ends before it begins');
  if (asOf !== null && !isAsOf(asOf)) throw wrong('as_of');
  if (payload['_sd_alg'] !== 'sha-256') throw wrong('_sd_alg');
  return {
    claims: {
      authority: iss,
      type: vct,
      version: Number(version),
      validFrom: from,
      validUntil: until,
      asOf,
      supersedes: readSupersedes(payload['supersedes'], Number(version)),
    },
    digests: readDigests(payload['_sd']),
  };
}

const wrong = (claim: string) =>
  new CertificateMalformed('claim_wrong', `the claim ${claim} is missing or not as it must be`, {
    claim,
  });

function readSupersedes(value: JsonValue | undefined, version: number): Supersedes | null {
  if (version === 1) {
    if (value !== undefined) throw wrong('supersedes');
    return null;
  }
  if (!isObject(value) || Object.keys(value).length !== 2) throw wrong('supersedes');
  const { digest, reason } = value;
  const code = amendReasons.find((known) => known === reason);
  if (!isDigest(digest) || code === undefined) throw wrong('supersedes');
  return { digest, reason: code };
}

function readDigests(value: JsonValue | undefined): ReadonlySet<string> {
  if (!Array.isArray(value) || value.length > maxDisclosures) throw wrong('_sd');
  const digests = new Set<string>();
  for (const digest of value as readonly JsonValue[]) {
    // RFC 9901, 7.1: a digest that stands twice makes the whole SD-JWT invalid.
    if (!isDigest(digest) || digests.has(digest)) throw wrong('_sd');
    digests.add(digest);
  }
  return digests;
}

const isDigest = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value);

function matched(texts: readonly string[], digests: ReadonlySet<string>): Disclosure[] {
  const open = new Set(digests);
  const names = new Set<string>();
  const disclosures = texts.map((text) => {
    const digest = disclosureDigest(text);
    if (!open.delete(digest))
      throw digests.has(digest)
        ? new CertificateMalformed('disclosure_repeated', 'a disclosure stands twice')
        : new CertificateMalformed(
            'disclosure_unknown',
            'a disclosure is not one of the signed part',
          );
    const { name, value } = readDisclosure(text);
    if (names.has(name))
      throw new CertificateMalformed('disclosure_repeated', 'two disclosures have the same name');
    names.add(name);
    return { name, value, text, digest };
  });
  // Decoys (RFC 9901, 4.2.5) would be digests indistinguishable from disclosures that were withheld
  // from the ledger.
  if (open.size > 0)
    throw new CertificateMalformed(
      'disclosure_missing',
      'the signed part has digests without a disclosure',
      { missing: open.size },
    );
  return disclosures;
}

/**
 * A disclosure of an object's member: base64url of `[salt, name, value]`, the salt at least 128
 * bits.
 * @throws CertificateMalformed
 */
export function readDisclosure(text: string): { name: string; value: JsonValue } {
  const bytes = Buffer.from(text, 'base64url');
  // One disclosure has one spelling: what Node would read leniently is refused.
  if (bytes.length === 0 || bytes.toString('base64url') !== text) throw malformed();
  const parsed = parseDisclosure(bytes);
  if (!Array.isArray(parsed) || parsed.length !== 3) throw malformed();
  const [salt, name, value] = parsed as readonly JsonValue[];
  if (typeof salt !== 'string' || !/^[A-Za-z0-9_-]{22,128}$/.test(salt)) throw malformed();
  if (typeof name !== 'string' || value === undefined || clearClaims.has(name) || name === '...')
    throw malformed();
  if (hidesDigests(value)) throw malformed();
  return { name, value };
}

const malformed = (cause?: unknown) =>
  new CertificateMalformed(
    'disclosure_malformed',
    'a disclosure is not base64url of a JSON array of salt, name and value',
    {},
    { cause },
  );

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseDisclosure(bytes: Uint8Array): JsonValue {
  let text;
  try {
    text = strictUtf8.decode(bytes);
  } catch (cause) {
    throw malformed(cause);
  }
  let value;
  try {
    value = parseJson(text, 8);
  } catch (cause) {
    // The parser's own message says where in the text it stopped, and the text is personal.
    throw malformed(cause instanceof JsonError ? cause.code : undefined);
  }
  if (inexactNumber(text) !== null)
    throw new CertificateMalformed(
      'disclosure_malformed',
      'a disclosure has a number that is read as another one',
      {
        expected: 'numbers with no more digits than a double holds',
        expectedZh: '数字位数不得超出双精度浮点数的精度',
      },
      { hint: 'Hand in a number of so many digits as text, in a field of kind text or code.' },
    );
  return value;
}

/**
 * Whether a value brings digests of its own (RFC 9901, 4.2.6): nothing in it would be checked, so
 * nothing of the kind is taken.
 */
function hidesDigests(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).some(hidesDigests);
  return Object.entries(value).some(
    ([name, member]) =>
      name === '_sd' || name === '...' || name === '_sd_alg' || hidesDigests(member),
  );
}
