import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { canonicalize, type JsonObject, type JsonValue } from '#libs/kernel';
import { bookOf, passkeyStatementType } from '#libs/subject';
import { grantChallenge, grantType, matchCommitment } from '#libs/verify';
import { SoftwareAuthenticator, type WrongAnswer } from '../../../test/support/authenticator.js';
import { TestKey } from '../../../test/support/keys.js';
import type { FindingCode } from './finding.js';
import { RecordRules } from './record-rules.js';
import { ruleInputOf, type RuleInput } from './rule-input.js';
import { checkSignature } from './signatures.js';

const id = () => randomBytes(16).toString('base64url');
const at = (minute: number) => `2026-11-22T08:${String(minute).padStart(2, '0')}:00.000Z`;
const nextWeek = '2026-11-29T08:00:00.000Z';

/** A ledger as it grows: a holder, a phone with a passkey, and one consent. */
class Ledger {
  readonly #found: FindingCode[] = [];
  readonly #rules = new RecordRules('city.example', (signature) => {
    const finding = checkSignature(signature);
    if (finding !== null) this.#found.push(finding.what);
  });
  #leaf = 0;
  readonly subject = id();
  readonly phone = new TestKey('P-256');
  readonly passkey = new SoftwareAuthenticator('https://ledger.city.example');
  readonly jkt = this.passkey.jkt;
  readonly #match = { digits: '37', salt: randomBytes(32).toString('base64url') };
  #consent = id();
  readonly #case = id();
  readonly #noticeHash = randomBytes(32).toString('base64url');

  say(stream: string, type: string, data: JsonObject, time = at(0)): this {
    const record = {
      city: 'city.example',
      id: '',
      version: 0,
      prev: null,
      v: 1 as const,
      schema: 1,
    };
    const body = { ...record, stream, type, time, actor: { client: 'window-7' }, data };
    const input = ruleInputOf(body, this.#leaf++) ?? 'null';
    this.#rules.take(JSON.parse(input) as RuleInput);
    return this;
  }

  #ofSubject(type: string, data: JsonObject, time?: string): this {
    return this.say(`subject-${this.subject}`, type, data, time);
  }

  enrol(key = this.phone): this {
    const { jkt } = key;
    return this.#ofSubject('PhoneKeyOffered', { jkt, jwk: key.jwk as JsonObject }).#ofSubject(
      'PhoneEnrolled',
      { jkt },
    );
  }

  addPasskey(changed: JsonObject = {}, signed: JsonObject = {}, by = this.phone): this {
    const { jkt } = this;
    const said = {
      credential: this.passkey.credential.toString('base64url'),
      jkt,
      rpId: 'city.example',
    };
    const statement = by.sign(
      { typ: passkeyStatementType, kid: by.jkt },
      { ...said, iat: 1, ...signed },
    );
    const jwk = this.passkey.jwk as JsonObject;
    return this.#ofSubject('PasskeyEnrolled', {
      ...said,
      jwk,
      phone: by.jkt,
      statement,
      ...changed,
    });
  }

  revoke(type: 'PhoneKeyRevoked' | 'PasskeyRevoked', time = at(0)): this {
    const jkt = type === 'PasskeyRevoked' ? this.jkt : this.phone.jkt;
    return this.#ofSubject(type, { jkt, caller: this.subject, reason: 'lost' }, time);
  }

  ask(): this {
    const consent = (this.#consent = id());
    this.say(`case-${this.#case}`, 'CaseOpened', { case: this.#case, participants: [] });
    return this.#book('ConsentRequested', {
      consent,
      case: this.#case,
      role: 'applicant',
      action: 'read',
      basis: 'consent',
      match: { commitment: matchCommitment(consent, this.#match) },
      asks: [{ material: 'M1', answers: [{ type: 'ZZ001', fields: ['name'] }] }],
      notice: { hash: this.#noticeHash },
    });
  }

  #book(type: string, data: JsonObject, time?: string): this {
    return this.say(bookOf(this.subject), type, data, time);
  }

  #grant(proof: JsonObject, time?: string): this {
    const { subject: caller } = this;
    const said = { consent: this.#consent, caller, capacity: 'self', match: { ...this.#match } };
    return this.#book('ConsentGranted', { ...said, proof }, time);
  }

  #terms(): Readonly<Record<'capacity' | 'case' | 'consent' | 'digits' | 'noticeHash', JsonValue>> {
    const [consent, noticeHash] = [this.#consent, this.#noticeHash];
    return { capacity: 'self', case: this.#case, consent, digits: '37', noticeHash };
  }

  grantByPhone(time?: string, by = this.phone): this {
    const signed = canonicalize({ answer: 'grant', iat: 1, ...this.#terms() });
    const jws = by.sign({ typ: grantType }, signed);
    return this.#grant({ method: 'jws', jws, jkt: by.jkt }, time);
  }

  grantByPasskey(
    wrong: WrongAnswer & { readonly terms?: JsonObject; readonly by?: SoftwareAuthenticator } = {},
    time?: string,
  ): this {
    const { terms, by = this.passkey, ...different } = wrong;
    const challenge = grantChallenge({ ...this.#terms(), ...terms });
    const given = by.grant({ challenge, rpId: 'city.example' }, '37', different);
    const { credentialId, authenticatorData, clientDataJSON, signature } = given;
    const proof = { credentialId, authenticatorData, clientDataJSON, signature, jkt: this.jkt };
    return this.#grant({ ...proof, method: 'webauthn' }, time);
  }

  end(): this {
    return this.#book('ConsentEnded', { consent: this.#consent, reason: 'phone_key_revoked' });
  }

  redeem(time?: string): this {
    const read = { material: 'M1', type: 'ZZ001', certificate: 'c', fields: ['name'] };
    const said = { consent: this.#consent, case: this.#case, caseVersion: 0 };
    const terms = { action: 'read', basis: 'consent' };
    return this.#book('ConsentRedeemed', { ...said, ...terms, read: [read] }, time);
  }

  readAgain(time?: string): this {
    const used = { material: 'M1', type: 'ZZ001', certificate: 'c' };
    return this.#book(
      'ReleaseReadAgain',
      { consent: this.#consent, reading: 1, used: [used] },
      time,
    );
  }

  withhold(reading = 0): this {
    return this.#book('ReleaseWithheld', { consent: this.#consent, reading });
  }

  get verdict() {
    const notes = this.#rules.finish().map(({ what }) => what);
    return {
      found: [...this.#rules.findings.map(({ what }) => what), ...this.#found],
      noted: notes,
    };
  }
}

const begun = () => new Ledger().enrol().addPasskey().ask();
const clean = { found: [], noted: [] };

describe('a grant by a passkey', () => {
  test('holds where its phone signed for it, and it signed what was asked', () => {
    const ledger = begun().grantByPasskey().redeem().readAgain();
    expect(ledger.ask().grantByPasskey().redeem().verdict).toEqual(clean);
  });

  test.each<[string, FindingCode, Parameters<Ledger['grantByPasskey']>[0]]>([
    ['signed over another text', 'grant_of_other_request', { terms: { noticeHash: 'x' } }],
    ['signed over another case', 'grant_of_other_request', { terms: { case: 'x' } }],
    ['signed over another number', 'grant_of_other_request', { terms: { digits: '38' } }],
    ['signed over no number', 'grant_of_other_request', { terms: { digits: null } }],
    ['on a page of another site', 'grant_of_other_site', { origin: 'https://evil.example' }],
    ['on a page without https', 'grant_of_other_site', { origin: 'http://ledger.city.example' }],
    ['for another RP ID', 'grant_of_other_site', { rpId: 'ledger.city.example' }],
    ['inside another page', 'grant_of_other_site', { crossOrigin: true }],
    ['without a test of its user', 'grant_user_not_verified', { userVerified: false }],
    ['that made a passkey instead', 'grant_signature', { type: 'webauthn.create' }],
    [
      'by another key',
      'grant_signature',
      { by: new SoftwareAuthenticator('https://city.example') },
    ],
  ])('is found where it is %s', (_, what, wrong) => {
    expect(begun().grantByPasskey(wrong).verdict).toEqual({ found: [what], noted: [] });
  });

  test('is found where its counter did not grow', () => {
    const ledger = begun().grantByPasskey({ counter: 7 }).ask();
    expect(ledger.grantByPasskey({ counter: 7 }).verdict.found).toEqual(['grant_counter_behind']);
  });

  test('is found where no such passkey was added', () => {
    const ledger = new Ledger().enrol().ask().grantByPasskey();
    expect(ledger.verdict.found).toEqual(['grant_key_unknown']);
  });

  test.each<[string, FindingCode, (ledger: Ledger) => Ledger]>([
    ['another credential', 'passkey_not_proved', (l) => l.addPasskey({ credential: 'x' })],
    ['another RP ID', 'passkey_not_proved', (l) => l.addPasskey({ rpId: 'x.example' })],
    ['another key', 'passkey_not_proved', (l) => l.addPasskey({ jkt: new TestKey().jkt })],
    ['nothing that its phone signed', 'passkey_not_proved', (l) => l.addPasskey({ statement: '' })],
    [
      'a phone that is not enrolled',
      'passkey_without_phone',
      (l) => l.addPasskey({}, {}, new TestKey()),
    ],
    [
      'a phone that was taken back',
      'passkey_without_phone',
      (l) => l.revoke('PhoneKeyRevoked').addPasskey(),
    ],
  ])('is by no passkey that was added with %s', (_, what, add) => {
    expect(add(new Ledger().enrol()).verdict.found).toEqual([what]);
  });
});

describe('a key that was taken back', () => {
  const byPhone = (time?: string) => (ledger: Ledger) => ledger.grantByPhone(time);
  const byPasskey = (time?: string) => (ledger: Ledger) => ledger.grantByPasskey({}, time);

  test.each([
    ['a phone’s key', 'PhoneKeyRevoked', byPhone],
    ['a passkey', 'PasskeyRevoked', byPasskey],
    ['a passkey with its phone', 'PhoneKeyRevoked', byPasskey],
  ] as const)('grants nothing afterwards: %s', (_, revoked, grant) => {
    const later = grant(at(2))(begun().revoke(revoked, at(0)));
    expect(later.verdict.found).toEqual(['grant_key_revoked']);
    const nextDay = grant(at(0))(
      begun().revoke(revoked, at(0)).say('case-other', 'CaseClosed', {}, nextWeek),
    );
    expect(nextDay.verdict.found).toEqual(['grant_key_revoked']);
  });

  test('may have granted at the same moment, which its end shows to have come to nothing', () => {
    const crossed = begun().revoke('PhoneKeyRevoked', at(0)).grantByPhone(at(0)).end();
    expect(crossed.verdict).toEqual(clean);
  });

  test('of another phone takes nothing from this one', () => {
    const [ledger, other] = [begun(), new TestKey()];
    expect(
      ledger.enrol(other).revoke('PhoneKeyRevoked').grantByPhone(at(9), other).redeem().verdict,
    ).toEqual(clean);
  });

  test('releases nothing that it granted before, though nobody recorded the end', () => {
    for (const granted of [begun().grantByPhone(), begun().grantByPasskey()]) {
      const ledger = granted.revoke('PhoneKeyRevoked', at(1));
      expect(ledger.redeem(at(9)).verdict.found).toEqual(['release_key_revoked']);
    }
    const again = begun().grantByPhone().redeem().revoke('PhoneKeyRevoked', at(1));
    expect(again.readAgain(at(9)).verdict.found).toEqual(['release_key_revoked']);
  });

  test('crosses a release at the same moment: withheld it is nothing, and else it is noted', () => {
    const crossed = () => begun().grantByPhone().revoke('PhoneKeyRevoked', at(1)).redeem(at(1));
    expect(crossed().withhold().verdict).toEqual(clean);
    expect(crossed().verdict).toEqual({ found: [], noted: ['not_shown_withheld'] });
  });

  test('is shown where another than the holder is named as its caller', () => {
    const ledger = new Ledger().enrol().addPasskey();
    for (const type of ['PhoneKeyRevoked', 'PasskeyRevoked'])
      ledger.say('subject-another', type, { jkt: ledger.jkt, caller: ledger.subject });
    expect(ledger.verdict.found).toEqual(['caller_not_principal', 'caller_not_principal']);
  });
});
