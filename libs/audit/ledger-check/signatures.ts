import { applicationType } from '#libs/case';
import { sdJwtAlgorithms, sdJwtType } from '#libs/certificate';
import {
  isSignedWith,
  type Jwk,
  JwsRefused,
  KeyRefused,
  readCompactJws,
  readPublicKey,
} from '#libs/identity';
import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { passkeyStatementType } from '#libs/subject';
import {
  type Assertion,
  type AssertionFault,
  grantType,
  readAssertion,
  signatureFromDer,
} from '#libs/verify';
import type { Finding, FindingCode } from './finding.js';
import { digest128 } from './hashing.js';

/**
 * A signature to be checked apart from the reading, because it costs a hundred times as much as a
 * hash. Plain data, which pass to any thread.
 */
export type SignatureToCheck = {
  readonly leaf: number;
  readonly stream: string;
  readonly version: number;
  /** The public key as a JWK. */
  readonly key: JsonObject;
} & (
  | {
      readonly jws: string;
      /**
       * What a grant must contain; `terms` as `termsOf` makes them. `digits` are absent where the
       * record does not show which ones the window had.
       */
      readonly grant: Readonly<Record<'consent' | 'capacity' | 'terms', string>> & {
        readonly digits: string | null | undefined;
      };
    }
  /** What an application must contain, as `applicationTerms` makes them. */
  | { readonly jws: string; readonly application: { readonly terms: string } }
  | {
      /** A grant by a passkey. */
      readonly assertion: Assertion & Readonly<Record<'challenge' | 'rpId', string>>;
    }
  | {
      readonly jws: string;
      /** What a phone's key must have signed for a passkey. */
      readonly passkey: Readonly<Record<'credential' | 'jkt' | 'rpId', string>>;
    }
  | {
      readonly jws: string;
      /** What the signed part of a certificate must say. */
      readonly certificate: {
        readonly type: string;
        readonly authority: string;
        readonly number: number;
        /** The record's `as_of`; null where it has none. */
        readonly asOf: string | null;
        /** Digest of the version before; null for the first. */
        readonly supersedes: string | null;
      };
    }
);

const algorithms = ['EdDSA', 'Ed25519', 'ES256'] as const;

/** Case and text of a grant: 128 bits in hexadecimal, so that a request need not be kept. */
export const termsOf = (ofCase: JsonValue, noticeHash: JsonValue): string =>
  digest128([ofCase, noticeHash]);

/** Case, matter, its name and department of an application: 128 bits in hexadecimal. */
export const applicationTerms = (...terms: readonly (JsonValue | undefined)[]): string =>
  digest128(terms.map((term) => term ?? null));

/** What is wrong with the signature or with what it signs; null where it is valid. */
export function checkSignature(toCheck: SignatureToCheck): Finding | null {
  const { leaf, stream, version } = toCheck;
  const what = faultOf(toCheck);
  return what === null ? null : { leaf, stream, version, what };
}

function faultOf(toCheck: SignatureToCheck): FindingCode | null {
  if ('grant' in toCheck) return faultOfGrant(toCheck);
  if ('assertion' in toCheck) return faultOfAssertion(toCheck);
  if ('passkey' in toCheck) return faultOfPasskey(toCheck);
  return 'application' in toCheck ? faultOfApplication(toCheck) : faultOfCertificate(toCheck);
}

type Grant = Extract<SignatureToCheck, { readonly grant: unknown }>;
type Application = Extract<SignatureToCheck, { readonly application: unknown }>;
type Certificate = Extract<SignatureToCheck, { readonly certificate: unknown }>;
type Asserted = Extract<SignatureToCheck, { readonly assertion: unknown }>;
type Passkey = Extract<SignatureToCheck, { readonly passkey: unknown }>;

function faultOfGrant({ jws, key, grant }: Grant): FindingCode | null {
  const read = readOr('grant_signature', jws, { typ: grantType, algorithms, key: key as Jwk });
  if (typeof read === 'string') return read;
  const same =
    read['consent'] === grant.consent &&
    read['capacity'] === grant.capacity &&
    read['answer'] === 'grant' &&
    termsOf(read['case'] ?? null, read['noticeHash'] ?? null) === grant.terms;
  if (!same) return 'grant_of_other_request';
  return grant.digits === undefined || read['digits'] === grant.digits
    ? null
    : 'grant_of_other_number';
}

function faultOfApplication({ jws, key, application }: Application): FindingCode | null {
  const read = readOr('case_signature', jws, { typ: applicationType, algorithms, key: key as Jwk });
  if (typeof read === 'string') return read;
  const { act, capacity, matter, matterName, department } = read;
  const same =
    act === 'open' &&
    capacity === 'self' &&
    applicationTerms(read['case'], matter, matterName, department) === application.terms;
  return same ? null : 'case_of_other_application';
}

const assertionFaults: Readonly<Record<AssertionFault, FindingCode>> = {
  malformed: 'grant_signature',
  other_challenge: 'grant_of_other_request',
  other_site: 'grant_of_other_site',
  user_not_verified: 'grant_user_not_verified',
};

function faultOfAssertion({ key, assertion }: Asserted): FindingCode | null {
  const read = readAssertion(assertion, assertion);
  if (typeof read === 'string') return assertionFaults[read];
  try {
    const publicKey = readPublicKey(key);
    const [algorithm = 'ES256'] = publicKey.algorithms;
    const signature = algorithm === 'ES256' ? signatureFromDer(read.signature) : read.signature;
    const holds = signature !== null && isSignedWith(algorithm, publicKey, read.signed, signature);
    return holds ? null : 'grant_signature';
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error;
    return 'grant_signature';
  }
}

function faultOfPasskey({ jws, key, passkey }: Passkey): FindingCode | null {
  const read = readOr('passkey_not_proved', jws, {
    typ: passkeyStatementType,
    algorithms,
    key: key as Jwk,
  });
  if (typeof read === 'string') return read;
  const { credential, jkt, rpId } = passkey;
  const same = read['credential'] === credential && read['jkt'] === jkt && read['rpId'] === rpId;
  return same ? null : 'passkey_not_proved';
}

function faultOfCertificate({ jws, key, certificate }: Certificate): FindingCode | null {
  const { type, authority, number, asOf, supersedes } = certificate;
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
    (read['as_of'] ?? null) === asOf &&
    (supersedes === null ? read['supersedes'] === undefined : before === supersedes);
  return same ? null : 'certificate_not_as_signed';
}

function readOr(
  otherwise: FindingCode,
  jws: string,
  profile: Parameters<typeof readCompactJws>[1] & { readonly typ: string },
): JsonObject | FindingCode {
  try {
    return readCompactJws(jws, profile).payload;
  } catch (error) {
    if (!(error instanceof JwsRefused)) throw error;
    return error.code === 'jws_type_wrong' && profile.typ === sdJwtType
      ? 'signed_as_no_certificate'
      : otherwise;
  }
}

/** The invalid ones, in order. */
export const wrongSignatures = (signatures: readonly SignatureToCheck[]): Finding[] =>
  signatures.flatMap((signature) => checkSignature(signature) ?? []);
