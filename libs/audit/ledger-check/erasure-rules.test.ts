import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import { actingKeyOf } from '../../../test/support/acting-key.js';
import type { RuleInput } from './rule-input.js';
import { RecordRules } from './record-rules.js';

const day = (n: number, hour = 8) =>
  `2026-11-${String(n).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000Z`;
const stream = 'subject-s';

/** A ledger as it grows: each record is the next leaf. */
class Ledger {
  readonly #rules = new RecordRules('city.example', () => undefined);
  #leaf = 0;

  say(type: string, said: JsonObject, at = stream): this {
    const statement: RuleInput = [this.#leaf++, at, 0, type, said];
    this.#rules.take(statement);
    return this;
  }

  register(client: string, actor: string, { kind = 'administrator', key = client } = {}): this {
    return this.say(
      'ClientRegistered',
      {
        actor,
        kind,
        scopes: kind === 'administrator' ? ['subjects:erase'] : [],
        keys: [{ kid: `key of ${key}`, jwk: {}, proof: null, alg: 'EdDSA' }],
        time: day(1),
      },
      `client-${client}`,
    );
  }

  give(client: string, actor: string, { key = '', retired = client, time = day(11) } = {}): this {
    return this.say(
      'ClientKeyRotated',
      {
        actor,
        added: { kid: `key of ${key}`, jwk: {}, proof: null, alg: 'EdDSA' },
        retired: [`key of ${retired}`],
        approval: null,
        time,
      },
      `client-${client}`,
    );
  }

  disable(client: string, actor: string, time = day(11)): this {
    return this.say('ClientDisabled', { actor, time }, `client-${client}`);
  }

  request(by: string, more: JsonObject = {}): this {
    return this.say('ErasureRequested', {
      actor: by,
      by,
      requestedWith: actingKeyOf(by),
      erasure: 'x',
      expires: day(30),
      time: day(10),
      ...more,
    });
  }

  approve(by: string, more: JsonObject = {}): this {
    return this.say('ErasureApproved', {
      actor: by,
      by,
      approvedWith: actingKeyOf(by),
      erasure: 'x',
      time: day(12),
      ...more,
    });
  }

  erase(): this {
    return this.say('SubjectErased', { erasure: 'x' });
  }

  /** Findings about the keys themselves belong to other rules. */
  get found(): readonly string[] {
    return this.#rules.findings
      .map(({ what }) => what)
      .filter((what) => what.startsWith('erasure'));
  }
}
/** A and B of the city, C and D registered by them, and a client that is no administrator. */
const ledger = () =>
  new Ledger()
    .register('A', 'city')
    .register('B', 'city')
    .register('C', 'A')
    .register('D', 'B')
    .register('auditor', 'A', { kind: 'auditor' });
const withKey = (key: string) => ({ kid: `key of ${key}`, registrars: [], clientVersion: 0 });

describe('an erasure in a ledger', () => {
  test.each<[string, Ledger]>([
    ['two whom the city admitted', ledger().request('A').approve('B').erase()],
    ['one and whom the other registered', ledger().request('A').approve('D').erase()],
    [
      'who gave itself a key since',
      ledger().request('A').give('A', 'A', { key: 'A2' }).approve('B'),
    ],
    [
      'an approver who gave up its key in the same minute',
      ledger()
        .request('A')
        .give('B', 'B', { key: 'B2', time: day(12) })
        .approve('B'),
    ],
    [
      'who was disabled in the same minute',
      ledger().request('D').disable('D', 'A', day(12)).approve('A'),
    ],
  ])('is as it must be by %s', (_, { found }) => {
    expect(found).toEqual([]);
  });

  test.each<[string, Ledger]>([
    ['that nobody asked for', ledger().approve('B').erase()],
    ['that nobody approved', ledger().request('A').erase()],
    ['that was done twice', ledger().request('A').approve('B').erase().erase().approve('B')],
    ['by one administrator', ledger().request('A').approve('A')],
    ['by another than it says', ledger().request('A').approve('B', { by: 'D' })],
    ['by who is no administrator', ledger().request('A').approve('auditor')],
    ['by nobody of the register', ledger().request('Z').approve('B')],
    [
      'that was taken back',
      ledger().request('A').say('ErasureWithdrawn', { erasure: 'x' }).approve('B'),
    ],
    [
      'that had expired',
      ledger()
        .request('A')
        .approve('B', { time: day(30) }),
    ],
    [
      'with a key of another',
      ledger()
        .request('A')
        .approve('B', { approvedWith: withKey('D') }),
    ],
    [
      'with a key that was given up long before',
      ledger().request('A').give('B', 'B', { key: 'B2' }).approve('B'),
    ],
    ['whose records name no keys', ledger().request('A', { requestedWith: null }).approve('B')],
    ['of who was disabled since', ledger().request('D').disable('D', 'A').approve('A')],
    [
      'of whom the other gave a key since, as the operator of the machine did',
      ledger()
        .give('B', 'A', { key: 'A-as-B', time: day(9) })
        .request('B', { requestedWith: withKey('A-as-B') })
        .give('B', 'city', { key: 'B3', retired: 'A-as-B' })
        .approve('A'),
    ],
    [
      'of whom another gave a key since',
      ledger().request('C').give('C', 'B', { key: 'C2' }).approve('A'),
    ],
  ])('is found %s', (_, { found }) => {
    expect(new Set(found)).toEqual(new Set(['erasure_not_approved']));
  });

  test.each<[string, Ledger]>([
    ['one registered the other', ledger().request('C').approve('A')],
    [
      'one gave the other its key',
      ledger()
        .give('B', 'A', { key: 'A-as-B' })
        .request('A')
        .approve('B', { approvedWith: withKey('A-as-B') }),
    ],
    [
      'a record says so itself',
      ledger()
        .request('A')
        .approve('B', { approvedWith: actingKeyOf('B', ['A']) }),
    ],
    [
      'a giver had its key from the other when it gave it, whatever it was given since',
      ledger()
        .register('E', 'C')
        .give('C', 'B', { key: 'C2', time: day(3) })
        .request('E')
        .approve('A'),
    ],
    [
      'the key of the other was replaced in the same minute as the approval',
      ledger()
        .request('C')
        .give('C', 'B', { key: 'C2', time: day(12) })
        .approve('A'),
    ],
  ])('is found where %s', (_, { found }) => {
    expect(found).toEqual(['erasure_not_independent']);
  });
});
