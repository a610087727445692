import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { InvalidError, isObject, parseJson } from '#libs/kernel';
import { readPublicKey } from '../jwk.js';

/** The issuer's key file does not hold what `newSigningKeys` writes. */
export class SigningKeysInvalid extends InvalidError<'signing_keys_invalid'> {}

type SigningKey = JsonWebKey & { readonly kid: string };

/** Keys that sign tokens or statements, all of them Ed25519 JWKs with a kid. All are published. */
export interface SigningKeys {
  /** With their private halves. The first signs; one behind it is announced before it is used. */
  readonly keys: readonly SigningKey[];
  /**
   * Public halves alone, the latest first: what these signed still verifies, and nothing more is
   * signed with them.
   */
  readonly retired: readonly SigningKey[];
}

/** The text of a new key file: a JWK set with one Ed25519 key. To be kept with mode 0600. */
export const newSigningKeys = (): string => JSON.stringify({ keys: [newKey()] });

function newKey(): SigningKey {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const { kty, crv, x } = jwk;
  return { ...jwk, kid: readPublicKey({ kty, crv, x }).jkt, use: 'sig', alg: 'EdDSA' };
}

/** Reads what `newSigningKeys` and `rotateSigningKeys` wrote. @throws SigningKeysInvalid */
export function readSigningKeys(text: string): SigningKeys {
  const value = parseJson(text);
  const found = isObject(value) ? value['keys'] : undefined;
  if (!Array.isArray(found)) throw invalid();
  const all = found.map(signingKey);
  const keys = all.filter(({ d }) => d !== undefined);
  if (keys.length === 0) throw invalid();
  return { keys, retired: all.filter(({ d }) => d === undefined) };
}

function signingKey(jwk: unknown): SigningKey {
  if (!isObject(jwk) || jwk['crv'] !== 'Ed25519') throw invalid();
  const { d, kid, ...open } = jwk;
  if (d !== undefined && typeof d !== 'string') throw invalid();
  const { jkt } = readPublicKey(open);
  return {
    ...open,
    ...(d !== undefined && { d }),
    kid: typeof kid === 'string' ? kid : jkt,
    use: 'sig',
    alg: 'EdDSA',
  };
}

export interface Rotated {
  /** The text of the key file from now on. */
  readonly text: string;
  /** The kid of the key that signs from now on, or with `announce` will. */
  readonly kid: string;
  /** The kid of the key that signs no more; null where one was only announced. */
  readonly retired: string | null;
}

/**
 * Makes a new key the signing one, the announced one or one that is made now; of the previous one
 * only the public half stays. With `announce` it is published and does not sign yet, so that every
 * process knows it before its first token.
 * @throws SigningKeysInvalid
 */
export function rotateSigningKeys(text: string, { announce = false } = {}): Rotated {
  const {
    keys: [current, announced],
    retired,
  } = readSigningKeys(text);
  if (current === undefined) throw invalid();
  const next = announced ?? newKey();
  const given = { ...current };
  delete given.d;
  const keys = announce ? [current, next, ...retired] : [next, given, ...retired];
  return {
    text: JSON.stringify({ keys }),
    kid: next.kid,
    retired: announce ? null : current.kid,
  };
}

const invalid = () =>
  new SigningKeysInvalid(
    'signing_keys_invalid',
    'the key file is not a set of private Ed25519 JWKs',
  );

/** The public part of the keys (RFC 7517, section 5). */
export const publicJwks = ({
  keys,
  retired,
}: SigningKeys): { readonly keys: Record<string, unknown>[] } => ({
  keys: [...keys, ...retired].map(({ kid, kty, crv, x }) => ({
    ...readPublicKey({ kty, crv, x }).jwk,
    kid,
    use: 'sig',
    alg: 'EdDSA',
  })),
});
