import { certificateIdOf, sdJwtAlgorithms, sdJwtType } from '#libs/certificate';
import { grantType } from '#libs/consent';
import { type Jwk, JwsRefused, readCompactJws } from '#libs/identity';
import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { Finding, What } from './finding.js';
import { digest128 } from './hashing.js';

/**
 * A signature that is still to be checked, apart from the reading: it costs a hundred times as much as a hash. Plain data: it travels to
 * whichever thread has time.
 */
export type SignatureToCheck = {
  readonly leaf: number;
  readonly stream: string;
  readonly version: number;
  readonly jws: string;
  /** The public key as a JWK. */
  readonly key: JsonObject;
} & (
  | {
      /** What a grant must be of; `terms` as `termsOf` makes them. */
      readonly grant: Readonly<Record<'consent' | 'terms', string>>;
    }
  | {
      /** What the signed part of a certificate must say. */
      readonly certificate: {
        readonly type: string;
        readonly authority: string;
        readonly number: number;
        /** Digest of the version before; null for the first, whose own digest names the certificate. */
        readonly supersedes: string | null;
      };
    }
);

const algorithms = ['EdDSA', 'Ed25519', 'ES256'] as const;

/** For which case, and which text, a grant is: 128 bits in hexadecimal, so that a request need not be kept. */
export const termsOf = (ofCase: JsonValue, noticeHash: JsonValue): string =>
  digest128([ofCase, noticeHash]);

/** What is wrong with the signature or with what it signs; null where nothing is. */
export function checkSignature(toCheck: SignatureToCheck): Finding | null {
  const { leaf, stream, version } = toCheck;
  const what = 'grant' in toCheck ? faultOfGrant(toCheck) : faultOfCertificate(toCheck);
  return what === null ? null : { leaf, stream, version, what };
}

type Grant = Extract<SignatureToCheck, { readonly grant: unknown }>;
type Certificate = Extract<SignatureToCheck, { readonly certificate: unknown }>;

function faultOfGrant({ jws, key, grant }: Grant): What | null {
  const read = readOr('grant_signature', jws, { typ: grantType, algorithms, key: key as Jwk });
  if (typeof read === 'string') return read;
  const same =
    read['consent'] === grant.consent &&
    read['answer'] === 'grant' &&
    termsOf(read['case'] ?? null, read['noticeHash'] ?? null) === grant.terms;
  return same ? null : 'grant_of_other_request';
}

function faultOfCertificate({ jws, key, stream, certificate }: Certificate): What | null {
  const { type, authority, number, supersedes } = certificate;
  const read = readOr('authority_signature', jws, {
    typ: sdJwtType,
    algorithms: sdJwtAlgorithms,
    key: key as Jwk,
  });
  if (typeof read === 'string') return read;
  const before = isObject(read['supersedes']) ? read['supersedes']['digest'] : null;
  const same =
    read['iss'] === authority &&
    read['vct'] === type &&
    read['version'] === number &&
    (supersedes === null
      ? read['supersedes'] === undefined && stream === `certificate-${certificateIdOf(jws)}`
      : before === supersedes);
  return same ? null : 'certificate_not_as_signed';
}

function readOr(
  otherwise: What,
  jws: string,
  profile: Parameters<typeof readCompactJws>[1] & { readonly typ: string },
): JsonObject | What {
  try {
    return readCompactJws(jws, profile).payload;
  } catch (error) {
    if (!(error instanceof JwsRefused)) throw error;
    return error.code === 'jws_type_wrong' && profile.typ === sdJwtType
      ? 'signed_as_no_certificate'
      : otherwise;
  }
}

/** In their order, those that are wrong. */
export const wrongSignatures = (signatures: readonly SignatureToCheck[]): Finding[] =>
  signatures.flatMap((signature) => checkSignature(signature) ?? []);
