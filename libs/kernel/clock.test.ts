import { describe, expect, it } from '@jest/globals';
import { epochSeconds, plusSeconds, secondsBetween, shanghaiDay } from './clock.js';

describe('time', () => {
  it('begins a new day at midnight in Shanghai', () => {
    expect(shanghaiDay('2026-11-21T15:59:59.999Z')).toBe('2026-11-21');
    expect(shanghaiDay('2026-11-21T16:00:00.000Z')).toBe('2026-11-22');
  });
  it('adds and subtracts seconds without losing milliseconds', () => {
    const later = plusSeconds('2026-11-22T00:00:00.250Z', 600);
    expect(later).toBe('2026-11-22T00:10:00.250Z');
    expect(secondsBetween('2026-11-22T00:00:00.250Z', later)).toBe(600);
    expect(epochSeconds('1970-01-01T00:01:00.999Z')).toBe(60);
  });
});
