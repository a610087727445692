import { describe, expect, test } from '@jest/globals';
import type { Case, Consent } from './asking.ts';
import { consentStateOf, toldOf } from './consent-word.ts';
import {
  change,
  type Change,
  nothing,
  type OpenCase,
  type Place,
  type Released,
} from './desk-state.ts';
import { shownOf } from './display-text.ts';
import { isToRelease, mainAction } from './main-action.ts';

const found = {
  case: 'case-1',
  matter: 'SX0001',
  matterName: '登记',
  matterNameEn: 'Registration',
  origin: 'window',
  queueNumber: null,
  matterDepartment: '人社',
  answered: 0,
  department: '人社',
  window: 'hall-1-03',
  ruleVersion: 1,
  status: 'open',
  outcome: null,
  participants: [{ role: 'applicant' }],
  requirements: [
    {
      material: 'ZZ001',
      nameZh: '居民身份证',
      state: 'exemptible',
      reason: null,
      answers: [{ type: 'ZZ001', whose: 'applicant', fields: ['姓名'] }],
      consent: null,
      mayAsk: true,
      parts: [
        { whose: 'applicant', state: 'exemptible', reason: null, consent: null, mayAsk: true },
      ],
    },
  ],
  consents: [],
} as Case;
const consent = (state: Consent['state'], redeemBy: string | null = null): Consent => ({
  consent: 'consent-1',
  endReason: null,
  role: 'applicant',
  materials: ['ZZ001'],
  state,
  answerBy: '2026-11-30T08:10:00.000Z',
  redeemBy,
  number: state === 'waiting' ? '37' : null,
});
const released = {
  consent: 'consent-1',
  reply: {
    handedOver: { case: 'case-1', materials: [{ fields: { 姓名: '测试甲' } }] },
    readAgainUntil: '2026-11-30T08:33:00.000Z',
  },
  trust: { policy: '', authorityKeys: '', receipt: null },
  words: [],
} as unknown as Released;

const after = (...changes: Change[]): Place => changes.reduce(change, nothing);
const opened: Change = { is: 'case-opened', found, consent: null };
const seen = (...of: Parameters<typeof consent>): Change => ({
  is: 'consent-seen',
  case: found.case,
  consent: consent(...of),
});
const openAfter = (...changes: Change[]): OpenCase => {
  const place = after(opened, ...changes);
  if (place.is !== 'case') throw new TypeError('no case is open');
  return place;
};

describe('the desk', () => {
  test('opens a case with everything ticked that a holder may be asked for', () => {
    const place = openAfter();
    expect([place.ticked, mainAction(place)]).toEqual([['ZZ001'], 'ask']);
  });

  test('waits, releases at the yes, and shows what came', () => {
    expect(mainAction(openAfter(seen('waiting')))).toBe('take-back');
    const granted = openAfter(seen('waiting'), seen('granted', '2026-11-30T08:12:00.000Z'));
    expect([mainAction(granted), isToRelease(granted)]).toEqual(['wait', true]);
    const answered: Case = {
      ...found,
      requirements: found.requirements.map((each) => ({
        ...each,
        state: 'answered',
        mayAsk: false,
        parts: each.parts.map((part) => ({ ...part, state: 'answered', mayAsk: false })),
      })),
    };
    const shown = openAfter({ is: 'case-seen', found: answered }, seen('redeemed'), {
      is: 'released',
      released,
    });
    expect([mainAction(shown), shown.released]).toEqual(['none', [released]]);
  });

  test('is not changed by a consent of a case that was closed meanwhile', () => {
    const late: Change = { is: 'consent-seen', case: 'closed', consent: consent('redeemed') };
    const place = openAfter(late);
    expect([place.consent, mainAction(place)]).toEqual([null, 'ask']);
  });

  test('reads again what another page of it had on the screen', () => {
    expect(mainAction(openAfter(seen('redeemed')))).toBe('read-again');
  });

  test('forgets data when they may not be read any more', () => {
    const until = Date.parse(released.reply.readAgainUntil);
    const moment = (now: number): Change => ({ is: 'moment', now });
    expect(openAfter({ is: 'released', released }, moment(until - 1)).released).toHaveLength(1);
    expect(openAfter({ is: 'released', released }, moment(until)).released).toEqual([]);
  });

  test('never shows data of another case', () => {
    const other = { ...released, reply: { ...released.reply, handedOver: { case: 'case-2' } } };
    expect(openAfter({ is: 'released', released: other as unknown as Released }).released).toEqual(
      [],
    );
    expect(openAfter({ is: 'case-seen', found: { ...found, case: 'case-2' } }).found).toBe(found);
  });

  test.each(['closed', 'idle', 'disabled', 'start'] as const)(
    'keeps nothing when cleared: %s',
    (why) => {
      expect(after(opened, { is: 'released', released }, { is: 'cleared', why })).toEqual({
        is: 'empty',
        why,
      });
      expect(after({ is: 'cleared', why }, { is: 'released', released })).toEqual({
        is: 'empty',
        why,
      });
    },
  );

  test('does not try again by itself what can come to nothing', () => {
    const hindered = (is: 'used-elsewhere' | 'changed' | 'lost'): OpenCase =>
      openAfter(seen('granted'), { is: 'hindered', consent: 'consent-1', hindrance: { is } });
    expect(isToRelease(hindered('used-elsewhere'))).toBe(false);
    expect(isToRelease(hindered('changed'))).toBe(false);
    expect(isToRelease(hindered('lost'))).toBe(true);
  });

  test('begins a new request without the old one’s trouble', () => {
    const place = openAfter(
      seen('granted'),
      { is: 'hindered', consent: 'consent-1', hindrance: { is: 'changed' } },
      {
        is: 'consent-seen',
        case: found.case,
        consent: { ...consent('waiting'), consent: 'consent-2' },
      },
    );
    expect(place.hindrance).toBeNull();
  });
});

describe('what the panel says', () => {
  test.each([
    [consent('expired'), 'unanswered'],
    [consent('expired', '2026-11-30T08:12:00.000Z'), 'expired'],
    [consent('refused'), 'refused'],
    [consent('withdrawn'), 'withdrawn'],
    [consent('withheld'), 'withheld'],
  ])('%#: %s', (of, told) => {
    expect([consentStateOf(of), toldOf(of, null)]).toEqual([told, told]);
  });
  test('is what was in the way, where something was', () => {
    expect(toldOf(consent('granted'), { is: 'used-elsewhere' })).toBe('elsewhere');
    expect(toldOf(consent('redeemed'), { is: 'held', at: null })).toBe('held');
    expect(toldOf(consent('granted'), null)).toBeNull();
  });
});

describe('the holder’s display', () => {
  const names = {
    material: (_: string, zh: string) => ({ zh, en: 'Resident Identity Card' }),
    type: (code: string) => ({ zh: code, en: code }),
    issuer: () => null,
    field: (_: string, key: string) => ({ zh: key, en: 'Name' }),
  };
  const at = { department: '人社', window: 'hall-1-03', origin: 'https://city.example' };

  test('shows the request and its number while it waits', () => {
    expect(shownOf(openAfter(seen('waiting')), at, names)).toEqual({
      is: 'request',
      department: '人社',
      window: 'hall-1-03',
      queueNumber: null,
      matter: { zh: '登记', en: 'Registration' },
      asks: [
        {
          zh: '居民身份证',
          en: 'Resident Identity Card',
          fields: [{ zh: '姓名', en: 'Name' }],
        },
      ],
      number: '37',
      qr: 'https://city.example/phone#consent=consent-1&number=37',
      answerBy: '2026-11-30T08:10:00.000Z',
      state: 'waiting',
    });
  });

  test('shows neither number nor data after the answer', () => {
    const shown = shownOf(openAfter(seen('redeemed'), { is: 'released', released }), at, names);
    expect(shown).toMatchObject({ state: 'received', number: null, qr: null });
    expect(JSON.stringify(shown)).not.toContain('测试甲');
  });

  test('shows the hall where nobody is asked', () => {
    const idle = { is: 'idle', department: '人社', window: 'hall-1-03', queueNumber: null };
    expect(shownOf(nothing, at, names)).toEqual(idle);
    expect(shownOf(openAfter(), at, names)).toEqual(idle);
  });

  test('shows nothing of a case that came in online: its applicant is not there', () => {
    const open = openAfter(seen('waiting'));
    const online = { ...open, found: { ...found, origin: 'online' } } as OpenCase;
    expect(shownOf(online, at, names)).toMatchObject({ is: 'idle' });
  });
});
