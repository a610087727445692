import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { isStrictSignature, littleEndian, type VerifyEd25519 } from '../ed25519-form.js';

const { Point } = ed25519;

/**
 * RFC 8032, section 5.1.7, strict: key and R in their one spelling and not of small order, S below
 * the group's order, and [S]B = R + [k]A exactly, not multiplied by the cofactor. Runs in browsers;
 * servers pass Node's, which is several times faster and gives the same results.
 */
export const verifyEd25519: VerifyEd25519 = (signature, message, publicKey) => {
  if (!isStrictSignature(signature, publicKey)) return false;
  const r = signature.subarray(0, 32);
  try {
    const s = littleEndian(signature.subarray(32));
    const k = Point.Fn.create(littleEndian(sha512(joined(r, publicKey, message))));
    const key = Point.fromBytes(publicKey, false);
    return Point.BASE.multiplyUnsafe(s)
      .subtract(key.multiplyUnsafe(k))
      .equals(Point.fromBytes(r, false));
  } catch {
    return false;
  }
};

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
