import { hash } from 'node:crypto';
import {
  type Jwk,
  type JwsAlgorithm,
  type JwsProfile,
  JwsRefused,
  readCompactJws,
  readPublicKey,
  type RegisteredClient,
} from '#libs/identity';
import { epochSeconds, type Instant, type JsonObject, ProductError } from '#libs/kernel';
import { EnrolmentRefused, PasskeyStatementRefused } from './subject.errors.js';

/** Largest difference between a signer's clock and the ledger's, in seconds. */
const clockWindow = 60;
const algorithms: readonly JwsAlgorithm[] = ['EdDSA', 'Ed25519', 'ES256'];

/**
 * SHA-256 of the one-time code as it was shown, in base64url: what the ledger keeps, and what the
 * phone signs.
 */
export const enrolmentCodeHash = (code: string): string => hash('sha256', code, 'base64url');

/**
 * What a phone signs to offer its key: a compact JWS, `typ` `phone-key+jws`, by that key. `iat` in
 * whole seconds since 1970.
 */
interface PhoneKeyProof {
  readonly codeHash: string;
  /** RFC 7638 thumbprint (SHA-256, base64url) of the key. */
  readonly jkt: string;
  readonly iat: number;
}

/**
 * What the terminal signs to confirm: a compact JWS, `typ` `enrolment+jws`, `kid` its registered
 * key.
 */
interface EnrolmentStatement {
  /** The subject's pairwise id for the terminal's department. */
  readonly sub: string;
  readonly enrolment: string;
  readonly jkt: string;
  readonly iat: number;
}

/**
 * Checks that a phone holds the key that it offers for this code.
 * @returns the key as it is kept: its defining members alone, and their thumbprint
 * @throws EnrolmentRefused `phone_key_proof_refused`; the cause says which check failed
 */
export function checkPhoneKeyProof(
  proof: string,
  offered: { readonly jwk: Readonly<Record<string, unknown>>; readonly codeHash: string },
  now: Instant,
): { readonly jkt: string; readonly jwk: JsonObject } {
  const refused = (cause?: unknown) =>
    new EnrolmentRefused(
      'phone_key_proof_refused',
      'the phone does not prove that it holds the key for this code',
      reasonOf(cause),
      { cause },
    );
  try {
    const key = readPublicKey(offered.jwk);
    const claims = payloadOf(proof, { typ: 'phone-key+jws', algorithms, key });
    const expected: Omit<PhoneKeyProof, 'iat'> = { codeHash: offered.codeHash, jkt: key.jkt };
    if (!claimsAre(claims, expected, now)) throw refused();
    return { jkt: key.jkt, jwk: key.jwk };
  } catch (error) {
    if (error instanceof EnrolmentRefused || !(error instanceof ProductError)) throw error;
    throw refused(error);
  }
}

/**
 * Checks the statement by which a terminal binds a key to a person. It must be signed by the
 * registered key with which the terminal calls, so that the record proves later which terminal
 * enrolled it.
 * @throws EnrolmentRefused `enrolment_statement_refused`
 */
export function checkEnrolmentStatement(
  statement: string,
  expected: Omit<EnrolmentStatement, 'iat'>,
  signer: { readonly client: RegisteredClient; readonly jkt: string },
  now: Instant,
): void {
  const refused = (cause?: unknown) =>
    new EnrolmentRefused(
      'enrolment_statement_refused',
      'the statement is not the one that this enrolment needs',
      { enrolment: expected.enrolment, ...reasonOf(cause) },
      { cause },
    );
  const registered = signer.client.keys.find(({ kid }) => kid === signer.jkt);
  if (registered === undefined) throw refused();
  try {
    const claims = payloadOf(statement, {
      typ: 'enrolment+jws',
      algorithms,
      keyOf: (header) => (header['kid'] === registered.kid ? registered.jwk : null),
    });
    if (!claimsAre(claims, expected, now)) throw refused();
  } catch (error) {
    if (!(error instanceof JwsRefused)) throw error;
    throw refused(error);
  }
}

/** `typ` of the JWS by which a phone's key signs for a passkey. */
export const passkeyStatementType = 'passkey+jws';

/**
 * Checks that the phone's key signed for exactly this passkey, now: a compact JWS, `typ`
 * `passkey+jws`, `kid` the phone's key, over `{credential, jkt, rpId, iat}`.
 * @throws PasskeyStatementRefused
 */
export function checkPasskeyStatement(
  statement: string,
  expected: Readonly<Record<'credential' | 'jkt' | 'rpId', string>>,
  phone: { readonly jkt: string; readonly jwk: Jwk },
  now: Instant,
): void {
  const refused = (cause?: unknown) =>
    new PasskeyStatementRefused(
      'passkey_statement_refused',
      "the phone's key did not sign for this passkey",
      reasonOf(cause),
      { cause },
    );
  try {
    const claims = payloadOf(statement, {
      typ: passkeyStatementType,
      algorithms,
      keyOf: ({ kid }) => (kid === phone.jkt ? phone.jwk : null),
    });
    if (!claimsAre(claims, expected, now)) throw refused();
  } catch (error) {
    if (!(error instanceof JwsRefused)) throw error;
    throw refused(error);
  }
}

const payloadOf = (token: string, profile: JwsProfile) => readCompactJws(token, profile).payload;

/** Exactly these members, and an `iat` within `clockWindow` of now. */
function claimsAre(
  claims: JsonObject,
  expected: Readonly<Record<string, string>>,
  now: Instant,
): boolean {
  const names = Object.keys(expected);
  const { iat } = claims;
  return (
    Object.keys(claims).length === names.length + 1 &&
    names.every((name) => claims[name] === expected[name]) &&
    Number.isSafeInteger(iat) &&
    Math.abs((iat as number) - epochSeconds(now)) <= clockWindow
  );
}

const reasonOf = (cause: unknown) =>
  cause instanceof ProductError ? { reason: String(cause.code) } : {};
