import { describe, expect, test } from '@jest/globals';
import { residentIdCheck } from '#libs/kernel';
import { masked, participantOf, readEntry, rolesOf, shanghaiDay } from './who.ts';

const today = '2026-11-30';
const natural = (text: string) => readEntry(text, 'natural', today);
const legal = (text: string) => readEntry(text, 'legal', today);

describe('what a clerk types', () => {
  test('is judged while it grows, and taken when it is whole', () => {
    expect(natural('')).toEqual({ is: 'empty' });
    expect(natural('1101051949123100')).toEqual({ is: 'typing', left: 2 });
    expect(natural('11010519491231002x')).toEqual({
      is: 'number',
      kind: '111',
      number: '11010519491231002X',
    });
    expect(natural('110105 19491231 002X')).toMatchObject({ is: 'number' });
  });

  test.each([
    ['110105194912310021', 'check'],
    [`11010520491231002${residentIdCheck('11010520491231002') ?? ''}`, 'birth'],
    ['11010519491231002XX', 'shape'],
    ['1101051949123A', 'shape'],
  ])('%s is wrong: %s', (text, fault) => {
    expect(natural(text)).toEqual({ is: 'wrong', fault });
  });

  test('of a company is its code, and no number of a person', () => {
    expect(legal('91430112MA4T0A0B0')).toEqual({ is: 'typing', left: 1 });
    expect(legal('11010519491231002X')).toEqual({ is: 'wrong', fault: 'check' });
    expect(legal('11430112000000001P')).toMatchObject({ is: 'number', kind: '001' });
  });
});

describe('what a scanner types', () => {
  const code = 'q2m0bR7cV1xJ3kYt8wZ5dA';
  test('is the code of the phone, alone or at the end of an address', () => {
    expect(natural(code)).toEqual({ is: 'code', code });
    expect(natural(`https://city.example/phone#code=${code}`)).toEqual({ is: 'code', code });
    expect(legal(code)).toEqual({ is: 'code', code });
  });
  test('is not called wrong before it is whole', () => {
    expect(natural('q2m0bR7c')).toEqual({ is: 'typing', left: 0 });
  });
});

test('a number is masked but for its region and its end', () => {
  expect(masked('11010519491231002X')).toBe('110***********002X');
});

test('a participant is named by one of the two', () => {
  expect(participantOf('applicant', { is: 'code', code: 'c' })).toEqual({
    role: 'applicant',
    code: 'c',
  });
  expect(participantOf('spouse', { is: 'number', kind: '111', number: 'n' })).toEqual({
    role: 'spouse',
    identifier: { kind: '111', number: 'n' },
  });
});

test('whoever applies is asked for first, and each role of the rules once', () => {
  const answers = (...roles: ('spouse' | 'applicant')[]) => ({
    material: 'ZZ001',
    nameZh: '居民身份证',
    exemptible: true,
    reason: null,
    answers: roles.map((whose) => ({ type: 'ZZ001', whose, fields: [] })),
  });
  const materials = [answers('spouse', 'applicant'), answers('spouse')];
  expect(rolesOf(materials, 'natural')).toEqual(['applicant', 'spouse']);
  expect(rolesOf([answers('spouse')], 'legal')).toEqual(['legal-person', 'spouse']);
});

test('the day is that of the offices', () => {
  expect(shanghaiDay(new Date('2026-11-30T16:00:00Z'))).toBe('2026-12-01');
});
