import type { CryptoKey } from 'jose';
import { base64url, canonicalize, utf8Bytes } from '#libs/kernel';

/*
 * What every page signs, by WebCrypto alone: jose weighs 11 KB on a phone, and a page needs neither
 * its algorithms nor its forms of a key.
 */

/** RFC 7518, section 3.4, and RFC 8037, section 3.1: WebCrypto's signatures are those of JWS. */
const algorithms = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
} as const;

/** A compact JWS (RFC 7515, section 7.1) over exactly the bytes of `payload`. */
export async function signCompact(
  { alg, privateKey }: { readonly alg: 'EdDSA' | 'ES256'; readonly privateKey: CryptoKey },
  header: Readonly<Record<string, unknown>>,
  payload: Uint8Array,
): Promise<string> {
  const head = base64url(utf8Bytes(JSON.stringify({ ...header, alg })));
  const signed = `${head}.${base64url(payload)}`;
  const signature = await crypto.subtle.sign(algorithms[alg], privateKey, utf8Bytes(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

export const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));

/** RFC 7638, SHA-256, base64url: of a public JWK of Ed25519 or P-256, whose members these are. */
export const jwkThumbprint = ({ crv, kty, x, y }: PublicJwk): Promise<string> =>
  sha256(utf8Bytes(canonicalize(y === undefined ? { crv, kty, x } : { crv, kty, x, y })));

type PublicJwk = Readonly<Partial<Record<'crv' | 'kty' | 'x' | 'y', string | undefined>>>;
