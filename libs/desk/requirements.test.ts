import { describe, expect, test } from '@jest/globals';
import { bookDecider, type ConsentEvent } from '#libs/consent';
import { fold } from '#libs/kernel';
import type { CaseNow } from '../case/ports.js';
import { requirementsOf } from './requirements.js';

const now = '2026-11-22T08:05:00.000Z';
const materials = [
  {
    material: 'ZZ001',
    nameZh: '居民身份证',
    answers: ['applicant', 'spouse'].map((whose) => ({ type: 'ZZ001', whose, fields: ['姓名'] })),
  },
];
const caseOf = (...roles: string[]) =>
  ({
    opened: {
      case: 'the-case',
      materials,
      participants: roles.map((role) => ({ role, subject: `subject of ${role}` })),
    },
    status: 'open',
    brought: [],
  }) as unknown as CaseNow;

const requested = (role: string): ConsentEvent =>
  ({
    type: 'ConsentRequested',
    data: {
      consent: `consent of ${role}`,
      case: 'the-case',
      role,
      asks: [{ material: 'ZZ001', answers: [{ type: 'ZZ001', fields: ['姓名'] }] }],
      answerBy: '2026-11-22T08:10:00.000Z',
    },
  }) as unknown as ConsentEvent;
const about = (type: string, role: string, data: object = {}) =>
  ({ type, data: { consent: `consent of ${role}`, ...data } }) as unknown as ConsentEvent;
const released = (role: string) => [
  requested(role),
  about('ConsentGranted', role, { redeemBy: '2026-11-22T08:15:00.000Z' }),
  about('ConsentRedeemed', role, { read: [{ material: 'ZZ001' }], missing: [] }),
];
const book = (...events: ConsentEvent[]) => fold(bookDecider, events);
const only = (found: CaseNow, ...books: ReturnType<typeof book>[]) =>
  requirementsOf(found, books, now)[0];

describe('a material that a rule asks of two participants', () => {
  test('is answered when both have released it, and not before', () => {
    const both = caseOf('applicant', 'spouse');
    expect(only(both, book(...released('applicant')), book())).toMatchObject({
      state: 'exemptible',
      mayAsk: true,
      parts: [
        { whose: 'applicant', state: 'answered', mayAsk: false },
        { whose: 'spouse', state: 'exemptible', mayAsk: true },
      ],
    });
    expect(only(both, book(...released('applicant')), book(...released('spouse')))).toMatchObject({
      state: 'answered',
      mayAsk: false,
    });
  });

  test('has to be brought where one of them says no, whatever the other released', () => {
    const no = book(requested('spouse'), about('ConsentRefused', 'spouse'));
    expect(only(caseOf('applicant', 'spouse'), book(...released('applicant')), no)).toMatchObject({
      state: 'to-be-brought',
      reason: 'consent_refused',
      consent: 'consent of spouse',
    });
  });

  test('is asked of those alone who take part in the case', () => {
    expect(only(caseOf('applicant'), book(...released('applicant')))).toMatchObject({
      state: 'answered',
      parts: [{ whose: 'applicant', state: 'answered' }],
    });
  });
});
