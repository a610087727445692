import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digitCount, fromDigits, toDigits } from './digits.js';

const bytes = fc.uint8Array({ maxLength: 1100 });

describe('bytes as digits', () => {
  it('read back as the same bytes, and take 1.4 % more room than they', () => {
    fc.assert(
      fc.property(bytes, (some) => {
        const text = toDigits(some);
        expect(text).toMatch(/^[0-9]*$/);
        expect(text).toHaveLength(digitCount(some.length));
        expect(fromDigits(text)).toEqual(some);
      }),
    );
    expect((toDigits(new Uint8Array(1034).fill(255)).length * 10) / 3 / 8).toBeLessThan(
      1034 * 1.015,
    );
  });

  it('have a number of digits that no other length has', () => {
    const counts = Array.from({ length: 1200 }, (_, n) => digitCount(n));
    expect(new Set(counts).size).toBe(1200);
  });

  it('have one writing: digits that read as bytes are those that the bytes are written as', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{0,40}$/), (text) => {
        const read = fromDigits(text);
        if (read !== null) expect(toDigits(read)).toBe(text);
      }),
    );
  });

  it.each([
    ['a group above 23 bits', '8388608'],
    ['a last group above the bits that are left', '256'],
    ['one digit', '1'],
    ['two digits', '12'],
    ['a letter', '25A'],
    ['a digit of another script', '25٣'],
    ['a sign', '-12'],
    ['a space', ' 12'],
  ])('are refused with %s', (_, text) => {
    expect(fromDigits(text)).toBeNull();
  });
});
