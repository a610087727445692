import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, ProductError } from '#libs/kernel';
import type { PrivacyEvent } from './privacy.events.js';
import { type SubjectCommand, subjectDecider } from './subject.decider.js';

const noted: PrivacyEvent = { type: 'SubjectNoted', data: { subject: 's1', kind: '111' } };
const now = '2026-11-22T08:00:00.000Z';
const expires = '2026-12-22T08:00:00.000Z';
const requested: PrivacyEvent = {
  type: 'ErasureRequested',
  data: { erasure: 'x1', by: 'admin-1', reason: 'consent-withdrawn', expires },
};
const withdrawn: PrivacyEvent = {
  type: 'ErasureWithdrawn',
  data: { erasure: 'x1', by: 'admin-1' },
};
const approved: PrivacyEvent = {
  type: 'ErasureApproved',
  data: { erasure: 'x1', by: 'admin-2' },
};
const held: PrivacyEvent = {
  type: 'LegalHoldPlaced',
  data: { hold: 'h1', by: 'admin-3', basis: 'litigation' },
};
const lifted: PrivacyEvent = {
  type: 'LegalHoldLifted',
  data: { hold: 'h1', by: 'admin-3', basis: 'ended' },
};
const erased: PrivacyEvent = { type: 'SubjectErased', data: { erasure: 'x1' } };

const request = {
  do: 'request-erasure',
  erasure: 'x1',
  by: 'admin-1',
  reason: 'consent-withdrawn',
  now,
} as const;
const approve = {
  do: 'approve-erasure',
  erasure: 'x1',
  by: 'admin-2',
  sameHands: [] as readonly string[],
  now,
} as const;
const withdraw = { do: 'withdraw-erasure', erasure: 'x1', by: 'admin-1', now } as const;
const finish: SubjectCommand = { do: 'finish-erasure', erasure: 'x1' };
const hold: SubjectCommand = { do: 'place-hold', hold: 'h1', by: 'admin-3', basis: 'litigation' };
const lift: SubjectCommand = { do: 'lift-hold', hold: 'h1', by: 'admin-3', basis: 'ended' };

const given = (...events: PrivacyEvent[]) => ({
  when: (command: SubjectCommand) => {
    const state = fold(subjectDecider, events);
    return {
      then: (...expected: PrivacyEvent[]) => {
        expect(subjectDecider.decide(command, state)).toEqual(expected);
      },
      thenRefused: (code: string) => {
        expect(() => subjectDecider.decide(command, state)).toThrow(
          expect.objectContaining({ code }),
        );
      },
    };
  },
});

describe('an erasure takes two administrators', () => {
  test('one asks, another approves, and it is carried out', () => {
    given(noted).when(request).then(requested);
    given(noted, requested).when(approve).then(approved);
    given(noted, requested, approved).when(finish).then(erased);
  });

  test('whoever asked cannot approve', () => {
    given(noted, requested)
      .when({ ...approve, by: 'admin-1' })
      .thenRefused('erasure_needs_second_administrator');
  });

  test('nor whoever is in the same hands', () => {
    given(noted, requested)
      .when({ ...approve, sameHands: ['admin-1'] })
      .thenRefused('erasure_administrators_not_independent');
  });

  test('what nobody approved is not carried out, and what nobody asked for not approved', () => {
    given(noted, requested).when(finish).thenRefused('erasure_absent');
    given(noted).when(approve).thenRefused('erasure_absent');
    given(noted, requested)
      .when({ ...approve, erasure: 'x2' })
      .thenRefused('erasure_absent');
  });

  test('asking, approving and finishing again change nothing', () => {
    given(noted, requested)
      .when({ ...request, erasure: 'x2', by: 'admin-2' })
      .then();
    given(noted, requested, approved).when(approve).then();
    given(noted, requested, approved, erased).when(approve).then();
    given(noted, requested, approved, erased).when(finish).then();
  });

  test('of a subject that nobody has heard of is refused', () => {
    given().when(request).thenRefused('subject_not_identified');
  });
});

describe('an erasure that nobody has approved', () => {
  test('can be taken back by whoever asked, and by nobody else', () => {
    given(noted, requested).when(withdraw).then(withdrawn);
    given(noted, requested)
      .when({ ...withdraw, by: 'admin-2' })
      .thenRefused('erasure_of_another_administrator');
    given(noted, requested, withdrawn).when(withdraw).then();
    given(noted, requested, held).when(withdraw).then(withdrawn);
    given(noted).when(withdraw).thenRefused('erasure_absent');
  });

  test('cannot be approved or carried out once it was taken back, and can be asked for anew', () => {
    given(noted, requested, withdrawn).when(approve).thenRefused('erasure_withdrawn');
    given(noted, requested, withdrawn).when(finish).thenRefused('erasure_absent');
    const anew: PrivacyEvent = {
      type: 'ErasureRequested',
      data: { erasure: 'x2', by: 'admin-2', reason: 'consent-withdrawn', expires },
    };
    given(noted, requested, withdrawn)
      .when({ ...request, erasure: 'x2', by: 'admin-2' })
      .then(anew);
    // The one that was taken back stays so, whatever becomes of the other.
    given(noted, requested, withdrawn, anew).when(approve).thenRefused('erasure_withdrawn');
    given(noted, requested, withdrawn, anew)
      .when({ ...approve, erasure: 'x2', by: 'admin-1' })
      .then({ type: 'ErasureApproved', data: { erasure: 'x2', by: 'admin-1' } });
  });

  test('expires after 30 days, to the millisecond', () => {
    const before = '2026-12-22T07:59:59.999Z';
    given(noted, requested)
      .when({ ...approve, now: before })
      .then(approved);
    given(noted, requested)
      .when({ ...approve, now: expires })
      .thenRefused('erasure_expired');
    given(noted, requested)
      .when({ ...withdraw, now: expires })
      .thenRefused('erasure_expired');
    given(noted, requested)
      .when({ ...request, erasure: 'x2', now: before })
      .then();
    given(noted, requested)
      .when({ ...request, erasure: 'x2', now: expires })
      .then({
        type: 'ErasureRequested',
        data: {
          erasure: 'x2',
          by: 'admin-1',
          reason: 'consent-withdrawn',
          expires: '2027-01-21T08:00:00.000Z',
        },
      });
  });

  test('stands until it is withdrawn where it was recorded before requests expired', () => {
    const old: PrivacyEvent = {
      type: 'ErasureRequested',
      data: { erasure: 'x1', by: 'admin-1', reason: 'consent-withdrawn' },
    };
    given(noted, old)
      .when({ ...approve, now: '2036-11-22T08:00:00.000Z' })
      .then(approved);
  });

  test('is beyond taking back once another administrator has approved it', () => {
    given(noted, requested, approved).when(withdraw).thenRefused('erasure_under_way');
    given(noted, requested, approved, erased).when(withdraw).thenRefused('subject_erased_before');
  });
});

describe('a legal hold', () => {
  test('refuses the request and the approval until it is lifted', () => {
    given(noted, held).when(request).thenRefused('erasure_on_legal_hold');
    given(noted, requested, held).when(approve).thenRefused('erasure_on_legal_hold');
    given(noted, requested, held, lifted).when(approve).then(approved);
  });

  test('counts for itself: one lifted leaves the other standing', () => {
    const other: PrivacyEvent = {
      type: 'LegalHoldPlaced',
      data: { hold: 'h2', by: 'admin-1', basis: 'investigation' },
    };
    given(noted, held, other, lifted).when(request).thenRefused('erasure_on_legal_hold');
  });

  test('placed again while it stands is the same one', () => {
    given(noted, held).when(hold).then();
    given(noted, held, lifted).when(hold).then(held);
  });

  test('comes too late for what is approved or done, and cannot be lifted twice', () => {
    given(noted, requested, approved).when(hold).thenRefused('erasure_under_way');
    given(noted, requested, approved, erased).when(hold).thenRefused('subject_erased_before');
    given(noted, held, lifted).when(lift).thenRefused('legal_hold_absent');
    given(noted, held).when(lift).then(lifted);
  });
});

test('nothing more is ever recorded of an erased subject', () => {
  const history = [noted, requested, approved, erased];
  const other: SubjectCommand[] = [
    { do: 'add-identifier', subject: 's1', identifier: 'i1', kind: '111', pepper: 'p' },
    { do: 'identify', by: 't', department: 'd', basis: 'face', now: '2026-11-22T08:00:00.000Z' },
    { do: 'merge', from: 's2' },
    { do: 'revoke-key', jkt: 'k', reason: 'lost' },
  ];
  for (const command of other)
    given(...history)
      .when(command)
      .thenRefused('subject_erased');
  given(...history)
    .when({ ...request, erasure: 'x2' })
    .thenRefused('subject_erased_before');
});

test('whatever is tried in whatever order, nothing is erased without two administrators, never under a hold, nor after it was withdrawn or expired', () => {
  const by = fc.constantFrom('admin-1', 'admin-2');
  const erasure = fc.constantFrom('x1', 'x2');
  const at = fc.constantFrom(now, '2026-12-01T00:00:00.000Z', expires, '2027-03-01T00:00:00.000Z');
  const commands = fc.array(
    fc.oneof(
      fc.record({ by, erasure, at }).map((one) => ({ ...request, ...one, now: one.at })),
      fc
        .record({ by, erasure, at, sameHands: fc.constantFrom<string[]>([], ['admin-1']) })
        .map((one) => ({ ...approve, ...one, now: one.at })),
      fc.record({ by, erasure, at }).map((one) => ({ ...withdraw, ...one, now: one.at })),
      erasure.map((id): SubjectCommand => ({ do: 'finish-erasure', erasure: id })),
      fc.constant(hold),
      fc.constant(lift),
    ),
    { maxLength: 24 },
  );
  fc.assert(
    fc.property(commands, (tried) => {
      const events: PrivacyEvent[] = [noted];
      for (const command of tried) {
        const state = fold(subjectDecider, events);
        try {
          const [event] = subjectDecider.decide(command, state);
          if (event === undefined) continue;
          if (event.type === 'ErasureApproved') {
            const id = event.data.erasure;
            const mine = events.filter(
              (past) => 'erasure' in past.data && past.data.erasure === id,
            );
            const asked = mine.findLast(({ type }) => type === 'ErasureRequested');
            if (asked?.type !== 'ErasureRequested') return false;
            const count = (type: string) => events.filter((past) => past.type === type).length;
            const fair =
              asked.data.by !== event.data.by &&
              'sameHands' in command &&
              command.sameHands.length === 0 &&
              'now' in command &&
              command.now < String(asked.data.expires) &&
              mine.at(-1) === asked &&
              count('LegalHoldPlaced') === count('LegalHoldLifted');
            if (!fair) return false;
          }
          if (event.type === 'SubjectErased') {
            const last = events.findLast(({ type }) => type === 'ErasureApproved');
            if (last?.type !== 'ErasureApproved' || last.data.erasure !== event.data.erasure)
              return false;
          }
          events.push(event);
        } catch (error) {
          if (!(error instanceof ProductError)) throw error;
        }
      }
      return true;
    }),
    { numRuns: 2000 },
  );
});
