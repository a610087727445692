import { describe, expect, test } from '@jest/globals';
import {
  askable,
  type Case,
  type Consent,
  countOf,
  nextAsk,
  paperable,
  type Requirement,
  suggestedReason,
  tickedAfter,
} from './asking.ts';

type Part = Requirement['parts'][number];
const part = (whose: Part['whose'], mayAsk: boolean): Part => ({
  whose,
  mayAsk,
  state: mayAsk ? 'exemptible' : 'waiting',
  reason: null,
  consent: null,
});
const requirement = (
  material: string,
  parts: readonly Part[],
  state: Requirement['state'] = 'exemptible',
): Requirement => ({
  material,
  nameZh: material,
  state,
  reason: null,
  answers: [],
  consent: null,
  mayAsk: parts.some(({ mayAsk }) => mayAsk),
  parts: [...parts],
});
const found = (...requirements: Requirement[]): Case => ({
  case: 'case-1',
  matter: 'SX0001',
  matterName: '登记',
  matterNameEn: 'Registration',
  origin: 'window',
  queueNumber: null,
  matterDepartment: '人社',
  answered: requirements.filter(({ state }) => state === 'answered').length,
  ruleVersion: 1,
  window: 'hall-1-03',
  department: '人社',
  status: 'open',
  outcome: null,
  participants: [{ role: 'applicant' }, { role: 'spouse' }],
  requirements,
  consents: [],
});
const consent = (state: Consent['state'], redeemBy: string | null = null): Consent => ({
  consent: 'consent-1',
  endReason: null,
  role: 'applicant',
  materials: ['ZZ001'],
  state,
  answerBy: '2026-11-30T08:10:00.000Z',
  redeemBy,
  number: null,
});

describe('what F4 asks next', () => {
  const two = found(
    requirement('ZZ001', [part('applicant', true), part('spouse', true)]),
    requirement('ZZ002', [part('spouse', true)]),
    requirement('ZZ003', [], 'to-be-brought'),
  );
  test('is all ticked materials of one participant, and then of the next', () => {
    expect(nextAsk(two, askable(two))).toEqual({ role: 'applicant', materials: ['ZZ001'] });
    const asked = found(
      requirement('ZZ001', [part('applicant', false), part('spouse', true)]),
      requirement('ZZ002', [part('spouse', true)]),
    );
    expect(nextAsk(asked, askable(asked))).toEqual({
      role: 'spouse',
      materials: ['ZZ001', 'ZZ002'],
    });
  });
  test('is nothing that is not ticked, and nothing in a closed case', () => {
    expect(nextAsk(two, [])).toBeNull();
    expect(nextAsk({ ...two, status: 'closed' }, askable(two))).toBeNull();
  });
});

describe('what stays ticked', () => {
  const asked = found(requirement('ZZ001', [part('applicant', false)]), requirement('ZZ002', []));
  test.each(['refused', 'withdrawn', 'withheld', 'ended', 'redeemed'] as const)(
    'after %s is the rest',
    (state) => {
      expect(tickedAfter(['ZZ001', 'ZZ002'], consent(state), asked)).toEqual(['ZZ002']);
    },
  );
  test.each(['waiting', 'granted', 'expired'] as const)('after %s is all', (state) => {
    expect(tickedAfter(['ZZ001', 'ZZ002'], consent(state), asked)).toEqual(['ZZ001', 'ZZ002']);
  });
  test('after one participant’s no is what another was not asked for yet', () => {
    const refused = { ...part('applicant', true), state: 'to-be-brought' as const };
    const both = found(requirement('ZZ001', [refused, part('spouse', true)]));
    expect(tickedAfter(['ZZ001'], consent('refused'), both)).toEqual(['ZZ001']);
    expect(nextAsk(both, ['ZZ001'])).toEqual({ role: 'spouse', materials: ['ZZ001'] });
  });
});

test('what was answered is counted after a yes, and papers that are still to come apart from it', () => {
  const some = found(
    requirement('ZZ001', [], 'answered'),
    requirement('ZZ002', [], 'to-be-brought'),
    requirement('ZZ003', [], 'brought'),
  );
  expect(countOf(some)).toEqual({ answered: 1, of: 3, bring: 1 });
  expect(paperable(some).map(({ material }) => material)).toEqual(['ZZ002']);
  expect(paperable({ ...some, status: 'closed' })).toEqual([]);
});

test.each([
  ['no_rule', 'no_rule'],
  ['consent_refused', 'refused'],
  ['consent_expired', 'not_answered'],
  ['holder_has_none', 'holder_has_none'],
  ['certificate_revoked', 'certificate_not_valid'],
  [null, 'holder_prefers_paper'],
] as const)('a paper brought after %s is noted as %s', (reason, noted) => {
  expect(suggestedReason({ reason })).toBe(noted);
});
