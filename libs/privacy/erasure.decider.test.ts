import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, ProductError } from '#libs/kernel';
import type { PrivacyEvent } from './privacy.events.js';
import { type SubjectCommand, subjectDecider } from './subject.decider.js';

const noted: PrivacyEvent = { type: 'SubjectNoted', data: { subject: 's1', kind: '111' } };
const requested: PrivacyEvent = {
  type: 'ErasureRequested',
  data: { erasure: 'x1', by: 'admin-1', reason: 'consent-withdrawn' },
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

const request: SubjectCommand = {
  do: 'request-erasure',
  erasure: 'x1',
  by: 'admin-1',
  reason: 'consent-withdrawn',
};
const approve: SubjectCommand = { do: 'approve-erasure', erasure: 'x1', by: 'admin-2' };
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

test('whatever is tried in whatever order, nothing is erased without two administrators and never under a hold', () => {
  const by = fc.constantFrom('admin-1', 'admin-2');
  const commands = fc.array(
    fc.oneof(
      by.map((who): SubjectCommand => ({ ...request, by: who })),
      by.map((who): SubjectCommand => ({ ...approve, by: who })),
      fc.constant(finish),
      fc.constant(hold),
      fc.constant(lift),
    ),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(commands, (tried) => {
      const events: PrivacyEvent[] = [noted];
      for (const command of tried)
        try {
          events.push(...subjectDecider.decide(command, fold(subjectDecider, events)));
        } catch (error) {
          if (!(error instanceof ProductError)) throw error;
        }
      const at = events.findIndex(({ type }) => type === 'ErasureApproved');
      if (at < 0) return !events.some(({ type }) => type === 'SubjectErased');
      const before = events.slice(0, at);
      const count = (type: string) => before.filter((event) => event.type === type).length;
      const asker = before.find((event) => event.type === 'ErasureRequested');
      const approver = events[at];
      return (
        count('LegalHoldPlaced') === count('LegalHoldLifted') &&
        approver?.type === 'ErasureApproved' &&
        asker?.data.by !== approver.data.by
      );
    }),
  );
});
