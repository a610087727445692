import { describe, expect, test } from '@jest/globals';
import { allowedSkew, clockIsWrong, CityClock, skewOf } from './city-clock.ts';
import { countdown, momentOf, spanOf, timeOf } from './times.ts';

const at = Date.parse('2026-11-30T06:03:00.000Z');

describe('times', () => {
  test('are the city’s, wherever the phone is', () => {
    expect(timeOf('2026-11-30T06:03:00.000Z')).toBe('14:03');
    expect(momentOf('2026-11-30T18:03:00.000Z', 'zh', at)).toBe('12月1日 02:03');
    expect(momentOf('2026-11-30T06:03:00.000Z', 'en', at)).toBe('30 Nov 14:03');
    expect(momentOf('2025-11-30T06:03:00.000Z', 'zh', at)).toBe('2025年11月30日 14:03');
  });

  test('run down to nothing and stay there', () => {
    expect(countdown('2026-11-30T06:11:41.000Z', at)).toBe('8:41');
    expect(countdown('2026-11-30T06:03:00.000Z', at)).toBe('0:00');
    expect(countdown('2026-11-30T06:02:00.000Z', at)).toBe('0:00');
  });

  test.each([
    [90_000, '2 分钟', '2 min'],
    [3_900_000, '1 小时 5 分钟', '1 h 5 min'],
    [-7_200_000, '2 小时', '2 h'],
    [86_400_000 + 60_000, '1 天 1 分钟', '1 d 1 min'],
  ])('%d ms are told as %s', (span, zh, en) => {
    expect(spanOf(span, 'zh')).toBe(zh);
    expect(spanOf(span, 'en')).toBe(en);
  });
});

describe('the city’s clock', () => {
  test('is read from the Date of an answer, and an answer without one says nothing', () => {
    expect(skewOf('Mon, 30 Nov 2026 06:03:00 GMT', at)).toBe(-500);
    expect(skewOf('Mon, 30 Nov 2026 05:03:00 GMT', at)).toBe(3_599_500);
    expect(skewOf(null, at)).toBeNull();
    expect(skewOf('yesterday', at)).toBeNull();
  });

  test('counts as wrong where what is signed would be refused', () => {
    expect(clockIsWrong(allowedSkew / 2)).toBe(false);
    expect(clockIsWrong(allowedSkew)).toBe(true);
    expect(clockIsWrong(-allowedSkew)).toBe(true);
  });

  test('tells its listeners until they end it', () => {
    const clock = new CityClock();
    const told: number[] = [];
    const end = clock.listen((skew) => told.push(Math.round(skew / 60_000)));
    const answer = (minutes: number) => ({
      headers: new Headers({ date: new Date(Date.now() - minutes * 60_000).toUTCString() }),
    });
    clock.observe(answer(60));
    expect(Math.round((Date.now() - clock.now()) / 60_000)).toBe(60);
    clock.observe({ headers: new Headers() });
    end();
    clock.observe(answer(0));
    expect(told).toEqual([60]);
  });
});
