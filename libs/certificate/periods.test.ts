import { describe, expect, test } from '@jest/globals';
import type { TypeDefinition } from '#libs/catalogue';
import { ProductError } from '#libs/kernel';
import { checkPeriods, type Validity } from './periods.js';

const validity: Validity = { validFrom: '2026-01-01', validUntil: '2046-01-01' };

function judged(key: string, value: string, valid = validity): string {
  const type = { code: 'ZZ001', fields: [{ key, kind: 'text' }] } as unknown as TypeDefinition;
  try {
    checkPeriods(type, { [key]: value }, valid);
    return 'taken';
  } catch (error) {
    if (!(error instanceof ProductError)) throw error;
    return String(error.facts['rule']);
  }
}

describe('a period that a paper prints', () => {
  test.each([
    ['2046.01.01-2026.01.01', 'period'],
    ['2046年1月1日至2026年1月1日', 'period'],
    ['20460101-20260101', 'period'],
    ['2046-2026', 'period'],
    ['2026.01.01-2046.01.01', 'taken'],
    ['2026-01-01至2046-01-01', 'taken'],
    ['2026.01-2046.01', 'taken'],
    ['2026-2046', 'taken'],
    ['2020.01.01-2026.01.01', 'taken'],
    ['1990.01.01-2010.01.01', 'validity'],
    ['2050.01.01-2070.01.01', 'validity'],
    ['至2025-12-31', 'validity'],
    ['2025年12月31日', 'validity'],
    ['2046-01-01', 'taken'],
    ['2020.02.29-长期', 'taken'],
    ['2046.01.02-长期', 'validity'],
    ['长期', 'taken'],
    ['一年', 'taken'],
  ])('as its own validity, %s: %s', (printed, verdict) => {
    expect(judged('有效期限', printed)).toBe(verdict);
    expect(judged('有效期', printed)).toBe(verdict);
  });

  test('of something else may lie at any time, and ends no earlier than it begins', () => {
    for (const key of ['参保起止时间', '缴费起止时间', '税款所属期', '租赁期限']) {
      expect(judged(key, '1990.01-2010.01')).toBe('taken');
      expect(judged(key, '2010.01-1990.01')).toBe('period');
    }
  });

  test('of a paper that does not expire may lie at any later time', () => {
    expect(judged('有效期限', '2050.01.01-长期', { ...validity, validUntil: null })).toBe('taken');
  });

  test('is asked for in the fields that print one, and in no other', () => {
    expect(judged('备注', '2046.01.01-2026.01.01')).toBe('taken');
  });
});
