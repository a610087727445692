import { describe, expect, test } from '@jest/globals';
import { enrolmentEntryIn } from '../enrol/code.ts';
import { grouped } from './accesses.ts';
import { ownValues, textOf } from './own-values.ts';
import { isOver, sorted, standingOf } from './standing.ts';

const now = Date.parse('2026-11-30T08:00:00.000Z');
const later = '2026-11-30T08:05:00.000Z';
const before = '2026-11-30T07:55:00.000Z';

describe('how a request stands', () => {
  test.each([
    ['waiting', later, null, 'waiting'],
    ['waiting', before, null, 'expired'],
    ['granted', before, later, 'granted'],
    ['granted', before, before, 'expired'],
    ['redeemed', before, before, 'redeemed'],
    ['of a later release', later, null, 'ended'],
  ] as const)('%s, to be answered by %s', (state, answerBy, redeemBy, standing) => {
    const consent = { state, answerBy, redeemBy } as unknown as Parameters<typeof standingOf>[0];
    expect(standingOf(consent, now)).toBe(standing);
  });

  test('nothing more comes of it unless it waits or is granted', () => {
    expect([isOver('waiting'), isOver('granted'), isOver('redeemed')]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('what can be answered comes first, the most urgent at the top', () => {
    const one = (consent: string, state: string, answerBy: string) =>
      ({ consent, state, answerBy, redeemBy: null }) as unknown as Parameters<
        typeof sorted
      >[0][number];
    const { open, past } = sorted(
      [
        one('refused', 'refused', later),
        one('second', 'waiting', '2026-11-30T08:09:00.000Z'),
        one('late', 'waiting', before),
        one('first', 'waiting', later),
      ],
      now,
    );
    expect(open.map(({ consent }) => consent)).toEqual(['first', 'second']);
    expect(past.map(({ consent }) => consent)).toEqual(['refused', 'late']);
  });
});

test('records of one request stand together, the newest first', () => {
  const access = (version: number, consent: string, kind: string) =>
    ({ version, consent, kind }) as unknown as Parameters<typeof grouped>[0][number];
  const groups = grouped([
    access(0, 'a', 'requested'),
    access(1, 'b', 'requested'),
    access(2, 'b', 'refused'),
    access(3, 'a', 'granted'),
    access(4, 'a', 'released'),
  ]);
  expect(groups.map(({ consent, released }) => [consent, released?.version ?? null])).toEqual([
    ['a', 4],
    ['b', null],
  ]);
});

describe('own values', () => {
  const card = (type: string, standing: string) =>
    ({
      type,
      standing,
      fields: { 姓名: '测试甲', 是否: true },
      fieldNamesEn: { 姓名: 'Name' },
    }) as unknown as Parameters<typeof ownValues>[1][number];
  const ask = {
    answers: [
      { type: 'ZZ001', fields: ['姓名'] },
      { type: 'ZZ002', fields: ['姓名', '是否', '没有'] },
    ],
  };

  test('are those of the first answer of which there is a valid certificate', () => {
    expect(ownValues(ask, [card('ZZ001', 'expired'), card('ZZ002', 'valid')], 'en')).toEqual([
      { key: '姓名', name: 'Name', value: '测试甲' },
      { key: '是否', name: '是否', value: 'yes' },
      { key: '没有', name: '没有', value: '—' },
    ]);
    expect(ownValues(ask, [card('ZZ001', 'revoked')], 'zh')).toEqual([]);
  });

  test.each([
    [['甲', '乙'], '甲、乙'],
    ['0'.repeat(64), '（图像或文件）'],
    [{ 年: 3 }, '年 3'],
    [null, '—'],
  ])('%j reads %s', (value, text) => {
    expect(textOf(value, 'zh')).toBe(text);
  });
});

describe('a code of a window', () => {
  const code = 'xJ8kq2Vn0yZC7b1mR5tWdA';
  test.each([
    code,
    ` ${code}\n`,
    `https://city.example/phone#code=${code}`,
    'xJ8kq2Vn0yZ C7b1mR5tWdA',
  ])('is read from %j', (text) => {
    expect(enrolmentEntryIn(text)).toEqual({ is: 'code', code });
  });
  test.each(['K7QD04821377', 'k7qd 0482 1377', 'K7QD-0482-1377'])('is typed as %j', (text) => {
    expect(enrolmentEntryIn(text)).toEqual({ is: 'typed', handle: 'K7QD', digits: '04821377' });
  });
  test.each([
    '',
    '1234',
    'K7QO04821377',
    'K7QD0482137',
    `https://city.example/phone#code=${code}A`,
    'https://city.example/phone',
  ])('is not in %j', (text) => {
    expect(enrolmentEntryIn(text)).toBeNull();
  });
});
