import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, plusSeconds, ProductError } from '#libs/kernel';
import type { PrivacyEvent } from './privacy.events.js';
import {
  ENROLMENT_CODE_HOLDS,
  ENROLMENT_CONFIRM_HOLDS,
  IDENTITY_CHECK_HOLDS,
  type SubjectCommand,
  subjectDecider,
} from './subject.decider.js';

const now = '2026-11-22T08:00:00.000Z';
const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) };

const noted: PrivacyEvent = { type: 'SubjectNoted', data: { subject: 's1', kind: '111' } };
const added: PrivacyEvent = {
  type: 'IdentifierAdded',
  data: { identifier: 'i1', kind: '111', pepper: 'p1' },
};
const identified: PrivacyEvent = {
  type: 'SubjectIdentified',
  data: { by: 'terminal-1', department: 'hr', basis: 'document', at: now },
};
const opened: PrivacyEvent = {
  type: 'EnrolmentOpened',
  data: {
    enrolment: 'e1',
    codeHash: 'h1',
    expires: plusSeconds(now, ENROLMENT_CODE_HOLDS),
    by: 'terminal-1',
    department: 'hr',
  },
};
const offered: PrivacyEvent = {
  type: 'PhoneKeyOffered',
  data: {
    enrolment: 'e1',
    jkt: 'k1',
    jwk,
    proof: 'proof',
    confirmBy: plusSeconds(now, ENROLMENT_CONFIRM_HOLDS),
  },
};
const enrolled: PrivacyEvent = {
  type: 'PhoneEnrolled',
  data: { enrolment: 'e1', jkt: 'k1', statement: 'statement', by: 'terminal-1' },
};
const revoked: PrivacyEvent = { type: 'PhoneKeyRevoked', data: { jkt: 'k1', reason: 'lost' } };
const person = [noted, added, identified];

const addIdentifier: SubjectCommand = {
  do: 'add-identifier',
  subject: 's1',
  identifier: 'i1',
  kind: '111',
  pepper: 'p1',
};
const open: SubjectCommand = {
  do: 'open-enrolment',
  enrolment: 'e1',
  codeHash: 'h1',
  by: 'terminal-1',
  department: 'hr',
  now,
};
const offer: SubjectCommand = {
  do: 'offer-key',
  enrolment: 'e1',
  codeHash: 'h1',
  jkt: 'k1',
  jwk,
  proof: 'proof',
  now,
};
const confirm: SubjectCommand = {
  do: 'confirm-key',
  enrolment: 'e1',
  jkt: 'k1',
  statement: 'statement',
  by: 'terminal-1',
  now,
};
const revoke: SubjectCommand = { do: 'revoke-key', jkt: 'k1', reason: 'lost' };

const given = (...events: PrivacyEvent[]) => ({
  when: (command: SubjectCommand) => {
    const state = fold(subjectDecider, events);
    let result: readonly PrivacyEvent[] | string;
    try {
      result = subjectDecider.decide(command, state);
    } catch (error) {
      result = error instanceof ProductError ? error.code : String(error);
    }
    return {
      then: (...expected: PrivacyEvent[]) => {
        expect(result).toEqual(expected);
      },
      refused: (code: string) => {
        expect(result).toBe(code);
      },
    };
  },
});

describe('a number that nobody knew', () => {
  test('gets a provisional subject, found by that number', () => {
    given().when(addIdentifier).then(noted, added);
  });
  test('is noted once', () => {
    given(noted, added).when(addIdentifier).then();
  });
  test('may be one more number of the same subject', () => {
    given(noted, added)
      .when({ ...addIdentifier, identifier: 'i2', kind: '414' })
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
        do: 'identify',
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
      .when({ do: 'identify', by: 't', department: 'hr', basis: 'face', now })
      .refused('subject_not_identified');
  });
});

describe('two subjects that are one', () => {
  test('are merged once, and never with themselves', () => {
    const merged: PrivacyEvent = { type: 'SubjectsMerged', data: { from: 's2' } };
    given(noted).when({ do: 'merge', from: 's2' }).then(merged);
    given(noted, merged).when({ do: 'merge', from: 's2' }).then();
    given(noted).when({ do: 'merge', from: 's1' }).refused('subject_merge_with_itself');
    given().when({ do: 'merge', from: 's2' }).refused('subject_not_identified');
  });
});

describe('an enrolment', () => {
  test('is opened where the department has just checked the identity', () => {
    given(...person)
      .when(open)
      .then(opened);
  });
  test('is refused without a check, with one of another department, and an hour after it', () => {
    given().when(open).refused('subject_not_identified');
    given(noted, added).when(open).refused('subject_not_identified');
    given(...person)
      .when({ ...open, department: 'tax' })
      .refused('subject_not_identified');
    given(...person)
      .when({ ...open, now: plusSeconds(now, IDENTITY_CHECK_HOLDS) })
      .refused('subject_not_identified');
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
    given().when(offer).refused(code);
    given(...person)
      .when(offer)
      .refused(code);
    given(...person, opened)
      .when({ ...offer, codeHash: 'h2' })
      .refused(code);
    given(...person, opened)
      .when({ ...offer, now: plusSeconds(now, ENROLMENT_CODE_HOLDS) })
      .refused(code);
    given(...person, opened, offered)
      .when({ ...offer, jkt: 'k2' })
      .refused(code);
    given(...person, opened, offered, enrolled)
      .when({ ...offer, jkt: 'k2' })
      .refused(code);
  });
  test('changes nothing by asking again with the same key', () => {
    given(...person, opened, offered)
      .when(offer)
      .then();
  });
  test('must bring a key that was never enrolled, not even one that was revoked', () => {
    const again: PrivacyEvent = {
      ...opened,
      data: { ...opened.data, enrolment: 'e2', codeHash: 'h2' },
    };
    const second: SubjectCommand = { ...offer, enrolment: 'e2', codeHash: 'h2' };
    given(...person, opened, offered, enrolled, again)
      .when(second)
      .refused('phone_key_taken');
    given(...person, opened, offered, enrolled, revoked, again)
      .when(second)
      .refused('phone_key_taken');
  });
});

describe("a terminal's statement", () => {
  test('enrols the offered key', () => {
    given(...person, opened, offered)
      .when(confirm)
      .then(enrolled);
    const state = fold(subjectDecider, [...person, opened, offered, enrolled]);
    expect(state.status !== 'unknown' && state.keys.get('k1')).toEqual({
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
      .refused('enrolment_absent');
    given().when(confirm).refused('enrolment_absent');
  });
  test('comes too early before a phone showed the code, and too late after ten minutes', () => {
    given(...person, opened)
      .when(confirm)
      .refused('enrolment_not_offered');
    given(...person, opened, offered)
      .when({ ...confirm, now: plusSeconds(now, ENROLMENT_CONFIRM_HOLDS) })
      .refused('enrolment_expired');
  });
  test('for another key is refused', () => {
    given(...person, opened, offered)
      .when({ ...confirm, jkt: 'k2' })
      .refused('enrolment_statement_refused');
    given(...person, opened, offered, enrolled)
      .when({ ...confirm, jkt: 'k2' })
      .refused('enrolment_statement_refused');
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
    given(...person, opened, offered)
      .when(revoke)
      .refused('phone_key_absent');
    given().when(revoke).refused('phone_key_absent');
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
        const events: PrivacyEvent[] = [...person];
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
        for (const [jkt, key] of state.status === 'unknown' ? [] : state.keys) {
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

test('a subject reads events of a later program without failing', () => {
  const later = { type: 'SubjectRenamed', data: {} } as unknown as PrivacyEvent;
  expect(fold(subjectDecider, [later, ...person, later]).status).toBe('identified');
});
