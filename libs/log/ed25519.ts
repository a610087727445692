import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { fromHex } from '#libs/kernel';

/**
 * Whether `signature` (64 bytes) over `message` is the key's, by the rule of `verifyEd25519`. Must
 * answer false, not throw, on bytes that are no signature or no key.
 */
export type VerifyEd25519 = (
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
) => boolean;

const { Point } = ed25519;

/**
 * 2^255 − 19, and the y coordinates of the points of order 1, 2, 4 and 8: little-endian, as points
 * are written.
 */
const [prime, ...smallOrder] = [
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((text) => fromHex(text) ?? new Uint8Array()) as [Uint8Array, ...Uint8Array[]];

/**
 * Whether 32 bytes could be a point of the strict rule: y is below the prime, so that the point has
 * this spelling only, and the point is not of small order. Whether it lies on the curve is not
 * looked at.
 */
export function isStrictEncoding(point: Uint8Array): boolean {
  if (point.length !== 32) return false;
  const y = new Uint8Array(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  return below(y, prime) && !smallOrder.some((small) => small.every((byte, n) => byte === y[n]));
}

function below(a: Uint8Array, b: Uint8Array): boolean {
  for (let n = 31; n >= 0; n--) {
    const [mine = 0, other = 0] = [a[n], b[n]];
    if (mine !== other) return mine < other;
  }
  return false;
}

/**
 * Whether 32 bytes are an acceptable Ed25519 public key: a point of the curve, in its one spelling,
 * not of small order.
 */
export function isEd25519Key(publicKey: Uint8Array): boolean {
  if (!isStrictEncoding(publicKey)) return false;
  try {
    Point.fromBytes(publicKey, false);
    return true;
  } catch {
    return false;
  }
}

/**
 * RFC 8032, section 5.1.7, strict: key and R in their one spelling and not of small order, S below
 * the group's order, and [S]B = R + [k]A exactly, not multiplied by the cofactor. Runs in browsers;
 * servers pass Node's, which is several times faster and gives the same results.
 */
export const verifyEd25519: VerifyEd25519 = (signature, message, publicKey) => {
  const r = signature.subarray(0, 32);
  if (signature.length !== 64 || !isStrictEncoding(publicKey) || !isStrictEncoding(r)) return false;
  try {
    const s = little(signature.subarray(32));
    if (s >= Point.Fn.ORDER) return false;
    const k = Point.Fn.create(little(sha512(joined(r, publicKey, message))));
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

const little = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
