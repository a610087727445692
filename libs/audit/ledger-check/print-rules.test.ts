import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import { bookOf } from '#libs/subject';
import { TestKey } from '../../../test/support/keys.js';
import type { FindingCode } from './finding.js';
import { RecordRules } from './record-rules.js';

const time = '2026-11-22T08:00:00.000Z';
const phone = new TestKey();
const book = bookOf('somebody');
const used = { material: 'ZM001', certificate: 'made', type: 'ZM001', fields: ['姓名'] };
const ours: readonly FindingCode[] = [
  'case_not_at_kiosk',
  'consent_action',
  'release_of_other_action',
  'certificate_not_demanded',
];

/** A print from its case to its release, with what a test changes in each record. */
class Ledger {
  readonly #rules = new RecordRules('city.example', () => undefined);
  readonly #versions = new Map<string, number>();
  #leaf = 0;

  say(at: string, type: string, said: JsonObject): this {
    const version = this.#versions.get(at) ?? 0;
    this.#versions.set(at, version + 1);
    this.#rules.take([this.#leaf++, at, version, type, { time, actor: 'city', ...said }]);
    return this;
  }

  client(client: string, kind: string): this {
    return this.say(`client-${client}`, 'ClientRegistered', {
      kind,
      name: client,
      department: '政务服务',
      window: 'kiosk-1',
      town: null,
      authority: null,
      scopes: [],
      keys: [],
    });
  }

  open(actor: string, more: JsonObject = { selfService: 'print' }): this {
    const participants = [{ subject: 'somebody', role: 'applicant', identifiedBy: 'code' }];
    return this.say('case-one', 'CaseOpened', { actor, participants, ...more });
  }

  ask(change: JsonObject = {}): this {
    return this.say(book, 'ConsentRequested', {
      consent: 'yes',
      case: 'one',
      role: 'applicant',
      action: 'print',
      basis: 'consent',
      asks: [{ material: 'ZM001', answers: [{ type: 'ZM001', fields: ['姓名'] }] }],
      hash: 'h',
      ...change,
    });
  }

  grant(): this {
    const { jkt } = phone;
    return this.say('subject-somebody', 'PhoneKeyOffered', { jkt, jwk: phone.jwk as JsonObject })
      .say('subject-somebody', 'PhoneEnrolled', { jkt })
      .say(book, 'ConsentGranted', {
        consent: 'yes',
        caller: 'somebody',
        capacity: 'self',
        match: null,
        method: 'jws',
        jkt,
        jws: '',
      });
  }

  make(demandedBy: JsonObject = { book, consent: 'yes' }, type = 'ZM001'): this {
    return this.say('certificate-made', 'CertificateIssued', {
      demandedBy,
      type,
      authority: 'code',
      number: 1,
      signed: 'a.b.c',
    });
  }

  redeem(action = 'print'): this {
    return this.say(book, 'ConsentRedeemed', {
      consent: 'yes',
      case: 'one',
      caseVersion: 0,
      action,
      basis: 'consent',
      read: [used],
    });
  }

  get found(): readonly FindingCode[] {
    return this.#rules.findings.map(({ what }) => what).filter((what) => ours.includes(what));
  }
}

const kiosk = () => new Ledger().client('kiosk', 'kiosk');

describe('a print, by its records', () => {
  test('holds, where a kiosk asked, the holder agreed, and the proof was made on that', () => {
    expect(kiosk().open('kiosk').ask().grant().make().redeem().found).toEqual([]);
  });

  test.each<[string, () => Ledger, FindingCode]>([
    [
      'of a window that opens what a kiosk does',
      () => new Ledger().client('window', 'terminal').open('window'),
      'case_not_at_kiosk',
    ],
    ['of an unknown client', () => new Ledger().open('nobody'), 'case_not_at_kiosk'],
    [
      'that is asked for in a case of a window',
      () => kiosk().open('kiosk', {}).ask(),
      'consent_action',
    ],
    [
      'whose case is asked for to be read',
      () => kiosk().open('kiosk').ask({ action: 'read' }),
      'consent_action',
    ],
    [
      'that is released to be read',
      () => kiosk().open('kiosk').ask().grant().redeem('read'),
      'release_of_other_action',
    ],
    ['made before the yes', () => kiosk().open('kiosk').ask().make(), 'certificate_not_demanded'],
    [
      'made on a consent that there is not',
      () => kiosk().open('kiosk').ask().grant().make({ book, consent: 'no' }),
      'certificate_not_demanded',
    ],
    [
      'made on a yes to another type',
      () => kiosk().open('kiosk').ask().grant().make(undefined, 'ZM002'),
      'certificate_not_demanded',
    ],
    [
      'made on a yes to read',
      () => kiosk().open('kiosk', {}).ask({ action: 'read' }).grant().make(),
      'certificate_not_demanded',
    ],
  ])('%s is found', (_, ledger, what) => {
    expect(ledger().found).toEqual([what]);
  });
});
