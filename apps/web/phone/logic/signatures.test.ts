import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { fromHex, utf8Bytes } from '#libs/kernel';
import { type VerifyEd25519, verifyEd25519 } from '#libs/log';
import { byBrowser, type JudgeSignature, signatureJudge, withVerdicts } from './signatures.ts';

const { Point } = ed25519;
const { Fn } = Point;
const little = (octets: Uint8Array) =>
  octets.reduceRight((value, octet) => (value << 8n) | BigInt(octet), 0n);
const written = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, n) => Number((value >> BigInt(8 * n)) & 255n));

type Given = Parameters<VerifyEd25519>;

const generator = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
const message = utf8Bytes('message');
const point = (scalar: bigint, small: number) =>
  (scalar === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(scalar)).add(
    small === 0 ? Point.ZERO : generator.multiplyUnsafe(BigInt(small)),
  );

/** A signature that holds multiplied by the cofactor; exactly, where the small parts cancel out. */
function made(a: bigint, ofKey: number, r: bigint, ofR: number, more = 0n): Given {
  const [key, R] = [point(a, ofKey).toBytes(), point(r, ofR).toBytes()];
  const k = Fn.create(little(sha512(new Uint8Array([...R, ...key, ...message]))));
  return [new Uint8Array([...R, ...written(Fn.create(r + k * a) + more)]), message, key];
}

/** Every small part of key and R; keys and Rs that are nothing else; S past the order. */
const edges: readonly Given[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((ofKey) =>
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((ofR) =>
      (
        [
          [7n, 5n],
          [0n, 5n],
          [7n, 0n],
        ] as const
      ).map(([a, r]) => made(a, ofKey, r, ofR)),
    ),
  ),
  made(7n, 0, 5n, 0, Fn.ORDER),
  made(7n, 0, 5n, 0, 8n * Fn.ORDER),
];
const [good] = edges as [Given];
/** Other spellings of points: y not below the prime, or a sign where x is 0; and no points. */
const spelled: readonly Given[] = [
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0200000000000000000000000000000000000000000000000000000000000000',
  '',
].flatMap((text): Given[] => {
  const other = fromHex(text) ?? new Uint8Array();
  const [signature, , key] = good;
  return [
    [signature, message, other],
    [new Uint8Array([...other, ...signature.slice(32)]), message, key],
  ];
});
const flipped: readonly Given[] = [0, 100, 255, 256, 400, 511].map((bit) => {
  const [signature, , key] = good;
  const other = Uint8Array.from(signature);
  other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return [other, message, key];
});
const all = [...edges, ...spelled, ...flipped];

async function decidesAsOurs(judge: JudgeSignature): Promise<void> {
  const ours = all.map((given) => verifyEd25519(...given));
  expect(await Promise.all(all.map((given) => judge(...given)))).toEqual(ours);
  expect(new Set(ours)).toEqual(new Set([true, false]));
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a phone that judges signatures', () => {
  it('decides by the browser’s Ed25519 as the other verifiers do', async () => {
    expect(await signatureJudge()).toBe(byBrowser);
    await decidesAsOurs(byBrowser);
  });

  it.each([
    ['where the browser has no Ed25519', 'importKey', () => Promise.reject(new TypeError())],
    ['where the browser takes every signature', 'verify', () => Promise.resolve(true)],
    ['where the browser takes none', 'verify', () => Promise.resolve(false)],
    [
      'where the browser multiplies by the cofactor',
      'verify',
      (_: unknown, __: unknown, signature: Uint8Array, over: Uint8Array) =>
        Promise.resolve(over.length === 0 || (signature[0] === 0x92 && over[0] === 0x72)),
    ],
  ] as const)('decides by our own code %s', async (_, method, instead) => {
    jest.spyOn(crypto.subtle, method).mockImplementation(instead as never);
    const judge = await signatureJudge();
    expect(judge).not.toBe(byBrowser);
    await decidesAsOurs(judge);
  });

  it('refuses by their form small orders, other spellings and an S past the order, whatever the browser takes', async () => {
    const took = () => Promise.resolve(true);
    jest.spyOn(crypto.subtle, 'importKey').mockImplementation(took as never);
    jest.spyOn(crypto.subtle, 'verify').mockImplementation(took);
    const onlySmall = edges.slice(0, 192).filter((_, n) => n % 3 !== 0);
    for (const given of [...onlySmall, ...edges.slice(192), ...spelled.filter((_, n) => n < 8)])
      expect(await byBrowser(...given)).toBe(false);
    expect(await byBrowser(...good)).toBe(true);
  });

  it('counts no signature before it was judged, and gives what the check gives with all verdicts', async () => {
    const bad = flipped[0] as Given;
    const both = (verify: VerifyEd25519) => {
      if (!verify(...good)) throw new RangeError('the first');
      return verify(...bad);
    };
    expect(await withVerdicts(both)).toBe(false);
    await expect(
      withVerdicts((verify) => {
        if (!verify(...bad)) throw new RangeError('refused');
        return true;
      }),
    ).rejects.toThrow('refused');
    const first: boolean[] = [];
    await withVerdicts((verify) => first.push(verify(...good)));
    expect(first).toEqual([false, true]);
  });
});
