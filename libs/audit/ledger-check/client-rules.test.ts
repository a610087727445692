import { describe, expect, test } from '@jest/globals';
import { keyApprovalType, newKeyProofType, registrationProofType } from '#libs/identity';
import type { JsonObject } from '#libs/kernel';
import { TestKey } from '../../../test/support/keys.js';
import { ClientRules, type ClientType } from './client-rules.js';
import { OperatorRules } from './operator-rules.js';

const city = 'trial.city.example';
const time = '2026-11-22T01:02:03.000Z';
const hoursLater = '2026-11-24T09:02:03.000Z';

const authority = { creditCode: '11430112000000001P', name: '示例局', types: ['ZZ001'] };

interface Telling {
  readonly actor?: string;
  readonly time?: string;
}

/** A register of clients built from records, with the findings of each. */
class Register {
  readonly #rules = new ClientRules(city, new OperatorRules(true));
  #now = time;
  readonly found: string[] = [];

  tell(client: string, type: ClientType, data: JsonObject, how: Telling = {}): void {
    const said = { ...data, actor: how.actor ?? 'a1', time: how.time ?? time };
    if (said.time > this.#now) this.#now = said.time;
    const at = { leaf: 0, stream: `client-${client}`, version: 0 };
    this.#rules.take(type, { at, said, found: (what) => this.found.push(what) }, this.#now);
  }

  /** An administrator whom the city admits. */
  admit(client: string, key = new TestKey(), more: JsonObject = {}, actor = 'city'): TestKey {
    const kind = 'administrator';
    const data = {
      ...details(kind, null),
      scopes: scopesFor(kind),
      ...more,
      keys: [kept(key, null)],
    };
    this.tell(client, 'ClientRegistered', data, { actor });
    return key;
  }

  registers(
    client: string,
    {
      kind = 'issuing-authority',
      of = kind === 'issuing-authority' ? authority : null,
      key = new TestKey(),
      wrong = {},
      more = {},
      actor = 'a1',
    }: {
      kind?: string;
      of?: JsonObject | null;
      key?: TestKey;
      wrong?: object;
      /** What is recorded besides. */
      more?: JsonObject;
      actor?: string;
    } = {},
  ): TestKey {
    const shown = details(kind, of);
    const proof = signed(key, registrationProofType, { ...shown, ...wrong });
    this.tell(
      client,
      'ClientRegistered',
      { ...shown, scopes: scopesFor(kind), ...more, keys: [kept(key, proof)] },
      { actor },
    );
    return key;
  }

  gives(
    client: string,
    old: TestKey,
    key: TestKey,
    approval: JsonObject | null = null,
    { proved = client, ...how }: Telling & { readonly proved?: string } = {},
  ): void {
    const added = kept(key, signed(key, newKeyProofType, { client: proved }));
    this.tell(client, 'ClientKeyRotated', { added, retired: [old.jkt], approval }, how);
  }
}

const details = (kind: string, of: JsonObject | null): JsonObject => ({
  kind,
  name: '示例',
  department: '示例',
  window: null,
  town: null,
  authority: of,
});
const scopesFor = (kind: string) => (kind === 'administrator' ? ['clients:manage'] : []);
const kept = ({ jkt: kid, alg, jwk }: TestKey, proof: string | null): JsonObject => ({
  kid,
  alg,
  jwk: jwk as JsonObject,
  proof,
});
const signed = (key: TestKey, typ: string, claims: object) =>
  key.sign({ typ, kid: key.jkt }, { aud: city, iat: Date.parse(time) / 1000, ...claims });
const acting = (key: TestKey): JsonObject => ({ kid: key.jkt, registrars: [], clientVersion: 0 });
/** @param asked the requester's key; none where the authority's own old key approves */
const approval = (
  by: string,
  key: TestKey,
  next: TestKey,
  asked: TestKey | null = null,
  client = 'c1',
): JsonObject => ({
  by,
  requestedWith: asked === null ? null : acting(asked),
  approvedWith: asked === null ? null : acting(key),
  jws: signed(key, keyApprovalType, { by, client, jkt: next.jkt }),
});

const whats = (play: (register: Register) => void): readonly string[] => {
  const register = new Register();
  play(register);
  return register.found;
};

describe('the register of clients in a ledger', () => {
  test.each<[string, (r: Register) => void]>([
    ['the city admits administrators by files', (r) => [r.admit('a1'), r.admit('a2')]],
    [
      'clients of every kind show their keys',
      (r) => [r.registers('c1'), r.registers('c2', { kind: 'auditor' })],
    ],
    [
      'an authority’s new key is signed by its old one',
      (r) => {
        const [old, next] = [r.registers('c1'), new TestKey('P-256')];
        r.gives('c1', old, next, approval('c1', old, next));
      },
    ],
    [
      'an authority’s new key is approved by a second administrator',
      (r) => {
        const [first, second] = [r.admit('a1'), r.admit('a2')];
        const [old, next] = [r.registers('c1'), new TestKey()];
        r.gives('c1', old, next, approval('a2', second, next, first));
      },
    ],
    [
      'the approver was disabled at the same moment',
      (r) => {
        const [first, second] = [r.admit('a1'), r.admit('a2')];
        const [old, next] = [r.registers('c1'), new TestKey()];
        r.tell('a2', 'ClientDisabled', {}, { actor: 'city' });
        r.gives('c1', old, next, approval('a2', second, next, first));
      },
    ],
    [
      'an administrator of the city gives itself a key, and the city another',
      (r) => {
        const [own, next, third] = [r.admit('a1'), new TestKey(), new TestKey()];
        r.gives('a1', own, next);
        r.tell(
          'a1',
          'ClientKeyRotated',
          { added: kept(third, null), retired: [next.jkt], approval: null },
          { actor: 'city' },
        );
        r.tell('a1', 'ClientEnabled', {}, { actor: 'city' });
      },
    ],
    [
      'a window gets a new key',
      (r) => {
        r.gives('c1', r.registers('c1', { kind: 'terminal' }), new TestKey());
      },
    ],
  ])('is as it must be where %s', (_, play) => {
    expect(whats(play)).toEqual([]);
  });

  test.each<[string, (r: Register) => void, readonly string[]]>([
    [
      'a key without a proof that the city did not admit',
      (r) => r.admit('a3', new TestKey(), {}, 'a1'),
      ['key_not_proved'],
    ],
    [
      'a key without a proof that is no administrator’s',
      (r) => r.admit('c1', new TestKey(), { kind: 'auditor' }),
      ['key_not_proved'],
    ],
    [
      'a key that was proved for a client of other details',
      (r) => r.registers('c1', { wrong: { name: '别的' } }),
      ['key_not_proved'],
    ],
    [
      'a key that was proved for another city',
      (r) => r.registers('c1', { wrong: { aud: 'other.example' } }),
      ['key_not_proved'],
    ],
    [
      'a new key that was proved for another client',
      (r) => {
        r.gives('c1', r.registers('c1', { kind: 'auditor' }), new TestKey(), null, {
          proved: 'c2',
        });
      },
      ['key_not_proved'],
    ],
    [
      'a new key of nobody',
      (r) => {
        r.gives('c1', new TestKey(), new TestKey());
      },
      ['key_not_proved'],
    ],
    [
      'one key of two clients',
      (r) => r.registers('c2', { kind: 'auditor', key: r.registers('c1', { kind: 'auditor' }) }),
      ['key_of_two_clients'],
    ],
    [
      'a key that another client had before',
      (r) => {
        const old = r.registers('c1', { kind: 'auditor' });
        r.gives('c1', old, new TestKey());
        r.registers('c2', { kind: 'auditor', key: old });
      },
      ['key_of_two_clients'],
    ],
    [
      'two authorities of one code',
      (r) => [r.registers('c1'), r.registers('c2')],
      ['authority_code_twice'],
    ],
    [
      'an authority’s new key for which nobody vouches',
      (r) => {
        r.gives('c1', r.registers('c1'), new TestKey());
      },
      ['authority_key_not_approved'],
    ],
    [
      'one that is vouched for by a key that was retired',
      (r) => {
        const [first, second, third] = [r.registers('c1'), new TestKey(), new TestKey()];
        r.gives('c1', first, second, approval('c1', first, second));
        r.gives('c1', second, third, approval('c1', first, third));
      },
      ['authority_key_not_approved'],
    ],
    [
      'one that is approved by who asks',
      (r) => {
        const first = r.admit('a1');
        const [old, next] = [r.registers('c1'), new TestKey()];
        r.gives('c1', old, next, approval('a1', first, next, first));
      },
      ['authority_key_not_independent'],
    ],
    [
      'one that is approved by an administrator whom the first registered',
      (r) => {
        const first = r.admit('a1');
        const puppet = r.registers('a2', { kind: 'administrator' });
        const [old, next] = [r.registers('c1'), new TestKey()];
        r.gives('c1', old, next, approval('a2', puppet, next, first));
      },
      ['authority_key_not_independent'],
    ],
    [
      'one that is approved by an administrator who was disabled long before',
      (r) => {
        const [first, second] = [r.admit('a1'), r.admit('a2')];
        const [old, next] = [r.registers('c1'), new TestKey()];
        r.tell('a2', 'ClientDisabled', {}, { actor: 'city' });
        r.gives('c1', old, next, approval('a2', second, next, first), { time: hoursLater });
      },
      ['authority_key_not_approved'],
    ],
    [
      'one that is approved by somebody who is no administrator',
      (r) => {
        const first = r.admit('a1');
        const [auditor, old] = [r.registers('c2', { kind: 'auditor' }), r.registers('c1')];
        const next = new TestKey();
        r.gives('c1', old, next, approval('c2', auditor, next, first));
      },
      ['authority_key_not_approved'],
    ],
    [
      'one that names another key of who asked than that one had',
      (r) => {
        const [, second] = [r.admit('a1'), r.admit('a2')];
        const [old, next] = [r.registers('c1'), new TestKey()];
        r.gives('c1', old, next, approval('a2', second, next, new TestKey()));
      },
      ['authority_key_not_approved'],
    ],
    [
      'one that names another key of who approved than the one that signed',
      (r) => {
        const [first, second] = [r.admit('a1'), r.admit('a2')];
        const [old, next, other] = [r.registers('c1'), new TestKey(), new TestKey()];
        const signed = approval('a2', second, next, first);
        r.gives('a2', second, other, null, { actor: 'a2' });
        const byOther = approval('a2', other, next, first);
        r.gives('c1', old, next, { ...byOther, approvedWith: signed['approvedWith'] ?? null });
      },
      ['authority_key_not_approved'],
    ],
    [
      'an administrator of the city whom another client disabled, or gave a key',
      (r) => {
        const [, second] = [r.admit('a1'), r.admit('a2')];
        r.tell('a2', 'ClientDisabled', {});
        r.tell('a2', 'ClientEnabled', {});
        r.gives('a2', second, new TestKey());
      },
      Array.from({ length: 3 }, () => 'admitted_administrator_changed'),
    ],
    [
      'a terminal for administration that acts by itself',
      (r) => {
        for (const signIn of ['operator', 'client'])
          r.registers(signIn, {
            kind: 'terminal',
            more: { signIn, scopes: ['clients:manage', 'matters:read'] },
          });
        r.registers('window', {
          kind: 'terminal',
          more: { signIn: 'client', scopes: ['cases:open'] },
        });
      },
      ['administration_without_operator'],
    ],
    [
      'one whose approval is of another key',
      (r) => {
        const [old, next] = [r.registers('c1'), new TestKey()];
        r.gives('c1', old, next, approval('c1', old, new TestKey()));
      },
      ['authority_key_not_approved'],
    ],
  ])('shows %s', (_, play, expected) => {
    expect(whats(play)).toEqual(expected);
  });
});
