import { expect, test } from '@jest/globals';
import { linesOf } from './field-value.ts';
import { clockTime, clockTimeOrDay, countdown, secondsUntil } from './time.ts';

test('times are those of the offices, wherever the terminal thinks it is', () => {
  expect(clockTime('2026-11-30T06:03:09.000Z')).toBe('14:03');
});

test('a case of another day of the offices shows that day', () => {
  const now = Date.parse('2026-11-30T16:05:00.000Z');
  expect(clockTimeOrDay('2026-11-30T16:00:00.000Z', now)).toBe('00:00');
  expect(clockTimeOrDay('2026-11-30T15:59:59.000Z', now)).toBe('11-30');
});

test('a countdown ends at zero', () => {
  const now = Date.parse('2026-11-30T06:00:00.000Z');
  expect(countdown(secondsUntil('2026-11-30T06:08:40.500Z', now))).toBe('8:41');
  expect(countdown(secondsUntil('2026-11-30T05:59:00.000Z', now))).toBe('0:00');
});

test('a field is lines of text, a row of a table one of them', () => {
  expect(linesOf('测试甲')).toEqual(['测试甲']);
  expect(linesOf(32)).toEqual(['32']);
  expect(linesOf('')).toEqual([]);
  expect(linesOf(['甲', '乙'])).toEqual(['甲', '乙']);
  expect(linesOf([{ 名称: '疫苗', 剂次: 2 }])).toEqual(['名称：疫苗，剂次：2']);
});
