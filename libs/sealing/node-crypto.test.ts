import { describe, expect, it } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { fromHex, utf8Bytes } from '#libs/kernel';
import { isEd25519Key, SignatureType, verifyEd25519 } from '#libs/log';
import { nodeSigner, nodeVerify } from './node-crypto.js';

const { Point } = ed25519;
const { Fn } = Point;
type EdPoint = InstanceType<typeof Point>;

const bytes = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array();
const little = (octets: Uint8Array) =>
  octets.reduceRight((value, octet) => (value << 8n) | BigInt(octet), 0n);
const written = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, n) => Number((value >> BigInt(8 * n)) & 255n));

/** The eight points of small order. */
const generator = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
const torsion = Array.from({ length: 8 }, (_, n) =>
  n === 0 ? Point.ZERO : generator.multiplyUnsafe(BigInt(n)),
);
/** Other spellings of some of them: y not below the prime, or a sign where x is 0. */
const otherSpellings = [
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
].map(bytes);

interface Made {
  readonly a: bigint;
  readonly r: bigint;
  readonly ofKey: number;
  readonly ofR: number;
}

/**
 * A signature that the cofactored equation accepts, for a key and an R with components of small
 * order.
 * @returns it, and those components
 */
function make({ a, r, ofKey, ofR }: Made, message: Uint8Array, spelled?: Uint8Array) {
  const point = (scalar: bigint, small: number): EdPoint =>
    (scalar === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(scalar)).add(torsion[small]!);
  const key = spelled ?? point(a, ofKey).toBytes();
  const R = point(r, ofR);
  const k = Fn.create(little(sha512(Buffer.concat([R.toBytes(), key, message]))));
  const s = Fn.create(r + k * a);
  const signature = new Uint8Array(Buffer.concat([R.toBytes(), written(s)]));
  return { key, signature, residue: (ofR + Number(k % 8n) * ofKey) % 8 };
}

const both = (signature: Uint8Array, message: Uint8Array, key: Uint8Array) => {
  const portable = verifyEd25519(signature, message, key);
  expect(nodeVerify(signature, message, key)).toBe(portable);
  return portable;
};

const scalar = fc.bigInt({ min: 1n, max: Fn.ORDER - 1n });
const small = fc.nat(7);

describe('Ed25519, in the browser and in Node', () => {
  it('takes what an honest signer signed, and nothing that was changed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array(),
        fc.nat(511),
        (seed, message, bit) => {
          const signer = nodeSigner('a', SignatureType.ed25519, seed);
          const signature = new Uint8Array(signer.sign(message));
          expect(both(signature, message, signer.key.publicKey)).toBe(true);
          signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          expect(both(signature, message, signer.key.publicKey)).toBe(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes a part of small order only where the exact equation holds, and no point that is nothing else', () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(
        fc.oneof(scalar, fc.constant(0n)),
        fc.oneof(scalar, fc.constant(0n)),
        small,
        small,
        fc.uint8Array(),
        (a, r, ofKey, ofR, message) => {
          const { key, signature, residue } = make({ a, r, ofKey, ofR }, message);
          const strict = a !== 0n && r !== 0n && residue === 0;
          expect(both(signature, message, key)).toBe(strict);
          seen.add(strict);
        },
      ),
      { numRuns: 200 },
    );
    expect(seen.size).toBe(2);
  });

  it('takes no point in another spelling, as a key or in a signature', () => {
    for (const spelled of otherSpellings)
      for (let n = 0; n < 8; n++) {
        const message = utf8Bytes(`message ${n}`);
        const { signature } = make({ a: 0n, r: 5n, ofKey: 0, ofR: 0 }, message, spelled);
        expect(both(signature, message, spelled)).toBe(false);
        const honest = make({ a: 7n, r: 0n, ofKey: 0, ofR: 0 }, message);
        expect(
          both(new Uint8Array([...spelled, ...honest.signature.slice(32)]), message, honest.key),
        ).toBe(false);
        expect(isEd25519Key(spelled)).toBe(false);
      }
  });

  it('takes no S that is not below the order of the group', () => {
    const message = utf8Bytes('message');
    const { key, signature } = make({ a: 7n, r: 5n, ofKey: 0, ofR: 0 }, message);
    expect(both(signature, message, key)).toBe(true);
    const s = little(signature.subarray(32));
    for (const more of [Fn.ORDER, 8n * Fn.ORDER])
      expect(
        both(new Uint8Array([...signature.slice(0, 32), ...written(s + more)]), message, key),
      ).toBe(false);
  });

  it('answers false to bytes of another length, and to what is no point', () => {
    const message = utf8Bytes('message');
    const { key, signature } = make({ a: 7n, r: 5n, ofKey: 0, ofR: 0 }, message);
    for (const [other, otherKey] of [
      [signature.slice(1), key],
      [new Uint8Array([...signature, 0]), key],
      [signature, key.slice(1)],
      [signature, new Uint8Array([...key, 0])],
      [new Uint8Array(64), key],
      [signature, new Uint8Array(32).with(0, 2)],
      [new Uint8Array(), new Uint8Array()],
    ] as const)
      expect(both(other, message, otherKey)).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (point) => {
        expect(both(signature, message, point)).toBe(false);
      }),
    );
  });

  it('has keys that are points of the curve, in their one spelling, not of small order', () => {
    fc.assert(
      fc.property(scalar, small, (a, ofKey) => {
        expect(isEd25519Key(make({ a, r: 1n, ofKey, ofR: 0 }, new Uint8Array()).key)).toBe(true);
      }),
      { numRuns: 20 },
    );
    for (const point of torsion) expect(isEd25519Key(point.toBytes())).toBe(false);
    expect(isEd25519Key(new Uint8Array(32).with(0, 2))).toBe(false);
    expect(isEd25519Key(new Uint8Array(31))).toBe(false);
    const isPoint = (key: Uint8Array) => {
      try {
        return !Point.fromBytes(key, false).isSmallOrder();
      } catch {
        return false;
      }
    };
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        expect(isEd25519Key(key)).toBe(isPoint(key));
        seen.add(isPoint(key));
      }),
    );
    expect(seen.size).toBe(2);
  });
});
