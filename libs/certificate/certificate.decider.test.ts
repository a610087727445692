import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, ProductError } from '#libs/kernel';
import { type CertificateCommand, certificateDecider } from './certificate.decider.js';
import type { CertificateEvent, CertificateVersion } from './certificate.events.js';

const authority = '11430112000000001P';
const certificate = 'qf3H0m1V2bQ0v4yJ8m7TJw';
const digestOf = (signed: string) => `digest of ${signed.slice(0, signed.lastIndexOf('.'))}`;
const version = (number: number, words = `header.words-${number}`): CertificateVersion => ({
  number,
  signed: `${words}.signature`,
  disclosures: [],
  keys: [],
  holders: [{ subject: 'a', role: 'holder' }],
  validFrom: '2026-01-01',
  validUntil: null,
  files: [],
});

const issue: CertificateCommand = {
  kind: 'issue',
  certificate,
  type: 'ZZ001',
  authority,
  version: version(1),
};
const amend = (change: Partial<Extract<CertificateCommand, { kind: 'amend' }>> = {}) =>
  ({
    kind: 'amend',
    certificate,
    type: 'ZZ001',
    authority,
    reason: 'change',
    superseded: digestOf(version(1).signed),
    digestOf,
    version: version(2),
    ...change,
  }) as const;
const suspend = { kind: 'suspend', certificate, authority, reason: 'under_review' } as const;
const reinstate = { kind: 'reinstate', certificate, authority, reason: 'review_closed' } as const;
const revoke = { kind: 'revoke', certificate, authority, reason: 'wrongly_issued' } as const;
const cancel = { kind: 'cancel', certificate, authority, reason: 'holder_request' } as const;

const issued: CertificateEvent = {
  type: 'CertificateIssued',
  data: { certificate, type: 'ZZ001', authority, version: version(1) },
};
const amended: CertificateEvent = {
  type: 'CertificateAmended',
  data: { supersedes: 1, reason: 'change', version: version(2) },
};
const suspended: CertificateEvent = {
  type: 'CertificateSuspended',
  data: { reason: 'under_review' },
};
const reinstated: CertificateEvent = {
  type: 'CertificateReinstated',
  data: { reason: 'review_closed' },
};
const revoked: CertificateEvent = {
  type: 'CertificateRevoked',
  data: { reason: 'wrongly_issued' },
};
const cancelled: CertificateEvent = {
  type: 'CertificateCancelled',
  data: { reason: 'holder_request' },
};

const given = (...events: CertificateEvent[]) => ({
  when: (command: CertificateCommand) => {
    const decided = () => certificateDecider.decide(command, fold(certificateDecider, events));
    return {
      then: (...expected: CertificateEvent[]) => {
        expect(decided()).toEqual(expected);
      },
      refused: (code: string) => {
        let refusal: unknown;
        try {
          decided();
        } catch (error) {
          refusal = error;
        }
        expect(refusal).toBeInstanceOf(ProductError);
        expect((refusal as ProductError).code).toBe(code);
      },
    };
  },
});

describe('issuing', () => {
  test('begins a certificate', () => {
    given().when(issue).then(issued);
  });
  test('the same word a second time changes nothing, however it was signed again', () => {
    given(issued).when(issue).then();
    given(issued)
      .when({ ...issue, version: { ...version(1), signed: 'header.words-1.other' } })
      .then();
    given(issued, amended, revoked).when(issue).then();
  });
  test('the same word for somebody who is another subject now is refused: nobody could open it', () => {
    const returned = { ...version(1), holders: [{ subject: 'b', role: 'holder' }] };
    given(issued)
      .when({ ...issue, version: returned })
      .refused('holders_changed');
    const forReturned: CertificateEvent = {
      type: 'CertificateAmended',
      data: {
        supersedes: 1,
        reason: 'change',
        version: { ...version(2), holders: returned.holders },
      },
    };
    // What was amended for them since is theirs to open.
    given(issued, forReturned)
      .when({ ...issue, version: returned })
      .then();
    given(issued, amended)
      .when(amend({ version: { ...version(2), holders: returned.holders } }))
      .refused('holders_changed');
  });
  test('the order of holders makes no other holders', () => {
    const [a, b] = [
      { subject: 'a', role: 'spouse-a' },
      { subject: 'b', role: 'spouse-b' },
    ];
    const both: CertificateEvent = {
      type: 'CertificateIssued',
      data: { certificate, type: 'ZZ001', authority, version: { ...version(1), holders: [a, b] } },
    };
    given(both)
      .when({ ...issue, version: { ...version(1), holders: [b, a] } })
      .then();
  });
  test('another word under a taken id is refused', () => {
    given(issued)
      .when({ ...issue, version: version(1, 'header.other') })
      .refused('certificate_exists');
    given(issued)
      .when({ ...issue, authority: 'another' })
      .refused('certificate_exists');
  });
  test('begins with version 1', () => {
    given()
      .when({ ...issue, version: version(2) })
      .refused('version_not_next');
  });
});

describe('amending', () => {
  test('adds the next version, which names the one it supersedes', () => {
    given(issued).when(amend()).then(amended);
    given(issued, suspended, reinstated).when(amend()).then(amended);
  });
  test('the same new version a second time changes nothing', () => {
    given(issued, amended).when(amend()).then();
  });
  test('leaves out no version and supersedes none but the newest', () => {
    given(issued)
      .when(amend({ version: version(3) }))
      .refused('version_not_next');
    given(issued, amended)
      .when(amend({ version: version(3) }))
      .refused('version_supersedes_other');
    given(issued)
      .when(amend({ superseded: digestOf('header.of-another.certificate') }))
      .refused('version_supersedes_other');
  });
  test('keeps the type', () => {
    given(issued)
      .when(amend({ type: 'ZZ002' }))
      .refused('type_changed');
  });
  test('is for valid certificates', () => {
    given().when(amend()).refused('certificate_unknown');
    given(issued, suspended).when(amend()).refused('certificate_suspended');
    given(issued, revoked).when(amend()).refused('certificate_revoked');
    given(issued, cancelled).when(amend()).refused('certificate_cancelled');
  });
});

describe('standing', () => {
  test('a valid certificate is suspended, reinstated, revoked or cancelled', () => {
    given(issued).when(suspend).then(suspended);
    given(issued, suspended).when(reinstate).then(reinstated);
    given(issued).when(revoke).then(revoked);
    given(issued, suspended).when(revoke).then(revoked);
    given(issued).when(cancel).then(cancelled);
    given(issued, suspended).when(cancel).then(cancelled);
  });
  test('what already stands so stays so', () => {
    given(issued, suspended).when(suspend).then();
    given(issued).when(reinstate).then();
    given(issued, revoked).when(revoke).then();
    given(issued, cancelled).when(cancel).then();
  });
  test('what was revoked or cancelled does not come back', () => {
    for (const command of [suspend, reinstate]) {
      given(issued, revoked).when(command).refused('certificate_revoked');
      given(issued, cancelled).when(command).refused('certificate_cancelled');
    }
    given(issued, revoked).when(cancel).refused('certificate_revoked');
    given(issued, cancelled).when(revoke).refused('certificate_cancelled');
  });
  test('nobody but the issuing authority learns that there is such a certificate', () => {
    for (const command of [amend(), suspend, reinstate, revoke, cancel]) {
      given(issued)
        .when({ ...command, authority: 'another' })
        .refused('certificate_unknown');
      given().when(command).refused('certificate_unknown');
    }
  });
});

test('whatever happens, versions count from 1 without a gap and an ended certificate stays ended', () => {
  const kinds = fc.constantFrom('issue', 'amend', 'suspend', 'reinstate', 'revoke', 'cancel');
  fc.assert(
    fc.property(fc.array(kinds, { maxLength: 30 }), (steps) => {
      let state = certificateDecider.initialState;
      let ended: string | null = null;
      for (const kind of steps) {
        const newest = state.status === 'none' ? undefined : state.versions.at(-1);
        const commands = {
          issue,
          amend: amend({
            version: version((newest?.number ?? 0) + 1),
            superseded: digestOf(newest?.signed ?? ''),
          }),
          suspend,
          reinstate,
          revoke,
          cancel,
        };
        try {
          state = certificateDecider
            .decide(commands[kind], state)
            .reduce((next, event) => certificateDecider.evolve(next, event), state);
        } catch (error) {
          expect(error).toBeInstanceOf(ProductError);
        }
        if (state.status === 'none') continue;
        expect(state.versions.map(({ number }) => number)).toEqual(
          state.versions.map((_, n) => n + 1),
        );
        if (ended !== null) expect(state.status).toBe(ended);
        if (state.status === 'revoked' || state.status === 'cancelled') ended = state.status;
      }
    }),
  );
});
