import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  creditCodeCheck,
  isCreditCode,
  isResidentId,
  mod37x36,
  residentIdCheck,
} from './check-digits.js';

const alphanumeric = Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const digits = Array.from('0123456789');

describe('the check character of a certificate identifier (ISO 7064 MOD 37,36)', () => {
  it.each([
    ['11100000000013338W01111430000006122244L20230000403001', 'U'],
    ['11100000000013338W01111430000006122244L20230000403002', 'S'],
    ['11100000MB03271699022340100000000016001', '9'],
  ])('of %s is %s', (text, check) => {
    expect(mod37x36(text)).toBe(check);
  });
  it('changes whenever one character changes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...alphanumeric), { minLength: 5, maxLength: 52 }),
        fc.nat(),
        fc.constantFrom(...alphanumeric),
        (letters, at, letter) => {
          const changed = letters.with(at % letters.length, letter);
          fc.pre(changed.join('') !== letters.join(''));
          expect(mod37x36(changed.join(''))).not.toBe(mod37x36(letters.join('')));
        },
      ),
    );
  });
  it('does not exist for lower case and other letters', () => {
    expect(mod37x36('11a')).toBeNull();
  });
});

describe('a unified social credit code', () => {
  it('is known by its check character', () => {
    expect(isCreditCode('11430112000000001P')).toBe(true);
    expect(isCreditCode('114301120000000012')).toBe(false);
    expect(isCreditCode('11430112000000001')).toBe(false);
    expect(creditCodeCheck('1143011200000000I')).toBeNull();
  });
});

describe('a resident id number', () => {
  it('needs a right check character and a birthday that exists', () => {
    expect(isResidentId('11010519491231002X', '2026-11-22')).toBe(true);
    expect(isResidentId('110105194912310021', '2026-11-22')).toBe(false);
    const noSuchDay = '11010519490231002';
    expect(isResidentId(noSuchDay + (residentIdCheck(noSuchDay) ?? ''), '2026-11-22')).toBe(false);
    expect(isResidentId('１１0105194912310021', '2026-11-22')).toBe(false);
  });
  it('shows every single wrong digit', () => {
    fc.assert(
      fc.property(fc.nat(16), fc.constantFrom(...digits), (at, digit) => {
        const sample = Array.from('11010519491231002X');
        fc.pre(sample[at] !== digit);
        expect(isResidentId(sample.with(at, digit).join(''), '2026-11-22')).toBe(false);
      }),
    );
  });
});
