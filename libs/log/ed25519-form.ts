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

/**
 * 2^255 − 19, the order of the group, and the y coordinates of the points of order 1, 2, 4 and 8:
 * little-endian, as points and scalars are written.
 */
const [prime, order, ...smallOrder] = [
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((text) => fromHex(text) ?? new Uint8Array()) as [Uint8Array, Uint8Array, ...Uint8Array[]];

/**
 * Whether 32 bytes could be a point of the strict rule: y is below the prime, so that the point has
 * this spelling only, and the point is not of small order. Whether it lies on the curve is not
 * looked at.
 */
export function isStrictEncoding(point: Uint8Array): boolean {
  if (point.length !== 32) return false;
  const y = withoutSign(point);
  return below(y, prime) && !smallOrder.some((small) => small.every((byte, n) => byte === y[n]));
}

/**
 * Whether a signature and a key have the form of the strict rule: key and R by `isStrictEncoding`,
 * S below the group's order. The points and the equation are left to look at.
 */
export const isStrictSignature = (signature: Uint8Array, publicKey: Uint8Array): boolean =>
  signature.length === 64 &&
  isStrictEncoding(publicKey) &&
  isStrictEncoding(signature.subarray(0, 32)) &&
  below(signature.subarray(32), order);

function withoutSign(point: Uint8Array): Uint8Array {
  const y = new Uint8Array(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  return y;
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
export const isEd25519Key = (publicKey: Uint8Array): boolean =>
  isStrictEncoding(publicKey) && isOnCurve(littleEndian(withoutSign(publicKey)));

/** RFC 8032, section 5.1: the d of −x² + y² = 1 + dx²y². */
const d = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;

/**
 * Whether there is an x for this y: (y² − 1) / (dy² + 1) is a square modulo the prime, which its
 * power by half of the prime's order tells (Euler). y is not ±1, where x is 0.
 */
function isOnCurve(y: bigint): boolean {
  const p = littleEndian(prime);
  const square = (y * y) % p;
  let base = ((square - 1n + p) * (d * square + 1n)) % p;
  let power = 1n;
  for (let rest = (p - 1n) / 2n; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) power = (power * base) % p;
    base = (base * base) % p;
  }
  return power === 1n;
}

/** The number that bytes write, the least first. */
export const littleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
