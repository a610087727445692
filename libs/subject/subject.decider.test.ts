import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, plusSeconds, ProductError } from '#libs/kernel';
import { givenTo } from '../../test/support/given.js';
import type { SubjectEvent } from './subject.events.js';
import {
  ENROLMENT_CODE_HOLDS,
  ENROLMENT_CONFIRM_HOLDS,
  IDENTITY_CHECK_HOLDS,
  type SubjectCommand,
  subjectDecider,
} from './subject.decider.js';

const now = '2026-11-22T08:00:00.000Z';
const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) };

const noted: SubjectEvent = { type: 'SubjectNoted', data: { subject: 's1', kind: '111' } };
const added: SubjectEvent = {
  type: 'IdentifierAdded',
  data: { identifier: 'i1', kind: '111', pepper: 'p1' },
};
const identified: SubjectEvent = {
  type: 'SubjectIdentified',
  data: { by: 'terminal-1', department: 'hr', basis: 'document', at: now },
};
const opened: SubjectEvent = {
  type: 'EnrolmentOpened',
  data: {
    enrolment: 'e1',
    codeHash: 'h1',
    expires: plusSeconds(now, ENROLMENT_CODE_HOLDS),
    by: 'terminal-1',
    department: 'hr',
  },
};
const offered: SubjectEvent = {
  type: 'PhoneKeyOffered',
  data: {
    enrolment: 'e1',
    jkt: 'k1',
    jwk,
    proof: 'proof',
    confirmBy: plusSeconds(now, ENROLMENT_CONFIRM_HOLDS),
  },
};
const enrolled: SubjectEvent = {
  type: 'PhoneEnrolled',
  data: { enrolment: 'e1', jkt: 'k1', statement: 'statement', by: 'terminal-1' },
};
const revoked: SubjectEvent = {
  type: 'PhoneKeyRevoked',
  data: { jkt: 'k1', caller: 's1', reason: 'lost' },
};
const person = [noted, added, identified];

const addIdentifier: SubjectCommand = {
  kind: 'add-identifier',
  subject: 's1',
  identifier: 'i1',
  identifierKind: '111',
  pepper: 'p1',
};
const open: SubjectCommand = {
  kind: 'open-enrolment',
  enrolment: 'e1',
  codeHash: 'h1',
  by: 'terminal-1',
  department: 'hr',
  now,
};
const offer: SubjectCommand = {
  kind: 'offer-key',
  enrolment: 'e1',
  codeHash: 'h1',
  jkt: 'k1',
  jwk,
  proof: 'proof',
  now,
};
const confirm: SubjectCommand = {
  kind: 'confirm-key',
  enrolment: 'e1',
  jkt: 'k1',
  statement: 'statement',
  by: 'terminal-1',
  now,
};
const revoke = {
  kind: 'revoke-key',
  by: { caller: 's1', principal: { capacity: 'self', subject: 's1' } },
  jkt: 'k1',
  reason: 'lost',
} satisfies SubjectCommand;

const given = givenTo(subjectDecider);

describe('a number that nobody knew', () => {
  test('gets a provisional subject, found by that number', () => {
    given().when(addIdentifier).then(noted, added);
  });
  test('is noted once', () => {
    given(noted, added).when(addIdentifier).then();
  });
  test('may be one more number of the same subject', () => {
    given(noted, added)
      .when({ ...addIdentifier, identifier: 'i2', identifierKind: '414' })
      .then({
        type: 'IdentifierAdded',
        data: { identifier: 'i2', kind: '414', pepper: 'p1' },
      });
  });
});

describe('an identity check', () => {
  test('makes a provisional subject an identified one', () => {
    given(noted, added)
      .when({
        kind: 'identify',
        by: 'terminal-1',
        department: 'hr',
        basis: 'document',
        now,
      })
      .then(identified);
    expect(fold(subjectDecider, person).status).toBe('identified');
  });
  test('of a subject that nobody noted is refused', () => {
    given()
      .when({ kind: 'identify', by: 't', department: 'hr', basis: 'face', now })
      .refuses('subject_not_identified');
  });
});

describe('two subjects that are one', () => {
  test('are merged once, and never with themselves', () => {
    const merged: SubjectEvent = { type: 'SubjectsMerged', data: { from: 's2' } };
    given(noted).when({ kind: 'merge', from: 's2' }).then(merged);
    given(noted, merged).when({ kind: 'merge', from: 's2' }).then();
    given(noted).when({ kind: 'merge', from: 's1' }).refuses('subject_merge_with_itself');
    given().when({ kind: 'merge', from: 's2' }).refuses('subject_not_identified');
  });
});

describe('an enrolment', () => {
  test('is opened where the department has just checked the identity', () => {
    given(...person)
      .when(open)
      .then(opened);
  });
  test('is refused without a check, with one of another department, and an hour after it', () => {
    given().when(open).refuses('subject_not_identified');
    given(noted, added).when(open).refuses('subject_not_identified');
    given(...person)
      .when({ ...open, department: 'tax' })
      .refuses('subject_not_identified');
    given(...person)
      .when({ ...open, now: plusSeconds(now, IDENTITY_CHECK_HOLDS) })
      .refuses('subject_not_identified');
  });
});

describe('a phone that shows the code', () => {
  test('offers its key', () => {
    given(...person, opened)
      .when(offer)
      .then(offered);
  });
  test('is answered alike whether the code is wrong, expired, used, or of nothing', () => {
    const code = 'enrolment_code_refused';
    given().when(offer).refuses(code);
    given(...person)
      .when(offer)
      .refuses(code);
    given(...person, opened)
      .when({ ...offer, codeHash: 'h2' })
      .refuses(code);
    given(...person, opened)
      .when({ ...offer, now: plusSeconds(now, ENROLMENT_CODE_HOLDS) })
      .refuses(code);
    given(...person, opened, offered)
      .when({ ...offer, jkt: 'k2' })
      .refuses(code);
    given(...person, opened, offered, enrolled)
      .when({ ...offer, jkt: 'k2' })
      .refuses(code);
  });
  test('changes nothing by asking again with the same key', () => {
    given(...person, opened, offered)
      .when(offer)
      .then();
  });
  test('must bring a key that was never enrolled, not even one that was revoked', () => {
    const again: SubjectEvent = {
      ...opened,
      data: { ...opened.data, enrolment: 'e2', codeHash: 'h2' },
    };
    const second: SubjectCommand = { ...offer, enrolment: 'e2', codeHash: 'h2' };
    given(...person, opened, offered, enrolled, again)
      .when(second)
      .refuses('phone_key_taken');
    given(...person, opened, offered, enrolled, revoked, again)
      .when(second)
      .refuses('phone_key_taken');
  });
});

describe("a terminal's statement", () => {
  test('enrols the offered key', () => {
    given(...person, opened, offered)
      .when(confirm)
      .then(enrolled);
    const state = fold(subjectDecider, [...person, opened, offered, enrolled]);
    expect(state.status !== 'absent' && state.keys.get('k1')).toEqual({
      status: 'active',
      jwk,
      enrolment: 'e1',
    });
  });
  test('changes nothing when it is sent again', () => {
    given(...person, opened, offered, enrolled)
      .when(confirm)
      .then();
  });
  test('of another terminal meets no enrolment', () => {
    given(...person, opened, offered)
      .when({ ...confirm, by: 'terminal-2' })
      .refuses('enrolment_absent');
    given().when(confirm).refuses('enrolment_absent');
  });
  test('comes too early before a phone showed the code, and too late after ten minutes', () => {
    given(...person, opened)
      .when(confirm)
      .refuses('enrolment_not_offered');
    given(...person, opened, offered)
      .when({ ...confirm, now: plusSeconds(now, ENROLMENT_CONFIRM_HOLDS) })
      .refuses('enrolment_expired');
  });
  test('for another key is refused', () => {
    given(...person, opened, offered)
      .when({ ...confirm, jkt: 'k2' })
      .refuses('enrolment_statement_refused');
    given(...person, opened, offered, enrolled)
      .when({ ...confirm, jkt: 'k2' })
      .refuses('enrolment_statement_refused');
  });
});

describe("a phone's key", () => {
  test('is revoked once, and only where it was enrolled', () => {
    given(...person, opened, offered, enrolled)
      .when(revoke)
      .then(revoked);
    given(...person, opened, offered, enrolled, revoked)
      .when(revoke)
      .then();
    given(...person, opened, offered, enrolled)
      .when({ ...revoke, by: { ...revoke.by, caller: 's2' } })
      .refuses('mandate_not_supported');
    given(...person, opened, offered)
      .when(revoke)
      .refuses('phone_key_absent');
    given().when(revoke).refuses('phone_key_absent');
  });

  test('is active only after this order: opened, offered, enrolled, and never after it was revoked', () => {
    const commands = fc.array(
      fc.record({
        what: fc.constantFrom('open', 'offer', 'confirm', 'revoke' as const),
        n: fc.integer({ min: 1, max: 3 }),
        late: fc.integer({ min: 0, max: 1500 }),
      }),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(commands, (steps) => {
        const events: SubjectEvent[] = [...person];
        for (const { what, n, late } of steps) {
          const [enrolment, codeHash, jkt] = [`e${n}`, `h${n}`, `k${n}`];
          const at = plusSeconds(now, late);
          const command: SubjectCommand = {
            open: { ...open, enrolment, codeHash, now: at },
            offer: { ...offer, enrolment, codeHash, jkt, now: at },
            confirm: { ...confirm, enrolment, jkt, now: at },
            revoke: { ...revoke, jkt },
          }[what];
          try {
            events.push(...subjectDecider.decide(command, fold(subjectDecider, events)));
          } catch (error) {
            expect(error).toBeInstanceOf(ProductError);
          }
        }
        const state = fold(subjectDecider, events);
        for (const [jkt, key] of state.status === 'absent' ? [] : state.keys) {
          const story = events
            .filter((event) => 'jkt' in event.data && event.data.jkt === jkt)
            .map(({ type }) => type);
          expect(story.filter((type) => type === 'PhoneEnrolled')).toHaveLength(1);
          expect(story.indexOf('PhoneKeyOffered')).toBeLessThan(story.indexOf('PhoneEnrolled'));
          expect(key.status).toBe(story.includes('PhoneKeyRevoked') ? 'revoked' : 'active');
        }
      }),
    );
  });
});

test('a subject is not made of events in an order that no command leads to', () => {
  const outOfOrder = expect.objectContaining({ code: 'event_out_of_order' });
  expect(() => fold(subjectDecider, [identified])).toThrow(outOfOrder);
  for (const event of [offered, enrolled, revoked])
    expect(() => fold(subjectDecider, [...person, event])).toThrow(outOfOrder);
});
