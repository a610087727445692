import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomPooled } from './random.js';
import { SealBroken } from './vault.errors.js';
import { newKey, open, openBytes, seal, sealBytes, unwrapKey, wrapKey } from './seal.js';

const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('a seal', () => {
  test('opens to what was sealed, under the same key for the same place', () => {
    fc.assert(
      fc.property(key32, fc.uint8Array({ maxLength: 300 }), fc.string(), (key, plain, aad) => {
        expect(new Uint8Array(open(key, seal(key, plain, aad), aad))).toEqual(plain);
      }),
    );
  });

  test('is refused when one bit of it changed', () => {
    const key = newKey();
    const sealed = sealBytes(key, '测试甲', 'certificate\u00001\u0000name');
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const bent = Buffer.from(sealed);
        bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => openBytes(key, bent, 'certificate\u00001\u0000name')).toThrow(SealBroken);
      }),
    );
  });

  test('is refused under another key, for another place, and when it is cut short', () => {
    const key = newKey();
    const sealed = seal(key, 'x', 'a');
    expect(() => open(newKey(), sealed, 'a')).toThrow(SealBroken);
    expect(() => open(key, sealed, 'b')).toThrow(SealBroken);
    expect(() => open(key, sealed.slice(0, 36), 'a')).toThrow(SealBroken);
    expect(() => open(key, '', 'a')).toThrow(SealBroken);
    expect(() => open(key, `${sealed}=`, 'a')).toThrow(SealBroken);
  });

  test('of the same text twice shows no likeness', () => {
    const key = newKey();
    expect(seal(key, 'x', 'a')).not.toBe(seal(key, 'x', 'a'));
  });
});

describe('a wrapped key', () => {
  test('is that of RFC 3394, section 4.6', () => {
    const under = Buffer.from(
      '000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F',
      'hex',
    );
    const key = Buffer.from(
      '00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F',
      'hex',
    );
    const wrapped =
      '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21';
    expect(wrapKey(under, key).toString('hex')).toBe(wrapped);
    expect(unwrapKey(under, Buffer.from(wrapped, 'hex'))).toEqual(key);
  });

  test('is refused when one bit of it changed, and under another key', () => {
    const under = newKey();
    const wrapped = wrapKey(under, newKey());
    fc.assert(
      fc.property(fc.nat(wrapped.length * 8 - 1), (bit) => {
        const bent = Buffer.from(wrapped);
        bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => unwrapKey(under, bent)).toThrow(SealBroken);
      }),
    );
    expect(() => unwrapKey(newKey(), wrapped)).toThrow(SealBroken);
    expect(() => unwrapKey(under, wrapped.subarray(0, 32))).toThrow(SealBroken);
  });
});

test('random bytes from the pool are never the same twice', () => {
  const seen = new Set<string>();
  for (let n = 0; n < 5000; n++) seen.add(randomPooled(16).toString('hex'));
  expect(seen.size).toBe(5000);
  expect(randomPooled(40_000)).toHaveLength(40_000);
});
