import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  codeBytes,
  newVerificationCode,
  parseVerificationCode,
  readCode,
} from './verification-code.js';

const random = fc.uint8Array({ minLength: 8, maxLength: 8 });

describe('a verification code', () => {
  it('is twelve letters in three groups, without I, O, 0 and 1', () => {
    fc.assert(
      fc.property(random, (bytes) => {
        expect(newVerificationCode(bytes)).toMatch(/^([A-HJ-NP-Z2-9]{4}-){2}[A-HJ-NP-Z2-9]{4}$/);
      }),
    );
  });

  it('has 60 bits, each of which is in it', () => {
    const codes = Array.from({ length: 60 }, (_, bit) => {
      const bytes = new Uint8Array(8);
      bytes[7 - (bit >> 3)] = 1 << (bit & 7);
      return newVerificationCode(bytes);
    });
    expect(new Set(codes).size).toBe(60);
    expect(newVerificationCode(new Uint8Array(8).fill(255))).toBe('9999-9999-9999');
    expect(newVerificationCode(new Uint8Array(8))).toBe('AAAA-AAAA-AAAA');
  });

  it('reads back from its bytes, whose four highest bits are zero', () => {
    fc.assert(
      fc.property(random, (bytes) => {
        const code = newVerificationCode(bytes);
        const written = codeBytes(code) ?? new Uint8Array();
        expect(written[0]).toBeLessThan(16);
        expect(readCode(written)).toBe(code);
      }),
    );
    expect(readCode(new Uint8Array(8).fill(255))).toBeNull();
    expect(codeBytes('qwer-ty23-asdf')).toBeNull();
    expect(codeBytes('QWERTY23ASDF')).toBeNull();
  });

  it.each([
    'QWER-TY23-ASDF',
    'qwer ty23 asdf',
    'qwerty23asdf',
    ' QWER–TY23—ASDF\n',
    'ＱＷＥＲ－ＴＹ２３－ＡＳＤＦ',
    'ｑｗｅｒ　ｔｙ２３　ａｓｄｆ',
  ])('has one normal writing, however it is typed: %j', (typed) => {
    expect(parseVerificationCode(typed)).toBe('QWER-TY23-ASDF');
  });

  it.each([
    ['I', 'QWER-TY23-ASDI', 12],
    ['O', 'OWER-TY23-ASDF', 1],
    ['0', 'QW0R-TY23-ASDF', 3],
    ['1', 'QWER-1Y23-ASDF', 5],
    ['a Cyrillic letter', 'QWER-ТY23-ASDF', 5],
  ])('is refused with %s in it, at its place', (_, typed, at) => {
    expect(() => parseVerificationCode(typed)).toThrow(
      expect.objectContaining({
        code: 'verification_code_malformed',
        facts: expect.objectContaining({ at }) as object,
      }),
    );
  });

  it.each(['', 'QWER-TY23-ASD', 'QWER-TY23-ASDFG', '🀄'.repeat(60)])(
    'is refused as %j',
    (typed) => {
      expect(() => parseVerificationCode(typed)).toThrow(
        expect.objectContaining({ code: 'verification_code_malformed' }),
      );
    },
  );
});
