import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { certificateStandingOf } from './standing.js';
import { isDay } from '#libs/kernel';
import { defaultValidUntil } from './validity.js';

describe('validity', () => {
  test('ends on the day that the type’s duration leads to', () => {
    expect(defaultValidUntil('2026-11-22', 'P20Y')).toBe('2046-11-22');
    expect(defaultValidUntil('2026-11-22', 'P3M')).toBe('2027-02-22');
    expect(defaultValidUntil('2026-12-31', 'P1Y2M10D')).toBe('2028-03-10');
    expect(defaultValidUntil('2024-02-29', 'P1Y')).toBe('2025-02-28');
    expect(defaultValidUntil('2026-01-31', 'P1M')).toBe('2026-02-28');
  });

  test('has no end where the type says none', () => {
    expect(defaultValidUntil('2026-11-22', null)).toBeNull();
    expect(defaultValidUntil('2026-11-22', 'P')).toBeNull();
  });

  test('counts days that the calendar has', () => {
    expect(isDay('2024-02-29')).toBe(true);
    for (const wrong of ['2025-02-29', '2026-13-01', '2026-1-1', '', 20260101, null])
      expect(isDay(wrong)).toBe(false);
  });
});

test('days are those of the calendar, from year 0 on', () => {
  const two = (number: number) => String(number).padStart(2, '0');
  fc.assert(
    fc.property(fc.nat(9999), fc.nat(14), fc.nat(33), (year, month, day) => {
      const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
      const parsed = new Date(`${text}T00:00:00Z`);
      const real = !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 10) === text;
      expect(isDay(text)).toBe(real);
    }),
    { numRuns: 2000 },
  );
});

describe('standing', () => {
  const days = { validFrom: '2026-01-01', validUntil: '2026-12-31' };

  test('both days of validity count', () => {
    expect(certificateStandingOf('valid', days, '2025-12-31')).toBe('not-yet-valid');
    expect(certificateStandingOf('valid', days, '2026-01-01')).toBe('valid');
    expect(certificateStandingOf('valid', days, '2026-12-31')).toBe('valid');
    expect(certificateStandingOf('valid', days, '2027-01-01')).toBe('expired');
    expect(certificateStandingOf('valid', { ...days, validUntil: null }, '2999-01-01')).toBe(
      'valid',
    );
  });

  test('what the authority decided goes before the calendar', () => {
    for (const status of ['suspended', 'revoked', 'cancelled'] as const)
      expect(certificateStandingOf(status, days, '2030-01-01')).toBe(status);
  });
});
