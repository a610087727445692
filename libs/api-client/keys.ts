import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { InvalidError, utf8Bytes } from '#libs/kernel';
import { jwkThumbprint, signCompact } from './jws.js';

/**
 * A key that cannot be used to sign for a client: not private, or of a kind that the ledger does
 * not take.
 */
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
  return { alg, privateKey, publicJwk, jkt: await jwkThumbprint(publicJwk) };
}

/** A new key pair as a private JWK; keep it where only its owner reads. */
export async function newPrivateJwk(alg: ApiKey['alg'] = 'EdDSA'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return exportJWK(privateKey);
}

/** A compact JWS by the key, `kid` its thumbprint, over the JSON of `payload`. */
export function signStatement(
  key: ApiKey,
  typ: string,
  payload: Record<string, unknown>,
): Promise<string> {
  return signCompact(key, { typ, kid: key.jkt }, utf8Bytes(JSON.stringify(payload)));
}

/** The client's details in the register, as its key signs them. */
export interface ClientDetails {
  readonly kind: string;
  readonly name: string;
  readonly department: string;
  readonly window?: string | null;
  readonly town?: string | null;
  readonly authority?: {
    readonly creditCode: string;
    readonly name: string;
    readonly types: readonly string[];
  } | null;
}

/**
 * A public key and the JWS by which its holder shows that it is held: what a request to the
 * register takes.
 */
export type ProvedKey = Readonly<{ jwk: Record<string, unknown>; proof: string }>;

/**
 * For `POST /v1/clients`, made where the key is and handed to an administrator, who registers
 * exactly these details within 30 days.
 * @param city origin of the log, which `/log/checkpoint` begins with
 */
export async function proveClientKey(
  key: ApiKey,
  city: string,
  { kind, name, department, window = null, town = null, authority = null }: ClientDetails,
): Promise<ProvedKey> {
  const details = { kind, name, department, window, town, authority };
  const claims = { aud: city, iat: nowSeconds(), ...details };
  return {
    jwk: { ...key.publicJwk },
    proof: await signStatement(key, 'client-registration+jws', claims),
  };
}

/**
 * For `POST /v1/clients/{client}/keys`: the key that is to take the place of the client's others.
 */
export async function proveNewKey(key: ApiKey, city: string, client: string): Promise<ProvedKey> {
  const claims = { aud: city, iat: nowSeconds(), client };
  return { jwk: { ...key.publicJwk }, proof: await signStatement(key, 'client-key+jws', claims) };
}

/**
 * Vouches for a new key of a client: the client itself by its old key, or an administrator.
 * @param by the client id whose key signs; @param jkt thumbprint of the new key
 */
export async function approveNewKey(
  key: ApiKey,
  city: string,
  { by, client, jkt }: Record<'by' | 'client' | 'jkt', string>,
): Promise<{ readonly by: string; readonly jws: string }> {
  const claims = { aud: city, iat: nowSeconds(), by, client, jkt };
  return { by, jws: await signStatement(key, 'client-key-approval+jws', claims) };
}

const nowSeconds = () => Math.floor(Date.now() / 1000);
