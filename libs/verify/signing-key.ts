import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import {
  base64url,
  canonicalize,
  fromBase64url,
  isObject,
  type JsonValue,
  utf8Bytes,
} from '#libs/kernel';
import { verifyEd25519 } from '#libs/log';
import type { Means } from './receipt.js';

/** A public key: 32 bytes of Ed25519, or x ‖ y of P-256. */
export interface SigningKey {
  readonly alg: 'EdDSA' | 'ES256';
  readonly publicKey: Uint8Array;
}

/** The key of a public JWK that has its defining members and no others; null where it is none. */
export function signingKeyOf(jwk: JsonValue | undefined): SigningKey | null {
  if (!isObject(jwk)) return null;
  const { kty, crv, x, y } = jwk;
  const [first, second] = [x, y].map((one) =>
    typeof one === 'string' ? fromBase64url(one) : null,
  );
  if (first?.length !== 32) return null;
  const members = Object.keys(jwk).sort().join();
  if (members === 'crv,kty,x' && kty === 'OKP' && crv === 'Ed25519')
    return { alg: 'EdDSA', publicKey: first };
  if (members === 'crv,kty,x,y' && kty === 'EC' && crv === 'P-256' && second?.length === 32)
    return { alg: 'ES256', publicKey: new Uint8Array([...first, ...second]) };
  return null;
}

/** RFC 7638, SHA-256, base64url. */
export function thumbprintOf({ alg, publicKey }: SigningKey): string {
  const x = base64url(publicKey.subarray(0, 32));
  const jwk =
    alg === 'EdDSA'
      ? { kty: 'OKP', crv: 'Ed25519', x }
      : { kty: 'EC', crv: 'P-256', x, y: base64url(publicKey.subarray(32)) };
  return base64url(sha256(utf8Bytes(canonicalize(jwk))));
}

/** @param signature 64 bytes: of Ed25519, or R ‖ S (RFC 7518, section 3.4) */
export function isSignedBy(
  { alg, publicKey }: SigningKey,
  signed: Uint8Array,
  signature: Uint8Array,
  { verify = verifyEd25519 }: Means = {},
): boolean {
  if (signature.length !== 64) return false;
  return alg === 'EdDSA'
    ? verify(signature, signed, publicKey)
    : isSignedByP256(signature, signed, publicKey);
}

/** Either S of the two is one that ECDSA makes. */
function isSignedByP256(signature: Uint8Array, signed: Uint8Array, key: Uint8Array): boolean {
  try {
    return p256.verify(signature, signed, new Uint8Array([4, ...key]), {
      prehash: true,
      lowS: false,
    });
  } catch {
    return false;
  }
}
