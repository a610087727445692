import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { InvalidError, isObject, parseJson } from '#libs/kernel';
import { readPublicKey } from '../jwk.js';

/** The issuer's key file does not hold what `newSigningKeys` writes. */
export class SigningKeysInvalid extends InvalidError<'signing_keys_invalid'> {}

/** Private Ed25519 JWKs with a kid. The first signs; all are published, so that a new one can be announced before it is used. */
export interface SigningKeys {
  readonly keys: readonly (JsonWebKey & { readonly kid: string })[];
}

/** The text of a new key file: a JWK set with one Ed25519 key. To be kept with mode 0600. */
export function newSigningKeys(): string {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const { d, ...open } = jwk;
  const { jkt } = readPublicKey({ ...open });
  return JSON.stringify({ keys: [{ ...open, d, kid: jkt, use: 'sig', alg: 'EdDSA' }] });
}

/** Reads what `newSigningKeys` wrote. @throws SigningKeysInvalid */
export function readSigningKeys(text: string): SigningKeys {
  const value = parseJson(text);
  const keys = isObject(value) ? value['keys'] : undefined;
  if (!Array.isArray(keys) || keys.length === 0) throw invalid();
  return { keys: keys.map(signingKey) };
}

function signingKey(jwk: unknown) {
  if (!isObject(jwk) || jwk['crv'] !== 'Ed25519' || typeof jwk['d'] !== 'string') throw invalid();
  const { d, kid, ...open } = jwk;
  const { jkt } = readPublicKey(open);
  return { ...open, d, kid: typeof kid === 'string' ? kid : jkt, use: 'sig', alg: 'EdDSA' };
}

const invalid = () =>
  new SigningKeysInvalid(
    'signing_keys_invalid',
    'the key file is not a set of private Ed25519 JWKs',
  );

/** What anybody may know of the keys (RFC 7517, section 5). */
export const publicJwks = ({
  keys,
}: SigningKeys): { readonly keys: Record<string, unknown>[] } => ({
  keys: keys.map(({ kid, kty, crv, x }) => ({
    ...readPublicKey({ kty, crv, x }).jwk,
    kid,
    use: 'sig',
    alg: 'EdDSA',
  })),
});
