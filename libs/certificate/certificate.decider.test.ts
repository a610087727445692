import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ProductError } from '#libs/kernel';
import { givenTo } from '../../test/support/given.js';
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

const issue = {
  kind: 'issue',
  certificate,
  type: 'ZZ001',
  authority,
  version: version(1),
  standsAsOf: null as string | null,
  saysTheSame: false,
  digestOf,
} as const;
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
    standsAsOf: null,
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

const given = givenTo(certificateDecider);

describe('issuing', () => {
  test('begins a certificate', () => {
    given().when(issue).then(issued);
  });
  test('the same content changes nothing, even when it is signed again', () => {
    given(issued).when(issue).then();
    given(issued)
      .when({ ...issue, version: { ...version(1), signed: 'header.words-1.other' } })
      .then();
  });
  test('an earlier version submitted again does not become current', () => {
    given(issued, amended).when(issue).refuses('certificate_exists');
    given(issued, amended)
      .when({ ...issue, version: version(1, 'header.words-2') })
      .then();
  });
  test('equivalent content in another representation changes nothing', () => {
    const again = { ...issue, version: version(1, 'header.other') };
    given(issued)
      .when({ ...again, saysTheSame: true })
      .then();
    given(issued, suspended)
      .when({ ...again, saysTheSame: true })
      .then();
    given(issued)
      .when({ ...again, saysTheSame: true, type: 'ZZ002' })
      .refuses('certificate_exists');
  });
  test('a revoked or cancelled certificate is not reissued by submitting it again', () => {
    for (const saysTheSame of [true, false]) {
      given(issued, revoked)
        .when({ ...issue, saysTheSame })
        .refuses('certificate_revoked');
      given(issued, cancelled)
        .when({ ...issue, version: version(1, 'header.other'), saysTheSame })
        .refuses('certificate_cancelled');
    }
  });
  test('the same content for a holder who is another subject now is refused, because its data cannot be opened', () => {
    const returned = { ...version(1), holders: [{ subject: 'b', role: 'holder' }] };
    given(issued)
      .when({ ...issue, version: returned })
      .refuses('holders_changed');
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
      .when({ ...issue, version: returned, saysTheSame: true })
      .then();
    given(issued, amended)
      .when(amend({ version: { ...version(2), holders: returned.holders } }))
      .refuses('holders_changed');
  });
  test('the order of holders does not matter', () => {
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
  test('other content under an existing id is refused', () => {
    given(issued)
      .when({ ...issue, version: version(1, 'header.other') })
      .refuses('certificate_exists');
    given(issued)
      .when({ ...issue, authority: 'another' })
      .refuses('certificate_exists');
  });
  test('begins with version 1', () => {
    given()
      .when({ ...issue, version: version(2) })
      .refuses('version_not_next');
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
      .refuses('version_not_next');
    given(issued, amended)
      .when(amend({ version: version(3) }))
      .refuses('version_supersedes_other');
    given(issued)
      .when(amend({ superseded: digestOf('header.of-another.certificate') }))
      .refuses('version_supersedes_other');
  });
  test('keeps the type', () => {
    given(issued)
      .when(amend({ type: 'ZZ002' }))
      .refuses('type_changed');
  });
  test('is for valid certificates', () => {
    given().when(amend()).refuses('certificate_unknown');
    given(issued, suspended).when(amend()).refuses('certificate_suspended');
    given(issued, revoked).when(amend()).refuses('certificate_revoked');
    given(issued, cancelled).when(amend()).refuses('certificate_cancelled');
  });
});

describe('a version that says of when it is', () => {
  const asOf = (day: string, number = 2) => ({ ...version(number), asOf: day });
  const when = (version: CertificateVersion, standsAsOf: string | null) =>
    given(issued).when(amend({ version, standsAsOf }));

  test('can be followed by a later version', () => {
    when(asOf('2026-11-23'), '2026-11-22').then({
      type: 'CertificateAmended',
      data: { supersedes: 1, reason: 'change', version: asOf('2026-11-23') },
    });
    when(asOf('2026-11-22T00:00:01'), '2026-11-22').then({
      type: 'CertificateAmended',
      data: { supersedes: 1, reason: 'change', version: asOf('2026-11-22T00:00:01') },
    });
    when(asOf('2026-01-01'), null).then({
      type: 'CertificateAmended',
      data: { supersedes: 1, reason: 'change', version: asOf('2026-01-01') },
    });
  });
  test('cannot be followed by an older `as_of`, by none, or by other content of the same time', () => {
    when(asOf('2026-11-21'), '2026-11-22').refuses('version_outdated');
    when(asOf('2026-11-22'), '2026-11-22T08:00:00').refuses('version_outdated');
    when(version(2), '2026-11-22').refuses('as_of_missing');
    when(asOf('2026-11-22'), '2026-11-22').refuses('as_of_repeated');
  });
  test('can be encrypted anew with the same `as_of` for a holder who is registered again', () => {
    const returned = { ...asOf('2026-11-22'), holders: [{ subject: 'b', role: 'holder' }] };
    when(returned, '2026-11-22').then({
      type: 'CertificateAmended',
      data: { supersedes: 1, reason: 'change', version: returned },
    });
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
  test('a change to the current state changes nothing', () => {
    given(issued, suspended).when(suspend).then();
    given(issued).when(reinstate).then();
    given(issued, revoked).when(revoke).then();
    given(issued, cancelled).when(cancel).then();
  });
  test('a revoked or cancelled certificate is not reinstated', () => {
    for (const command of [suspend, reinstate]) {
      given(issued, revoked).when(command).refuses('certificate_revoked');
      given(issued, cancelled).when(command).refuses('certificate_cancelled');
    }
    given(issued, revoked).when(cancel).refuses('certificate_revoked');
    given(issued, cancelled).when(revoke).refuses('certificate_cancelled');
  });
  test('except by a version that the authority signs as a reissue', () => {
    const reissued: CertificateEvent = {
      type: 'CertificateAmended',
      data: { supersedes: 1, reason: 'reissue', version: version(2) },
    };
    for (const ended of [revoked, cancelled]) {
      given(issued, ended)
        .when(amend({ reason: 'reissue' }))
        .then(reissued);
      given(issued, ended, reissued).when(suspend).then(suspended);
    }
    given(issued)
      .when(amend({ reason: 'reissue' }))
      .refuses('certificate_valid');
    given(issued, suspended)
      .when(amend({ reason: 'reissue' }))
      .refuses('certificate_suspended');
  });
  test('only the issuing authority learns that a certificate exists', () => {
    for (const command of [amend(), suspend, reinstate, revoke, cancel]) {
      given(issued)
        .when({ ...command, authority: 'another' })
        .refuses('certificate_unknown');
      given().when(command).refuses('certificate_unknown');
    }
  });
});

test('versions count from 1 without a gap and an ended certificate stays ended, for any commands', () => {
  const kinds = fc.constantFrom('issue', 'amend', 'suspend', 'reinstate', 'revoke', 'cancel');
  fc.assert(
    fc.property(fc.array(kinds, { maxLength: 30 }), (steps) => {
      let state = certificateDecider.initialState;
      let ended: string | null = null;
      for (const kind of steps) {
        const newest = state.status === 'absent' ? undefined : state.versions.at(-1);
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
        if (state.status === 'absent') continue;
        expect(state.versions.map(({ number }) => number)).toEqual(
          state.versions.map((_, n) => n + 1),
        );
        if (ended !== null) expect(state.status).toBe(ended);
        if (state.status === 'revoked' || state.status === 'cancelled') ended = state.status;
      }
    }),
  );
});
