import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type JsonObject } from '#libs/kernel';
import { TestKey } from '../../../test/support/keys.js';
import { SealedLedger } from '../../../test/support/sealed-ledger.js';
import type { Finding } from './finding.js';
import {
  check,
  daysLater,
  findings,
  id,
  minutesLater,
  phone,
  sayIn,
  scene,
  type Scene,
  type Steps,
} from '../../../test/support/checked-ledger.js';

describe('records that are intact and break a rule', () => {
  let ledger: SealedLedger;
  beforeAll(async () => {
    ledger = await SealedLedger.make();
  });
  afterAll(() => ledger.close());
  const say = sayIn(() => ledger);

  /** The findings and observations of the scene's book. */
  const whats = async (steps: Steps) => {
    const here = scene(say);
    for (const step of steps(here)) await step();
    const report = await check(ledger);
    const of = (all: readonly Finding[]) =>
      all.filter(({ stream }) => stream === here.book).map(({ what }) => what);
    return { found: of(report.findings), noted: of(report.notes) };
  };
  const granted = (s: Scene) => [s.open, s.enrol, s.ask, s.grant];

  it.each<[string, Steps]>([
    ['all is as it must be', (s) => [...granted(s), s.redeem, s.readAgain, s.close]],
    [
      'the holder’s own code was scanned, and no number was asked',
      (s) => [
        () => s.open('code'),
        s.enrol,
        () => s.ask({}, { match: null }),
        () => s.grant({ digits: null }, phone, { match: null }),
        s.redeem,
      ],
    ],
    [
      'the number was typed wrongly once',
      (s) => [s.open, s.enrol, s.ask, () => s.mismatch(false), s.grant, s.redeem],
    ],
    [
      'the number was typed wrongly twice',
      (s) => [s.open, s.enrol, s.ask, () => s.mismatch(false), () => s.mismatch(true)],
    ],
    ['the holder refused', (s) => [s.open, s.enrol, s.ask, s.refuse, s.close]],
    ['the holder took the grant back', (s) => [...granted(s), s.redeem, s.withdraw, s.close]],
    [
      'the case was closed while it was released, and the house withheld it',
      (s) => [...granted(s), s.close, s.redeem, s.withhold],
    ],
    [
      'that came late, because a process stood still meanwhile',
      (s) => [
        ...granted(s),
        s.close,
        () => s.redeem({}, { time: minutesLater }),
        s.withhold,
        s.withdraw,
      ],
    ],
    [
      'the case was closed while it was read again, and the house withheld that',
      (s) => [...granted(s), s.redeem, s.close, s.readAgain, () => s.withhold(1)],
    ],
  ])('are not found where %s', async (_, steps) => {
    expect(await whats(steps)).toEqual({ found: [], noted: [] });
  });

  it.each<[string, Steps]>([
    ['released', (s) => [...granted(s), s.close, s.redeem]],
    ['read again', (s) => [...granted(s), s.redeem, s.close, s.readAgain]],
    [
      'read again, and another reading withheld',
      (s) => [...granted(s), s.redeem, s.close, s.readAgain, () => s.withhold(2)],
    ],
  ])(
    'are no fault, and are noted, where the case was closed while it was %s and the house was killed',
    async (_, steps) => {
      expect(await whats(steps)).toEqual({ found: [], noted: ['not_shown_withheld'] });
    },
  );

  it.each<[string, Steps, string]>([
    ['a consent spent twice', (s) => [...granted(s), s.redeem, s.redeem], 'release_twice'],
    [
      'a consent spent after it was withheld',
      (s) => [...granted(s), s.close, s.redeem, s.withhold, s.redeem],
      'release_twice',
    ],
    ['a consent that is asked for twice', (s) => [...granted(s), s.redeem, s.ask], 'consent_twice'],
    [
      'a release without a grant',
      (s) => [s.open, s.enrol, s.ask, s.redeem],
      'release_without_grant',
    ],
    [
      'a release after the holder refused',
      (s) => [s.open, s.enrol, s.ask, s.refuse, s.redeem],
      'release_after_refusal',
    ],
    [
      'a release after the holder took the grant back',
      (s) => [...granted(s), s.withdraw, s.redeem],
      'release_after_withdrawal',
    ],
    [
      'a release after the consent ended',
      (s) => [...granted(s), s.end, s.redeem],
      'release_after_withdrawal',
    ],
    [
      'a release after the last time that nothing could be released',
      (s) => [...granted(s), () => s.tellNothing(true), s.redeem],
      'release_after_withdrawal',
    ],
    [
      'a terminal that was told of a holder’s certificates without a grant',
      (s) => [s.open, s.enrol, s.ask, () => s.tellNothing()],
      'release_without_grant',
    ],
    [
      'a second reading of what was withheld for a withdrawal',
      (s) => [...granted(s), s.redeem, s.withdraw, s.withhold, s.readAgain],
      'reading_without_release',
    ],
    ...(
      [
        ['fields', { fields: ['name', 'number'] }],
        ['no field', { fields: [] }],
        ['a type', { type: 'ZZ002' }],
        ['a material', { material: 'M2' }],
      ] as const
    ).map(([what, other]): [string, Steps, string] => [
      `a release of ${what} that was not granted`,
      (s) => [...granted(s), () => s.redeem({ read: [{ ...s.read, ...other }] })],
      'release_beyond_grant',
    ]),
    [
      'a release that does not say of what',
      (s) => [...granted(s), () => s.redeem({ read: [] })],
      'release_beyond_grant',
    ],
    [
      'a release without a case',
      (s) => [s.enrol, s.ask, s.grant, s.redeem],
      'release_without_open_case',
    ],
    [
      'a release for another case',
      (s) => [...granted(s), () => s.redeem({ case: id() })],
      'release_without_open_case',
    ],
    [
      'a release after the case was closed',
      (s) => [...granted(s), s.close, () => s.redeem({}, { time: minutesLater })],
      'release_without_open_case',
    ],
    [
      'a release that says itself that the case was closed',
      (s) => [...granted(s), s.close, () => s.redeem({ caseVersion: 1 }), s.withhold],
      'release_without_open_case',
    ],
    [
      'a release of a case that was opened again',
      (s) => [...granted(s), s.close, s.open, () => s.redeem({ caseVersion: 2 })],
      'release_without_open_case',
    ],
    ['a grant that nobody asked for', (s) => [s.open, s.enrol, s.grant], 'grant_without_request'],
    [
      'a grant after a refusal',
      (s) => [s.open, s.enrol, s.ask, s.refuse, s.grant],
      'grant_after_answer',
    ],
    ['a grant by a key that nobody enrolled', (s) => [s.open, s.ask, s.grant], 'grant_key_unknown'],
    [
      'a grant signed by another key',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({}, new TestKey())],
      'grant_signature',
    ],
    ...(
      [
        ['text', { noticeHash: 'x' }],
        ['case', { case: 'x' }],
        ['consent', { consent: 'x' }],
        ['answer', { answer: 'refuse' }],
        ['capacity', { capacity: 'agent' }],
      ] as const
    ).map(([what, other]): [string, Steps, string] => [
      `a grant of another ${what}`,
      (s) => [s.open, s.enrol, s.ask, () => s.grant(other)],
      'grant_of_other_request',
    ]),
    [
      'a grant in the name of another, by a key of theirs',
      (s) => [
        s.open,
        () => s.enrol('another'),
        s.ask,
        () => s.grant({}, phone, { caller: 'another' }),
      ],
      'caller_not_principal',
    ],
    [
      'a grant in another capacity, which the holder signed',
      (s) => [
        s.open,
        s.enrol,
        s.ask,
        () => s.grant({ capacity: 'agent' }, phone, { capacity: 'agent' }),
      ],
      'caller_not_principal',
    ],
    [
      'a grant in the name of another, by a key of the holder',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({}, phone, { caller: id() })],
      'caller_not_principal grant_key_unknown',
    ],
    [
      'a refusal in the name of another',
      (s) => [s.open, s.enrol, s.ask, () => s.refuse('another')],
      'caller_not_principal',
    ],
    [
      'a withdrawal in the name of another',
      (s) => [...granted(s), () => s.withdraw('another')],
      'caller_not_principal',
    ],
    [
      'a consent without a number where no code was scanned',
      (s) => [s.open, () => s.ask({}, { match: null })],
      'consent_number_missing',
    ],
    [
      'a consent without a number in another role than the one whose code was scanned',
      (s) => [() => s.open('code'), () => s.ask({}, { match: null, role: 'spouse' })],
      'consent_number_missing',
    ],
    [
      'a consent for another action',
      (s) => [s.open, () => s.ask({}, { action: 'print' })],
      'consent_action',
    ],
    [
      'a request on another basis',
      (s) => [s.open, () => s.ask({}, { basis: 'duty' })],
      'consent_basis',
    ],
    [
      'a grant by a proof of another kind',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({}, phone, { proof: { method: 'face' } })],
      'grant_proof',
    ],
    [
      'a grant of another number',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({ digits: '38' })],
      'grant_of_other_number',
    ],
    [
      'a grant of no number',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({ digits: null })],
      'grant_of_other_number',
    ],
    ...(
      [
        ['other digits', (s) => ({ ...s.match, digits: '38' })],
        ['another salt', (s) => ({ ...s.match, salt: '_'.repeat(43) })],
        ['no digits', () => null],
      ] as readonly [string, (s: Scene) => JsonObject | null][]
    ).map(([what, match]): [string, Steps, string] => [
      `a grant that opens its request with ${what}`,
      (s) => [s.open, s.enrol, s.ask, () => s.grant({}, phone, { match: match(s) })],
      'grant_number_not_opened',
    ]),
    [
      'a grant with a number where none was asked',
      (s) => [() => s.open('code'), s.enrol, () => s.ask({}, { match: null }), s.grant],
      'grant_number_not_opened',
    ],
    [
      'a wrong number where none was asked',
      (s) => [() => s.open('code'), () => s.ask({}, { match: null }), () => s.mismatch(false)],
      'mismatch_without_request',
    ],
    [
      'a wrong number in the name of another',
      (s) => [s.open, s.ask, () => s.mismatch(false, 'another')],
      'caller_not_principal',
    ],
    [
      'a wrong number after a grant',
      (s) => [...granted(s), () => s.mismatch(false)],
      'mismatch_without_request',
    ],
    [
      'a wrong number that closed its request at once',
      (s) => [s.open, s.ask, () => s.mismatch(true)],
      'mismatch_count',
    ],
    [
      'a second wrong number that did not close its request',
      (s) => [s.open, s.ask, () => s.mismatch(false), () => s.mismatch(false)],
      'mismatch_count',
    ],
    [
      'a grant after the number was wrong twice',
      (s) => [s.open, s.enrol, s.ask, () => s.mismatch(false), () => s.mismatch(true), s.grant],
      'grant_after_answer',
    ],
    [
      'a release for another action',
      (s) => [...granted(s), () => s.redeem({ action: 'print' })],
      'release_of_other_action',
    ],
    [
      'a release on another basis',
      (s) => [...granted(s), () => s.redeem({ basis: 'duty' })],
      'release_of_other_action',
    ],
    [
      'a reading again without a release',
      (s) => [...granted(s), s.readAgain],
      'reading_without_release',
    ],
    [
      'a reading again of what was withheld',
      (s) => [...granted(s), s.close, s.redeem, s.withhold, s.readAgain],
      'reading_without_release',
    ],
    [
      'a reading again after the grant was taken back',
      (s) => [...granted(s), s.redeem, s.withdraw, s.readAgain],
      'reading_after_withdrawal',
    ],
    [
      'a reading again of another certificate',
      (s) => [
        ...granted(s),
        s.redeem,
        () => s.readAgain({ used: [{ ...s.used, certificate: id() }] }),
      ],
      'reading_beyond_release',
    ],
    [
      'a reading again after the case was closed',
      (s) => [...granted(s), s.redeem, s.close, () => s.readAgain({}, { time: minutesLater })],
      'reading_without_open_case',
    ],
  ])('show %s', async (_, steps, what) => {
    expect(await whats(steps)).toEqual({ found: what.split(' '), noted: [] });
  });
});

describe('an operator beside the caller', () => {
  it.each([
    ['plain', { outcome: 'accepted' }],
    ['of a form that is read strictly', { 结果: 1.5 }],
  ])('is shown where it is a name, or no terminal called, in a record %s', async (_, data) => {
    const ledger = await SealedLedger.make();
    const say = sayIn(() => ledger);
    await say('case-a', 'CaseClosed', data, { operator: '张三' });
    await say('case-b', 'Other', data, { operator: id() });
    await say('case-c', 'CaseClosed', data);
    expect(await findings(ledger)).toMatchObject([
      { stream: 'case-a', what: 'operator_malformed' },
      { stream: 'case-b', what: 'operator_without_terminal' },
    ]);
    await ledger.close();
  });
});

describe('a ledger that has gone on for days', () => {
  it('shows a release that says a time at which its case was still open', async () => {
    const ledger = await SealedLedger.make();
    const say = sayIn(() => ledger);
    const [here, other] = [scene(say), scene(say)];
    for (const step of [here.open, here.enrol, here.ask, here.grant, here.close]) await step();
    await other.open();
    await other.close({ time: daysLater });
    await here.redeem();
    expect(await findings(ledger)).toMatchObject([
      { stream: here.book, what: 'release_without_open_case' },
    ]);
    await ledger.close();
  });
});
