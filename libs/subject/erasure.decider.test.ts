import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, ProductError } from '#libs/kernel';
import { actingKeyOf } from '../../test/support/acting-key.js';
import { givenTo } from '../../test/support/given.js';
import type { SubjectEvent } from './subject.events.js';
import { type SubjectCommand, subjectDecider } from './subject.decider.js';

const noted: SubjectEvent = { type: 'SubjectNoted', data: { subject: 's1', kind: '111' } };
const now = '2026-11-22T08:00:00.000Z';
const expires = '2026-12-22T08:00:00.000Z';
const requested = {
  type: 'ErasureRequested' as const,
  data: {
    erasure: 'x1',
    by: 'admin-1',
    requestedWith: actingKeyOf('admin-1'),
    reason: 'consent-withdrawn' as const,
    expires,
  },
};
const withdrawn: SubjectEvent = {
  type: 'ErasureWithdrawn',
  data: { erasure: 'x1', by: 'admin-1' },
};
const approved: SubjectEvent = {
  type: 'ErasureApproved',
  data: { erasure: 'x1', by: 'admin-2', approvedWith: actingKeyOf('admin-2') },
};
const held: SubjectEvent = {
  type: 'LegalHoldPlaced',
  data: { hold: 'h1', by: 'admin-3', basis: 'litigation' },
};
const lifted: SubjectEvent = {
  type: 'LegalHoldLifted',
  data: { hold: 'h1', by: 'admin-3', basis: 'ended' },
};
const erased: SubjectEvent = { type: 'SubjectErased', data: { erasure: 'x1' } };

const request = {
  kind: 'request-erasure',
  erasure: 'x1',
  by: 'admin-1',
  with: actingKeyOf('admin-1'),
  reason: 'consent-withdrawn',
  ended: null as string | null,
  now,
} as const;
const approve = {
  kind: 'approve-erasure',
  erasure: 'x1',
  by: 'admin-2',
  with: actingKeyOf('admin-2'),
  sharedControl: [] as readonly string[],
  requesterChanged: false,
  now,
} as const;
const withdraw = {
  kind: 'withdraw-erasure',
  erasure: 'x1',
  by: 'admin-1',
  operator: null,
  now,
} as const;
const finish: SubjectCommand = { kind: 'finish-erasure', erasure: 'x1' };
const hold: SubjectCommand = { kind: 'place-hold', hold: 'h1', by: 'admin-3', basis: 'litigation' };
const lift: SubjectCommand = { kind: 'lift-hold', hold: 'h1', by: 'admin-3', basis: 'ended' };

const given = givenTo(subjectDecider);

describe('an erasure takes two administrators', () => {
  test('one asks, another approves, and it is carried out', () => {
    given(noted).when(request).then(requested);
    given(noted, requested).when(approve).then(approved);
    given(noted, requested, approved).when(finish).then(erased);
  });

  test('whoever asked cannot approve', () => {
    given(noted, requested)
      .when({ ...approve, by: 'admin-1' })
      .refuses('erasure_needs_second_administrator');
  });

  test('nor whoever is in the same hands', () => {
    given(noted, requested)
      .when({ ...approve, sharedControl: ['admin-1'] })
      .refuses('erasure_administrators_not_independent');
  });

  test('what nobody approved is not carried out, and what nobody asked for not approved', () => {
    given(noted, requested).when(finish).refuses('erasure_absent');
    given(noted).when(approve).refuses('erasure_absent');
    given(noted, requested)
      .when({ ...approve, erasure: 'x2' })
      .refuses('erasure_absent');
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
    given().when(request).refuses('subject_not_identified');
  });
});

describe('an erasure that nobody has approved', () => {
  test('can be taken back by whoever asked, and by nobody else', () => {
    given(noted, requested).when(withdraw).then(withdrawn);
    given(noted, requested)
      .when({ ...withdraw, by: 'admin-2' })
      .refuses('erasure_of_another_administrator');
    given(noted, requested, withdrawn).when(withdraw).then();
    given(noted, requested, held).when(withdraw).then(withdrawn);
    given(noted).when(withdraw).refuses('erasure_absent');
  });

  test('cannot be approved or carried out once it was taken back, and can be asked for anew', () => {
    given(noted, requested, withdrawn).when(approve).refuses('erasure_withdrawn');
    given(noted, requested, withdrawn).when(finish).refuses('erasure_absent');
    const anew: SubjectEvent = {
      type: 'ErasureRequested',
      data: {
        erasure: 'x2',
        by: 'admin-2',
        requestedWith: actingKeyOf('admin-2'),
        reason: 'consent-withdrawn',
        expires,
      },
    };
    given(noted, requested, withdrawn)
      .when({ ...request, erasure: 'x2', by: 'admin-2', with: actingKeyOf('admin-2') })
      .then(anew);
    // The withdrawn one stays withdrawn, whatever becomes of the other.
    given(noted, requested, withdrawn, anew).when(approve).refuses('erasure_withdrawn');
    given(noted, requested, withdrawn, anew)
      .when({ ...approve, erasure: 'x2', by: 'admin-1', with: actingKeyOf('admin-1') })
      .then({
        type: 'ErasureApproved',
        data: { erasure: 'x2', by: 'admin-1', approvedWith: actingKeyOf('admin-1') },
      });
  });

  test('ends where the client that asked was disabled, or given a key by another, and can be asked for anew', () => {
    given(noted, requested)
      .when({ ...approve, requesterChanged: true })
      .refuses('erasure_requester_changed');
    const anew: SubjectEvent = {
      ...requested,
      data: {
        ...requested.data,
        erasure: 'x2',
        by: 'admin-2',
        requestedWith: actingKeyOf('admin-2'),
      },
    };
    const again = { ...request, erasure: 'x2', by: 'admin-2', with: actingKeyOf('admin-2') };
    given(noted, requested).when(again).then();
    given(noted, requested)
      .when({ ...again, ended: 'x1' })
      .then(anew);
    given(noted, requested, anew)
      .when({ ...approve, requesterChanged: true })
      .refuses('erasure_requester_changed');
  });

  test('expires after 30 days, to the millisecond', () => {
    const before = '2026-12-22T07:59:59.999Z';
    given(noted, requested)
      .when({ ...approve, now: before })
      .then(approved);
    given(noted, requested)
      .when({ ...approve, now: expires })
      .refuses('erasure_expired');
    given(noted, requested)
      .when({ ...withdraw, now: expires })
      .refuses('erasure_expired');
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
          requestedWith: actingKeyOf('admin-1'),
          reason: 'consent-withdrawn',
          expires: '2027-01-21T08:00:00.000Z',
        },
      });
  });

  test('is beyond taking back once another administrator has approved it', () => {
    given(noted, requested, approved).when(withdraw).refuses('erasure_under_way');
    given(noted, requested, approved, erased).when(withdraw).refuses('subject_erased_before');
  });
});

describe('a legal hold', () => {
  test('refuses the request and the approval until it is lifted', () => {
    given(noted, held).when(request).refuses('erasure_on_legal_hold');
    given(noted, requested, held).when(approve).refuses('erasure_on_legal_hold');
    given(noted, requested, held, lifted).when(approve).then(approved);
  });

  test('counts for itself: one lifted leaves the other standing', () => {
    const other: SubjectEvent = {
      type: 'LegalHoldPlaced',
      data: { hold: 'h2', by: 'admin-1', basis: 'investigation' },
    };
    given(noted, held, other, lifted).when(request).refuses('erasure_on_legal_hold');
  });

  test('placed again while it stands is the same one', () => {
    given(noted, held).when(hold).then();
    given(noted, held, lifted).when(hold).then(held);
  });

  test('comes too late for what is approved or done, and cannot be lifted twice', () => {
    given(noted, requested, approved).when(hold).refuses('erasure_under_way');
    given(noted, requested, approved, erased).when(hold).refuses('subject_erased_before');
    given(noted, held, lifted).when(lift).refuses('legal_hold_absent');
    given(noted, held).when(lift).then(lifted);
  });
});

test('nothing more is ever recorded of an erased subject', () => {
  const history = [noted, requested, approved, erased];
  const other: SubjectCommand[] = [
    { kind: 'add-identifier', subject: 's1', identifier: 'i1', identifierKind: '111', pepper: 'p' },
    { kind: 'identify', by: 't', department: 'd', basis: 'face', now: '2026-11-22T08:00:00.000Z' },
    { kind: 'merge', from: 's2' },
    {
      kind: 'revoke-key',
      by: { caller: 's1', principal: { capacity: 'self', subject: 's1' } },
      jkt: 'k',
      reason: 'lost',
    },
  ];
  for (const command of other)
    given(...history)
      .when(command)
      .refuses('subject_erased');
  given(...history)
    .when({ ...request, erasure: 'x2' })
    .refuses('subject_erased_before');
});

test('whatever is tried in whatever order, nothing is erased without two administrators, never under a hold, nor after it was withdrawn or expired', () => {
  const by = fc.constantFrom('admin-1', 'admin-2');
  const erasure = fc.constantFrom('x1', 'x2');
  const at = fc.constantFrom(now, '2026-12-01T00:00:00.000Z', expires, '2027-03-01T00:00:00.000Z');
  const commands = fc.array(
    fc.oneof(
      fc.record({ by, erasure, at }).map((one) => ({ ...request, ...one, now: one.at })),
      fc
        .record({
          by,
          erasure,
          at,
          sharedControl: fc.constantFrom<string[]>([], ['admin-1']),
          requesterChanged: fc.boolean(),
        })
        .map((one) => ({ ...approve, ...one, now: one.at })),
      fc.record({ by, erasure, at }).map((one) => ({ ...withdraw, ...one, now: one.at })),
      erasure.map((id): SubjectCommand => ({ kind: 'finish-erasure', erasure: id })),
      fc.constant(hold),
      fc.constant(lift),
    ),
    { maxLength: 24 },
  );
  fc.assert(
    fc.property(commands, (tried) => {
      const events: SubjectEvent[] = [noted];
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
              'sharedControl' in command &&
              command.sharedControl.length === 0 &&
              !command.requesterChanged &&
              'now' in command &&
              command.now < asked.data.expires &&
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
