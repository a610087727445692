import { sha256 } from '@noble/hashes/sha2.js';
import {
  base64url,
  canonicalize,
  fromBase64url,
  isObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  RefusedError,
  utf8Bytes,
  utf8Text,
} from '#libs/kernel';
import type { AuthorityKey, AuthorityKeys } from './authority-keys.js';
import { openJws, type OpenedJws } from './compact-jws.js';
import type { Means } from './receipt.js';
import { isSignedBy } from './signing-key.js';

/**
 * What was handed over is not what an authority attested, as far as its keys in the log show.
 * `material` is in the facts.
 */
export class AuthorityRefused extends RefusedError<
  | 'authority_word_malformed'
  | 'authority_key_unknown' // the log tells of no such key of this authority
  | 'authority_key_later' // the key was registered behind the release
  | 'authority_signature_wrong'
  | 'authority_word_other' // authority, type or version differ from those that were signed
  | 'disclosure_not_signed'
  | 'fields_other' // the fields beside the disclosures say something else
> {}

/** An authority's signed part for one material, verified. */
export interface VerifiedWord {
  readonly material: string;
  readonly type: string;
  /** The key, with its period that covers the release, or the last one that began before it. */
  readonly key: AuthorityKey;
  /**
   * Whether the key was still valid at the release. Where it was not, the certificate must have
   * been recorded before the key ended, which `verify ledger` proves, and not this.
   */
  readonly stands: boolean;
}

const wordType = 'dc+sd-jwt';
const maxWordLength = 256 * 1024;
/**
 * That each material of a release is what an authority signed (SD-JWT, RFC 9901), by a key that it
 * had when the release was recorded, and that the fields are those of its disclosures.
 * @param handedOver the member of the reply, as `verifyRelease` takes it
 * @param leaf index of the record of the release, from its receipt
 * @throws AuthorityRefused; nothing else, whatever the file
 */
export function verifyAuthorityWords(
  handedOver: JsonValue,
  keys: AuthorityKeys,
  leaf: number,
  means: Means = {},
): readonly VerifiedWord[] {
  const materials = isObject(handedOver) ? handedOver['materials'] : undefined;
  if (!Array.isArray(materials)) throw malformed('');
  return (materials as readonly JsonValue[]).map((material) =>
    verifyWord(material, keys, leaf, means),
  );
}

function verifyWord(
  value: JsonValue,
  { keys }: AuthorityKeys,
  leaf: number,
  means: Means,
): VerifiedWord {
  if (!isObject(value)) throw malformed('');
  const material = text(value['material'], '');
  const { authority, type, version, disclosures, fields } = value;
  const jws = text(value['signed'], material);
  const { header, payload, signed, signature } = opened(jws, material);
  const known = keys.filter(
    (each) =>
      each.kid === header['kid'] && each.authority === authority && each.alg === header['alg'],
  );
  const key = known.findLast(({ from }) => from <= leaf);
  const about = { material };
  if (known.length === 0)
    throw new AuthorityRefused(
      'authority_key_unknown',
      'the log tells of no such key of this authority',
      about,
      { hint: 'A newer /log/authority-keys may.' },
    );
  if (key === undefined)
    throw new AuthorityRefused(
      'authority_key_later',
      'the authority had this key only after the release',
      about,
    );
  if (!isSignedBy(key, signed, signature, means))
    throw new AuthorityRefused(
      'authority_signature_wrong',
      'the authority did not sign this',
      about,
    );
  if (payload['iss'] !== authority || payload['vct'] !== type || payload['version'] !== version)
    throw new AuthorityRefused(
      'authority_word_other',
      'authority, type or version are not those that were signed',
      about,
    );
  const disclosed = openDisclosures(disclosures, payload, material, means);
  if (
    !isObject(fields) ||
    canonicalOr(fields) === null ||
    canonicalOr(fields) !== canonicalOr(disclosed)
  )
    throw new AuthorityRefused(
      'fields_other',
      'the fields are not those of the disclosures',
      about,
    );
  return {
    material,
    type: text(type, material),
    key,
    stands: key.until === null || key.until > leaf,
  };
}

/** The signed part, its signature not looked at. */
function opened(jws: string, material: string): OpenedJws {
  const found = jws.length > maxWordLength ? null : openJws(jws, wordType);
  if (found === null) throw malformed(material);
  return found;
}

/**
 * RFC 9901, section 4.2: names and values of the disclosures, each of which the signed part names
 * by its digest, once.
 */
function openDisclosures(
  disclosures: JsonValue | undefined,
  payload: JsonObject,
  material: string,
  { hash = sha256 }: Means,
): JsonObject {
  const digests = payload['_sd'];
  if (!Array.isArray(disclosures) || !Array.isArray(digests) || payload['_sd_alg'] !== 'sha-256')
    throw malformed(material);
  const names = new Map<string, JsonValue>();
  for (const disclosure of disclosures as readonly JsonValue[]) {
    const encoded = text(disclosure, material);
    const digest = base64url(hash(utf8Bytes(encoded)));
    if (!digests.includes(digest))
      throw new AuthorityRefused(
        'disclosure_not_signed',
        'a disclosure is not one that was signed',
        {
          material,
        },
      );
    const [salt, name, value, ...more] = array(encoded, material);
    if (typeof salt !== 'string' || typeof name !== 'string' || value === undefined)
      throw malformed(material);
    if (more.length > 0 || names.has(name)) throw malformed(material);
    names.set(name, value);
  }
  return Object.fromEntries(names);
}

function json(encoded: string, material: string): JsonValue {
  const bytes = fromBase64url(encoded);
  if (bytes === null) throw malformed(material);
  try {
    return parseJson(utf8Text(bytes));
  } catch (cause) {
    throw malformed(material, cause);
  }
}

function array(encoded: string, material: string): readonly JsonValue[] {
  const value = json(encoded, material);
  if (!Array.isArray(value)) throw malformed(material);
  return value as readonly JsonValue[];
}

function text(value: JsonValue | undefined, material: string): string {
  if (typeof value !== 'string') throw malformed(material);
  return value;
}

/** Null where it holds what cannot be written: a lone surrogate. */
function canonicalOr(value: JsonObject): string | null {
  try {
    return canonicalize(value);
  } catch {
    return null;
  }
}

const malformed = (material: string, cause?: unknown) =>
  new AuthorityRefused(
    'authority_word_malformed',
    'a material does not come with the word of an authority',
    { material },
    { cause },
  );
