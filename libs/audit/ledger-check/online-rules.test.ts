import { describe, expect, test } from '@jest/globals';
import { canonicalize, type JsonObject } from '#libs/kernel';
import { TestKey } from '../../../test/support/keys.js';
import { RecordRules } from './record-rules.js';
import { checkSignature, type SignatureToCheck } from './signatures.js';

const time = '2026-11-22T08:00:00.000Z';
const phone = new TestKey('P-256');
const terms = { matter: 'SX0001', matterName: '灵活就业人员参保登记', department: '人社' };
const stream = 'case-AAAAAAAAAAAAAAAAAAAAAA';
const signed = {
  act: 'open',
  capacity: 'self',
  case: 'AAAAAAAAAAAAAAAAAAAAAA',
  ...terms,
  iat: 1,
};
const applicant = { subject: 'somebody', role: 'applicant', identifiedBy: 'key' };

/** What the rules find in these records, each of a stream of its own or the case's. */
class Ledger {
  readonly #toCheck: SignatureToCheck[] = [];
  readonly #rules = new RecordRules('city.example', (one) => this.#toCheck.push(one));
  readonly #versions = new Map<string, number>();
  #leaf = 0;

  say(at: string, type: string, said: JsonObject): this {
    const version = this.#versions.get(at) ?? 0;
    this.#versions.set(at, version + 1);
    this.#rules.take([this.#leaf++, at, version, type, { time, actor: 'city', ...said }]);
    return this;
  }

  window(client: string, department: string, window: string): this {
    const of = { kind: 'terminal', name: client, town: null, authority: null, scopes: [] };
    return this.say(`client-${client}`, 'ClientRegistered', {
      ...of,
      department,
      window,
      keys: [],
    });
  }

  enrol(): this {
    const { jkt } = phone;
    return this.say('subject-somebody', 'PhoneKeyOffered', {
      jkt,
      jwk: phone.jwk as JsonObject,
    }).say('subject-somebody', 'PhoneEnrolled', { jkt });
  }

  revoke(): this {
    const said = { caller: 'somebody', jkt: phone.jkt };
    return this.say('subject-somebody', 'PhoneKeyRevoked', said);
  }

  apply(change: JsonObject = {}, payload: object = {}, key = phone): this {
    return this.say(stream, 'CaseOpenedOnline', {
      ...terms,
      caller: 'somebody',
      participants: [applicant],
      method: 'jws',
      jkt: phone.jkt,
      jws: key.sign({ typ: 'case-application+jws' }, canonicalize({ ...signed, ...payload })),
      ...change,
    });
  }

  take(actor = 'one', window = 'hall-1-03'): this {
    return this.say(stream, 'CaseTaken', { actor, window });
  }

  giveBack(actor = 'one', window = 'hall-1-03', at = time): this {
    return this.say(stream, 'CaseReturned', { actor, window, time: at });
  }

  /** A request without a number, its grant not judged, and the release. */
  release(caseVersion: number): this {
    const consent = 'consent';
    const book = 'book-somebody';
    const asks = [{ material: 'M', answers: [{ type: 'ZZ001', fields: ['name'] }] }];
    const about = { consent, case: stream.slice(5), action: 'read', basis: 'consent' };
    this.say(book, 'ConsentRequested', { ...about, role: 'applicant', asks, hash: '' });
    return this.say(book, 'ConsentRedeemed', {
      ...about,
      caseVersion,
      read: [{ material: 'M', certificate: 'c', type: 'ZZ001', fields: ['name'] }],
    });
  }

  get found(): readonly string[] {
    return [
      ...this.#rules.findings.map(({ what }) => what),
      ...this.#toCheck.flatMap((one) => checkSignature(one)?.what ?? []),
    ];
  }
}

const begun = () =>
  new Ledger().window('one', '人社', 'hall-1-03').window('two', '民政', 'hall-2-01').enrol();
/** The release of a scene is without a grant, which other rules tell. */
const besideGrant = ({ found }: Ledger) => found.filter((what) => what !== 'release_without_grant');

describe('a case opened online', () => {
  test('by the key of its applicant, taken by a window of its department, is as it must be', () => {
    expect(begun().apply().take().found).toEqual([]);
    expect(besideGrant(begun().apply().take().release(1))).toEqual([]);
    expect(begun().apply().say(stream, 'CaseWithdrawn', { caller: 'somebody' }).found).toEqual([]);
  });

  test('by a key that was taken back in the same moment, or afterwards, is as it must be', () => {
    expect(begun().revoke().apply().found).toEqual([]);
    expect(begun().apply().revoke().found).toEqual([]);
  });

  test('given back and taken again, is at the window that has it', () => {
    expect(begun().apply().take().giveBack().take().giveBack().take().found).toEqual([]);
    expect(besideGrant(begun().apply().take().giveBack().take().release(3))).toEqual([]);
    // Decided before the case was given back: withheld, or told by the doubt at the end.
    expect(besideGrant(begun().apply().take().giveBack().release(1))).toEqual([]);
    expect(besideGrant(begun().apply().take().giveBack().take().release(1))).toEqual([]);
    for (const seen of [0, 2])
      expect(besideGrant(begun().apply().take().giveBack().release(seen))).toEqual([
        'release_without_open_case',
      ]);
  });

  test('given back long after data were released for it, is told', () => {
    const at = (later: string) =>
      besideGrant(begun().apply().take().release(1).giveBack('one', 'hall-1-03', later));
    expect(at('2026-11-22T08:00:30.000Z')).toEqual([]);
    expect(at('2026-11-22T08:05:00.000Z')).toEqual(['case_returned_after_release']);
  });

  test.each<[string, (ledger: Ledger) => Ledger, string]>([
    ['given back that no window had', (l) => l.apply().giveBack(), 'case_returned_untaken'],
    ['given back twice', (l) => l.apply().take().giveBack().giveBack(), 'case_returned_untaken'],
    [
      'given back after it was withdrawn',
      (l) => l.apply().take().say(stream, 'CaseWithdrawn', { caller: 'somebody' }).giveBack(),
      'case_returned_untaken',
    ],
    [
      'given back by another window',
      (l) => l.window('three', '人社', 'hall-1-04').apply().take().giveBack('three', 'hall-1-04'),
      'case_returned_elsewhere',
    ],
    [
      'given back under another window than the terminal’s',
      (l) => l.apply().take().giveBack('two'),
      'case_returned_elsewhere',
    ],
    ['by a key that nobody enrolled', (l) => l.apply({ jkt: 'other' }), 'case_key_unknown'],
    ['by a proof of another kind', (l) => l.apply({ method: 'face' }), 'case_key_unknown'],
    [
      'by a key that had been taken back',
      (l) => l.revoke().apply({ time: '2026-11-22T08:05:00.000Z' }),
      'case_key_revoked',
    ],
    ['signed by another key', (l) => l.apply({}, {}, new TestKey('P-256')), 'case_signature'],
    [
      'whose signature opened another case',
      (l) => l.apply({}, { case: 'BBBBBBBBBBBBBBBBBBBBBB' }),
      'case_of_other_application',
    ],
    [
      'for another matter than was signed',
      (l) => l.apply({ matter: 'SX0002' }),
      'case_of_other_application',
    ],
    [
      'for another department than was signed',
      (l) => l.apply({ department: '民政' }),
      'case_of_other_application',
    ],
    [
      'in the name of another',
      (l) => l.apply({ participants: [{ ...applicant, subject: 'another' }] }),
      'applicant_not_caller',
    ],
    [
      'with a second participant',
      (l) => l.apply({ participants: [applicant, { ...applicant, role: 'spouse' }] }),
      'applicant_not_caller',
    ],
    ['that two windows took', (l) => l.apply().take().take(), 'case_taken_twice'],
    [
      'taken after it was withdrawn',
      (l) => l.apply().say(stream, 'CaseWithdrawn', { caller: 'somebody' }).take(),
      'case_taken_twice',
    ],
    [
      'taken by a window of another department',
      (l) => l.apply().take('two', 'hall-2-01'),
      'case_taken_elsewhere',
    ],
    [
      'taken under another window than the terminal’s',
      (l) => l.apply().take('one', 'hall-9-99'),
      'case_taken_elsewhere',
    ],
    [
      'withdrawn by another',
      (l) => l.apply().say(stream, 'CaseWithdrawn', { caller: 'another' }),
      'applicant_not_caller',
    ],
  ])('%s, is told', (_, steps, what) => {
    expect(steps(begun()).found).toEqual([what]);
  });

  test('that a window opened is taken by none', () => {
    const ledger = begun().say(stream, 'CaseOpened', {
      participants: [{ ...applicant, identifiedBy: 'number' }],
    });
    expect(ledger.take().found).toEqual(['case_taken_twice']);
  });

  test('releases nothing before a window took it', () => {
    expect(besideGrant(begun().apply().release(0))).toEqual(['release_without_open_case']);
    expect(besideGrant(begun().apply().take().release(0))).toEqual(['release_without_open_case']);
  });

  test('spares the number of its own applicant, and a case of a window does not', () => {
    const atWindow = begun().say(stream, 'CaseOpened', { participants: [applicant] });
    expect(atWindow.release(0).found).toContain('consent_number_missing');
    expect(begun().apply().take().release(1).found).not.toContain('consent_number_missing');
  });
});
