import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose';
import { InvalidError } from '#libs/kernel';

/** A key that cannot be used to sign for a client: not private, or of a kind that the ledger does not take. */
export class KeyUnusable extends InvalidError<'key_unusable'> {}

/** The key of a client or a phone. Only its public half ever leaves the process. */
export interface ApiKey {
  readonly alg: 'EdDSA' | 'ES256';
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  /** RFC 7638 thumbprint (SHA-256, base64url): the `kid` under which it is registered. */
  readonly jkt: string;
}

/** Reads a private JWK (RFC 7517): Ed25519 or P-256. @throws KeyUnusable */
export async function readKey(jwk: JWK): Promise<ApiKey> {
  const alg = jwk.crv === 'Ed25519' ? 'EdDSA' : jwk.crv === 'P-256' ? 'ES256' : null;
  if (alg === null || typeof jwk.d !== 'string')
    throw new KeyUnusable('key_unusable', 'a private JWK of Ed25519 or P-256 is needed');
  let privateKey: CryptoKey | Uint8Array;
  try {
    privateKey = await importJWK(jwk, alg);
  } catch (cause) {
    throw new KeyUnusable('key_unusable', 'the JWK cannot be read', {}, { cause });
  }
  if (privateKey instanceof Uint8Array)
    throw new KeyUnusable('key_unusable', 'the key is symmetric');
  const { kty, crv, x, y } = jwk;
  const publicJwk = { kty, crv, x, ...(y === undefined ? {} : { y }) } as JWK;
  return { alg, privateKey, publicJwk, jkt: await calculateJwkThumbprint(publicJwk) };
}

/** A new key pair as a private JWK; keep it where only its owner reads. */
export async function newPrivateJwk(alg: ApiKey['alg'] = 'EdDSA'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return exportJWK(privateKey);
}

/** A compact JWS by the key, `kid` its thumbprint, over exactly the bytes of `payload`. */
export async function signStatement(
  key: ApiKey,
  typ: string,
  payload: Record<string, unknown>,
): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: key.alg, typ, kid: key.jkt })
    .sign(key.privateKey);
}
