import { describe, expect, test } from '@jest/globals';
import { isPossibleBirth } from './births.js';

describe('a day of birth', () => {
  const today = '2026-11-22';
  test.each([
    '1800-01-01',
    '1977-08-23',
    '1977-08',
    '1977',
    '1977-08-00',
    '1977-00-00',
    '2026',
    '2026-11',
    '2026-11-00',
    '2026-11-22',
  ])('can be %s', (written) => {
    expect(isPossibleBirth(written, today)).toBe(true);
  });
  test.each([
    '2190-01-01',
    '2190',
    '2190-00-00',
    '1799-12-31',
    '1799-00-00',
    '1799',
    '2026-11-23',
    '2026-12',
    '2026-12-00',
    '2027',
    '1985-02-31',
    '1985-13',
    '1985/3/2',
    '',
  ])('cannot be %j', (written) => {
    expect(isPossibleBirth(written, today)).toBe(false);
  });
});
