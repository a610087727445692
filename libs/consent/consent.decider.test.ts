import { describe, expect, test } from '@jest/globals';
import { matchCommitment } from '#libs/verify';
import { eventsOf, givenTo } from '../../test/support/given.js';
import type { ConsentCommand } from './consent.commands.js';
import { bookDecider } from './consent.decider.js';
import type { ConsentEvent, ConsentRequested, EndReason, GrantProof } from './consent.events.js';

const given = givenTo(bookDecider);
const now = '2026-11-22T08:00:00.000Z';
const late = '2026-11-22T08:10:00.001Z';
const self = { caller: 'holder', principal: { capacity: 'self', subject: 'holder' } } as const;
const agent = { ...self, caller: 'agent' } as const;
const terminal = { client: 'terminal-1', jkt: 'terminal key' };
const match = { digits: '37', salt: 'A'.repeat(43) };
const place = { matter: 'SX0001', window: 'window-1', department: '人社', town: null };
const asks = [{ material: 'ZZ001', answers: [{ type: 'ZZ001', fields: ['姓名'] }] }];

const request: ConsentRequested['data'] = {
  consent: 'c',
  case: 'k',
  matter: 'SX0001',
  role: 'applicant',
  window: 'window-1',
  department: '人社',
  terminal: terminal.client,
  terminalKey: terminal.jkt,
  purpose: '办理',
  action: 'read',
  basis: 'consent',
  asks,
  notice: { version: 1, zh: '', en: '', hash: 'h' },
  match: { commitment: matchCommitment('c', match) },
  answerBy: '2026-11-22T08:10:00.000Z',
};
type Of<Kind extends ConsentCommand['kind']> = Extract<ConsentCommand, { kind: Kind }>;

const ask: Of<'request'> = { kind: 'request', request, permitted: 'read', now };
const signed = {
  consent: 'c',
  case: 'k',
  noticeHash: 'h',
  capacity: 'self',
  digits: '37',
} as const;
const proof: GrantProof = { method: 'jws', jws: 'a.b.c', jkt: 'phone key' };
const grant: Of<'grant'> = { kind: 'grant', by: self, consent: 'c', signed, proof, match, now };
const guess = (digits: string | null): Of<'grant'> => ({ ...grant, signed: { ...signed, digits } });
const refuse: Of<'refuse'> = { kind: 'refuse', by: self, consent: 'c', now };
const withdraw: Of<'withdraw'> = { kind: 'withdraw', by: self, consent: 'c' };
const read = [
  {
    material: 'ZZ001',
    certificate: 'x',
    type: 'ZZ001',
    number: 1,
    streamVersion: 0,
    head: '',
    fields: ['姓名'],
  },
];
const redeem: Of<'redeem'> = {
  kind: 'redeem',
  by: terminal,
  allowed: asks,
  action: 'read',
  redemption: {
    consent: 'c',
    case: 'k',
    caseVersion: 0,
    place,
    read,
    missing: [],
    commitment: 'of this',
  },
  now,
};
const again: Of<'read-again'> = {
  kind: 'read-again',
  by: terminal,
  reading: { consent: 'c', commitment: 'of that', place },
  case: 'k',
  now,
};
const nothing: Of<'release-nothing'> = {
  kind: 'release-nothing',
  by: terminal,
  case: 'k',
  again: false,
  nothing: { consent: 'c', place, missing: [{ material: 'ZZ001', reason: 'holder_has_none' }] },
  now,
};
const withhold = (reading: number): Of<'withhold'> => ({
  kind: 'withhold',
  withheld: { consent: 'c', reading, reason: 'case_moved', place, used: [], counted: now },
});
const bring: Of<'end-brought'> = { kind: 'end-brought', case: 'k', material: 'ZZ001', now };
const revoke: Of<'end-key'> = { kind: 'end-key', jkts: ['phone key'], now };

/** A book after these commands. */
const after = (...commands: readonly ConsentCommand[]) => given(...eventsOf(given, ...commands));

const requested: ConsentEvent = { type: 'ConsentRequested', data: request };
const mismatched = (ends: boolean): ConsentEvent => ({
  type: 'NumberMismatched',
  data: { consent: 'c', caller: 'holder', ends },
});
const granted: ConsentEvent = {
  type: 'ConsentGranted',
  data: {
    consent: 'c',
    caller: 'holder',
    capacity: 'self',
    mandate: null,
    proof,
    match,
    redeemBy: '2026-11-22T08:10:00.000Z',
  },
};
const takeBack: Of<'withdraw-request'> = {
  kind: 'withdraw-request',
  by: terminal,
  case: 'k',
  consent: 'c',
  now,
};
const ended = (reason: EndReason): ConsentEvent => ({
  type: 'ConsentEnded',
  data: { consent: 'c', reason },
});

describe('a request that the terminal withdraws', () => {
  test('ends while it waits, or was granted and not used', () => {
    after(ask).when(takeBack).then(ended('request_withdrawn'));
    after(ask, grant).when(takeBack).then(ended('request_withdrawn'));
  });

  test('is withdrawn once, and can be made anew', () => {
    after(ask, takeBack).when(takeBack).then();
    const again = { ...ask, request: { ...request, consent: 'd' } };
    expect(after(ask, takeBack).when(again).events()).toHaveLength(1);
  });

  test('can be granted, refused and redeemed no more', () => {
    after(ask, takeBack).when(grant).refuses('consent_ended');
    after(ask, takeBack).when(refuse).refuses('consent_ended');
    after(ask, grant, takeBack).when(redeem).refuses('consent_ended');
  });

  test('stands where it was answered or used, or its time is over', () => {
    after(ask, grant, redeem).when(takeBack).refuses('consent_spent');
    after(ask, refuse).when(takeBack).refuses('consent_refused');
    after(ask, guess('38'), guess('39')).when(takeBack).refuses('consent_refused');
    after(ask)
      .when({ ...takeBack, now: '2026-11-22T09:00:00.000Z' })
      .refuses('consent_expired');
  });

  test('is withdrawn by the terminal that asked alone, under the key that asked', () => {
    const stranger = { ...takeBack, by: { ...takeBack.by, client: 'another' } };
    after(ask).when(stranger).refuses('consent_of_another_terminal');
    const otherKey = { ...takeBack, by: { ...takeBack.by, jkt: 'another' } };
    after(ask).when(otherKey).refuses('consent_of_another_terminal');
    after(ask)
      .when({ ...takeBack, case: 'another' })
      .refuses('consent_of_another_case');
    given().when(takeBack).refuses('consent_absent');
  });
});

describe('a request', () => {
  test('is taken once', () => {
    given().when(ask).then(requested);
    after(ask).when(ask).refuses('consent_already_requested');
  });

  test('is refused for a material that is waited for, granted or answered in the same role', () => {
    const second = { ...ask, request: { ...request, consent: 'd' } };
    after(ask).when(second).refuses('consent_already_waiting');
    after(ask, grant).when(second).refuses('consent_already_granted');
    after(ask, grant, redeem).when(second).refuses('material_already_answered');
    expect(after(ask, refuse).when(second).events()).toHaveLength(1);
    expect(after(ask, guess('38'), guess('39')).when(second).events()).toHaveLength(1);
    expect(
      after(ask)
        .when({ ...second, now: late })
        .events(),
    ).toHaveLength(1);
    const spouse = { ...second, request: { ...second.request, role: 'spouse' } };
    expect(after(ask).when(spouse).events()).toHaveLength(1);
  });

  test('of nothing is refused', () => {
    given()
      .when({ ...ask, request: { ...request, asks: [] } })
      .refuses('material_not_exemptible');
  });

  test('is for what the case permits: a kiosk prints, and a window reads', () => {
    given()
      .when({ ...ask, request: { ...request, action: 'print' } })
      .refuses('action_not_of_case');
    given()
      .when({ ...ask, permitted: 'print' })
      .refuses('action_not_of_case');
    const printing = { ...request, action: 'print' } as const;
    given()
      .when({ ...ask, request: printing, permitted: 'print' })
      .then({ type: 'ConsentRequested', data: printing });
  });

  test('is by consent: nothing else is built', () => {
    for (const basis of ['mandate', 'next-of-kin', 'duty'] as const)
      given()
        .when({ ...ask, request: { ...request, basis } })
        .refuses('basis_not_supported');
  });
});

describe('a grant', () => {
  test('of the number that the window shows keeps it with its salt', () => {
    after(ask).when(grant).then(granted);
  });

  test('needs no number where the holder’s own code was scanned, and takes none', () => {
    const scanned = { ...ask, request: { ...request, match: null } };
    expect(
      after(scanned)
        .when({ ...guess(null), match: null })
        .events(),
    ).toMatchObject([{ type: 'ConsentGranted', data: { match: null } }]);
    after(scanned)
      .when({ ...grant, match: null })
      .refuses('number_not_asked');
  });

  test('without a number is refused, and is no try', () => {
    after(ask).when(guess(null)).refuses('number_missing');
  });

  test('of a wrong number is an event without it; after the second nothing can be granted', () => {
    after(ask).when(guess('38')).then(mismatched(false));
    after(ask, guess('38')).when(guess('39')).then(mismatched(true));
    after(ask, guess('38')).when(grant).then(granted);
    const closed = after(ask, guess('38'), guess('39'));
    closed.when(grant).refuses('number_mismatched_twice');
    closed.when(refuse).refuses('number_mismatched_twice');
    closed.when(withdraw).refuses('number_mismatched_twice');
    closed.when(bring).then();
  });

  test('that is closed to the holder is a no to the terminal', () => {
    const closed = after(ask, guess('38'), guess('39'));
    closed.when(redeem).refuses('consent_refused');
    closed.when(again).refuses('consent_refused');
    closed.when(nothing).refuses('consent_refused');
  });

  test('by a proof that is not built is refused', () => {
    const operator = { operator: 'o', terminal: 't', jkt: 'k', jws: 'a.b.c' };
    const proofs: readonly GrantProof[] = [
      { method: 'face', verifier: 'v', result: 'a.b.c' },
      {
        method: 'in-person',
        reason: 'no_phone',
        first: operator,
        second: operator,
        signed: { file: 'f', sha256: '' },
      },
    ];
    for (const other of proofs)
      after(ask)
        .when({ ...grant, proof: other })
        .refuses('proof_not_supported');
  });

  test('is of this consent, this case and this text, for oneself', () => {
    for (const [change, code] of [
      [{ consent: 'd' }, 'grant_for_another_consent'],
      [{ case: 'd' }, 'grant_for_another_consent'],
      [{ noticeHash: 'd' }, 'grant_for_another_text'],
      [{ capacity: 'agent' }, 'capacity_not_supported'],
    ] as const)
      after(ask)
        .when({ ...grant, signed: { ...signed, ...change } })
        .refuses(code);
  });

  test('comes once, in time, and to what was asked', () => {
    given().when(grant).refuses('consent_absent');
    after(ask, grant).when(grant).refuses('consent_already_granted');
    after(ask, refuse).when(grant).refuses('consent_refused');
    after(ask)
      .when({ ...grant, now: late })
      .refuses('consent_expired');
    after(ask, bring).when(grant).refuses('consent_ended');
  });
});

describe('a no, and a yes taken back', () => {
  test('are said again without another event', () => {
    after(ask)
      .when(refuse)
      .then({ type: 'ConsentRefused', data: { consent: 'c', caller: 'holder' } });
    after(ask, refuse).when(refuse).then();
    after(ask, grant)
      .when(withdraw)
      .then({ type: 'ConsentWithdrawn', data: { consent: 'c', caller: 'holder' } });
    after(ask, grant, withdraw).when(withdraw).then();
  });

  test('each have their time', () => {
    after(ask, grant).when(refuse).refuses('consent_already_granted');
    after(ask).when(withdraw).refuses('consent_not_granted');
    after(ask, refuse).when(withdraw).refuses('consent_refused');
    after(ask)
      .when({ ...refuse, now: late })
      .refuses('consent_expired');
  });

  test.each([
    { ...grant, by: agent },
    { ...refuse, by: agent },
    { ...withdraw, by: agent },
  ])('by a caller who is not the principal: cannot $kind', (command) => {
    given().when(command).refuses('mandate_not_supported');
  });
});

describe('an end', () => {
  test('comes of a paper and of a key, where anything could still come of the consent', () => {
    after(ask).when(bring).then(ended('material_brought'));
    after(ask, grant).when(bring).then(ended('material_brought'));
    after(ask, grant, redeem).when(bring).then(ended('material_brought'));
    after(ask, refuse).when(bring).then();
    after(ask)
      .when({ ...bring, now: late })
      .then();
    after(ask, grant).when(revoke).then(ended('phone_key_revoked'));
    after(ask, grant, redeem).when(revoke).then(ended('phone_key_revoked'));
    after(ask).when(revoke).then();
    after(ask, grant)
      .when({ ...revoke, jkts: ['another'] })
      .then();
    after(ask, grant, redeem)
      .when({ ...bring, material: 'ZZ002' })
      .then();
  });

  test('comes of the third time that nothing could be released', () => {
    const told = after(ask, grant, nothing, nothing).when(nothing).events();
    expect(told).toMatchObject([{ type: 'NothingReleased', data: { reading: 0, ends: true } }]);
    after(ask, grant, nothing, nothing, nothing).when(redeem).refuses('consent_ended');
  });
});

describe('a release', () => {
  test('is of the action and on the basis of its request, and happens once', () => {
    expect(after(ask, grant).when(redeem).events()).toMatchObject([
      {
        type: 'ConsentRedeemed',
        data: {
          action: 'read',
          basis: 'consent',
          readAgainUntil: '2026-11-22T08:30:00.000Z',
        },
      },
    ]);
    after(ask, grant, redeem).when(redeem).refuses('consent_spent');
    after(ask).when(redeem).refuses('consent_not_granted');
    after(ask, grant, withdraw).when(redeem).refuses('consent_withdrawn');
    after(ask, grant)
      .when({ ...redeem, now: late })
      .refuses('consent_expired');
  });

  test('is for its terminal and case, and within what was asked', () => {
    const book = after(ask, grant);
    const { redemption } = redeem;
    book
      .when({ ...redeem, by: { ...terminal, jkt: 'another' } })
      .refuses('consent_of_another_terminal');
    book
      .when({ ...redeem, redemption: { ...redemption, case: 'l' } })
      .refuses('consent_of_another_case');
    book.when({ ...redeem, allowed: [] }).refuses('ask_beyond_rule');
    book.when({ ...redeem, redemption: { ...redemption, read: [] } }).refuses('nothing_to_release');
    const more = read.map((each) => ({ ...each, fields: ['姓名', '住址'] }));
    book
      .when({ ...redeem, redemption: { ...redemption, read: more } })
      .refuses('fields_beyond_consent');
  });

  test('is read again for half an hour, each time counted', () => {
    expect(after(ask, grant, redeem, again).when(again).events()).toMatchObject([
      { data: { reading: 2, used: [{ certificate: 'x' }] } },
    ]);
    after(ask, grant).when(again).refuses('consent_not_redeemed');
    after(ask, grant, redeem)
      .when({ ...again, now: '2026-11-22T08:30:00.001Z' })
      .refuses('reading_again_over');
    after(ask, grant, redeem, bring).when(again).refuses('consent_ended');
    expect(
      after(ask, grant, redeem, again)
        .when({ ...nothing, again: true })
        .events(),
    ).toMatchObject([{ data: { reading: 2, ends: false } }]);
  });
});

describe('what is withheld', () => {
  const held = (reading: number): ConsentEvent => ({
    type: 'ReleaseWithheld',
    data: withhold(reading).withheld,
  });

  test('was released, or read again, before', () => {
    after(ask, grant, redeem).when(withhold(0)).then(held(0));
    after(ask, grant, redeem, again).when(withhold(1)).then(held(1));
    after(ask, grant, redeem, withdraw).when(withhold(0)).then(held(0));
    after(ask, grant, redeem, again, bring).when(withhold(1)).then(held(1));
  });

  test('is not withheld twice', () => {
    after(ask, grant, redeem, withhold(0)).when(withhold(0)).then();
    after(ask, grant, redeem, withdraw, withhold(0)).when(withhold(0)).then();
    after(ask, grant, redeem, again, withhold(1)).when(withhold(1)).then();
  });

  test('is refused where there is nothing to withhold', () => {
    given().when(withhold(0)).refuses('consent_absent');
    after(ask).when(withhold(0)).refuses('consent_not_redeemed');
    after(ask, refuse).when(withhold(0)).refuses('consent_not_redeemed');
    after(ask, grant).when(withhold(0)).refuses('consent_not_redeemed');
    after(ask, grant, withdraw).when(withhold(0)).refuses('consent_not_redeemed');
    after(ask, grant, redeem).when(withhold(1)).refuses('consent_not_redeemed');
    after(ask, grant, redeem, withdraw, withhold(0))
      .when(withhold(1))
      .refuses('consent_not_redeemed');
  });

  test('takes the release from the terminal, and a second reading alone leaves it', () => {
    after(ask, grant, redeem, withhold(0)).when(again).refuses('release_withheld');
    expect(after(ask, grant, redeem, again, withhold(1)).when(again).events()).toMatchObject([
      { type: 'ReleaseReadAgain', data: { reading: 2 } },
    ]);
  });
});
