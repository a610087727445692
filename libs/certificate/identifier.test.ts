import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkFits, flagsOf, formatIdentifier, parseIdentifier, typeCodeOf } from './identifier.js';

const sample = '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U';
const type = { code: 'ZZ999', nationalTypeCode: '11100000000013338W011' };
const clean = { type, authority: '11430000006122244L', version: 1 };

describe('certificate identifiers (GB/T 36904)', () => {
  test('the samples of the field are read, and their checks fit', () => {
    for (const text of [
      sample,
      '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S',
      '1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9',
    ]) {
      const identifier = parseIdentifier(text);
      expect(identifier && checkFits(identifier)).toBe(true);
    }
  });

  test('what is written is read back as it was', () => {
    const letters = Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const word = (length: number) =>
      fc
        .array(fc.constantFrom(...letters), { minLength: length, maxLength: length })
        .map((a) => a.join(''));
    fc.assert(
      fc.property(word(21), word(18), word(9), fc.integer({ min: 1, max: 999 }), (t, a, s, v) => {
        const text = formatIdentifier({ type: t, authority: a, serial: s, version: v });
        const read = parseIdentifier(text ?? '');
        expect(read).toMatchObject({ type: t, authority: a, serial: s });
        expect(Number(read?.version)).toBe(v);
        expect(read && checkFits(read)).toBe(true);
      }),
    );
  });

  test('one wrong letter anywhere is noticed', () => {
    const parts = sample.split('.');
    for (const at of [5, 6, 7, 8, 9])
      for (let i = 0; i < (parts[at] ?? '').length; i++) {
        const part = parts[at] ?? '';
        const other = part[i] === '3' ? '4' : '3';
        const changed = [...parts];
        changed[at] = part.slice(0, i) + other + part.slice(i + 1);
        const identifier = parseIdentifier(changed.join('.'));
        expect(identifier && checkFits(identifier)).not.toBe(true);
      }
  });

  test('a type without a national code gets the city’s own, marked local', () => {
    const city = '11430000006122244L';
    expect(typeCodeOf({ code: 'ZZ007', nationalTypeCode: null }, city)).toEqual({
      code: `${city}007`,
      local: true,
    });
    expect(typeCodeOf({ code: 'ZM003', nationalTypeCode: null }, city)?.code).toBe(`${city}903`);
    expect(typeCodeOf(type, city)).toEqual({ code: '11100000000013338W011', local: false });
    expect(typeCodeOf({ code: 'SX0001', nationalTypeCode: null }, city)).toBeNull();
  });

  test('unusual ones are reported, not refused', () => {
    expect(flagsOf(sample, clean)).toEqual([]);
    expect(flagsOf(null, clean)).toEqual(['identifier_missing']);
    expect(flagsOf('110105', clean)).toEqual(['identifier_malformed']);
    expect(flagsOf(sample.replace(/U$/, 'V'), clean)).toEqual(['identifier_check_wrong']);
    expect(flagsOf(sample, { ...clean, version: 2 })).toEqual(['identifier_version_unexpected']);
    expect(flagsOf(sample, { ...clean, authority: '11430112000000001P' })).toEqual([
      'identifier_authority_unexpected',
    ]);
    expect(
      flagsOf('1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9', {
        ...clean,
        type: { code: 'ZZ001', nationalTypeCode: '11100000MB03271699022' },
      }),
    ).toEqual(['identifier_authority_malformed']);
    expect(flagsOf(sample, { ...clean, type: { code: 'ZZ001', nationalTypeCode: null } })).toEqual([
      'identifier_type_unexpected',
    ]);
  });
});
