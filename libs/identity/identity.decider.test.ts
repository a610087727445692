import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '#libs/kernel';
import { eventsOf, givenTo } from '../../test/support/given.js';
import { TestKey } from '../../test/support/keys.js';
import { allScopes, clientKinds, scopesOf } from './scopes.js';
import { clientKey } from './key-proof.js';
import {
  type IdentityCommand,
  identityDecider,
  type RegisterClientCommand,
  type VerifiedApproval,
} from './identity.decider.js';
import { type IdentityEvent } from './identity.events.js';

const keyOf = (key: TestKey) => clientKey({ ...key.jwk }, 'a proof');
const aKey = () => keyOf(new TestKey());
const newKey = (key = aKey(), approval: VerifiedApproval | null = null): IdentityCommand => ({
  kind: 'rotate-key',
  client: 'c1',
  by: 'a1',
  key,
  approval,
});
const terminal = (more: Partial<RegisterClientCommand> = {}): RegisterClientCommand => ({
  kind: 'register',
  client: 'c1',
  clientKind: 'terminal',
  name: '一楼3号终端',
  department: '人社',
  window: 'hall-1-03',
  town: null,
  authority: null,
  scopes: null,
  signIn: 'client',
  keys: [aKey()],
  ...more,
});
const authority = { creditCode: '11430112000000001P', name: '示例局', types: ['ZZ001'] };

const given = givenTo(identityDecider);
const after = (...commands: readonly IdentityCommand[]) => eventsOf(given, ...commands);
const state = (events: readonly IdentityEvent[]) => fold(identityDecider, events);

describe('registration', () => {
  test('gives a client everything that its kind may, where nothing else is said', () => {
    const [event] = after(terminal());
    expect(event).toMatchObject({
      type: 'ClientRegistered',
      data: { scopes: scopesOf('terminal'), window: 'hall-1-03' },
    });
  });

  test('keeps of a key what defines it, with its thumbprint and algorithm', () => {
    const key = new TestKey('P-256');
    const [event] = after(
      terminal({ keys: [clientKey({ ...key.jwk, kid: 'mine', ext: true }, 'a proof')] }),
    );
    expect(event?.data).toMatchObject({ keys: [{ kid: key.jkt, alg: 'ES256', proof: 'a proof' }] });
    expect(JSON.stringify(event)).not.toContain('mine');
  });

  test('gives a department without a window nothing that happens at one', () => {
    const [event] = after(terminal({ clientKind: 'department', window: null }));
    expect(event?.data).toMatchObject({ scopes: ['matters:read', 'statistics:read'] });
  });

  test.each([
    ['of an id that is taken', terminal(), 'client_exists', [terminal()]],
    ['of a terminal that stands nowhere', terminal({ window: null }), 'client_window_missing', []],
    ['of a client without a key', terminal({ keys: [] }), 'client_keys_missing', []],
    [
      'of a department that pulls releases at no window',
      terminal({ clientKind: 'department', window: null, scopes: ['releases:pull'] }),
      'client_window_missing',
      [],
    ],
    [
      'of a terminal that issues certificates',
      terminal({ scopes: ['certificates:issue'] }),
      'client_scope_not_of_kind',
      [],
    ],
    ['of a terminal with an authority', terminal({ authority }), 'client_authority_unexpected', []],
    [
      'of an authority without types of its own',
      terminal({ clientKind: 'issuing-authority', authority: { ...authority, types: [] } }),
      'client_authority_types_missing',
      [],
    ],
    [
      'of an authority without a code',
      terminal({ clientKind: 'issuing-authority' }),
      'client_authority_missing',
      [],
    ],
  ] as const)('%s is refused', (_, command, code, before) => {
    given(...after(...before))
      .when(command)
      .refuses(code);
  });

  test('of the same key twice is refused', () => {
    const key = new TestKey();
    given()
      .when(terminal({ keys: [keyOf(key), keyOf(key)] }))
      .refuses('client_key_twice');
  });

  const someKey = aKey();
  test('never gives a scope that the kind may not hold', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...clientKinds),
        fc.subarray([...allScopes]),
        fc.boolean(),
        (kind, scopes, atWindow) => {
          const command = terminal({
            clientKind: kind,
            scopes,
            window: atWindow ? 'w' : null,
            authority: kind === 'issuing-authority' ? authority : null,
            keys: [someKey],
          });
          const decision = given().when(command);
          if (decision.refusal() !== null) return;
          const [event] = decision.events();
          if (event?.type !== 'ClientRegistered') throw new Error('not registered');
          for (const scope of event.data.scopes) expect(scopesOf(kind)).toContain(scope);
          for (const scope of event.data.scopes) expect(scopes).toContain(scope);
        },
      ),
    );
  });
});

describe('the types of an authority', () => {
  const police = terminal({ clientKind: 'issuing-authority', window: null, authority });
  const change = (add: readonly string[], remove: readonly string[] = []): IdentityCommand => ({
    kind: 'change-types',
    client: 'c1',
    add,
    remove,
  });

  test('are added and taken away, and what two administrators say at once stands together', () => {
    const events = after(police, change(['ZZ002']), change(['ZZ003'], ['ZZ001']));
    expect(events.slice(1).map(({ data }) => data)).toEqual([
      { types: ['ZZ001', 'ZZ002'] },
      { types: ['ZZ002', 'ZZ003'] },
    ]);
    expect(state(events)).toMatchObject({
      registered: { authority: { types: ['ZZ002', 'ZZ003'] } },
    });
  });

  test('are recorded once where nothing changes', () => {
    given(...after(police))
      .when(change(['ZZ001'], ['ZZ009']))
      .then();
  });

  test.each([
    ['to none', police, change([], ['ZZ001']), 'client_authority_types_missing'],
    [
      'to more than a registration takes',
      police,
      change(Array.from({ length: 200 }, (_, n) => `AA${String(n).padStart(3, '0')}`)),
      'client_authority_types_too_many',
    ],
    ['of a client that is none', terminal(), change(['ZZ001']), 'client_authority_unexpected'],
  ])('are not changed %s', (_, client, command, code) => {
    given(...after(client))
      .when(command)
      .refuses(code);
  });
});

describe('a key that is rotated in', () => {
  test('takes the place of all others at once', () => {
    const [a, b, c] = [new TestKey(), new TestKey(), new TestKey('P-256')];
    const events = after(terminal({ keys: [keyOf(a), keyOf(b)] }), newKey(keyOf(c)));
    expect(events[1]).toMatchObject({
      type: 'ClientKeyRotated',
      data: { retired: [a.jkt, b.jkt] },
    });
    expect(state(events)).toMatchObject({ keys: [{ kid: c.jkt }], retired: [a.jkt, b.jkt] });
  });

  test('and was the only one before changes nothing', () => {
    const key = aKey();
    given(...after(terminal({ keys: [key] })))
      .when(newKey(key))
      .then();
  });

  test('does not come back after it was retired', () => {
    const old = aKey();
    const events = after(terminal({ keys: [old] }), newKey());
    given(...events)
      .when(newKey(old))
      .refuses('client_key_retired');
  });

  const police = terminal({ clientKind: 'issuing-authority', window: null, authority });
  const [first] = police.keys;
  const approvedBy = (by: string, more: Partial<VerifiedApproval> = {}): VerifiedApproval => ({
    by,
    jws: 'signed',
    kid: first?.kid ?? '',
    sharedControl: [],
    requestedWith: null,
    approvedWith: null,
    ...more,
  });
  test.each([
    ['nobody vouches for it', null, 'client_key_unapproved'],
    [
      'a key that it no longer has',
      approvedBy('c1', { kid: 'other' }),
      'client_key_approver_unfit',
    ],
    [
      'an administrator whose key came through the hands of who asks',
      approvedBy('a2', { sharedControl: ['a1'] }),
      'client_key_approvers_not_independent',
    ],
    ['its old key', approvedBy('c1'), null],
    ['a second administrator', approvedBy('a2', { kid: 'of a2' }), null],
  ])('of an authority, for which stands: %s', (_, approval, refusal) => {
    const decision = given(...after(police)).when(newKey(aKey(), approval));
    expect(decision.refusal()).toBe(refusal);
  });

  test('of an authority keeps who vouched for it', () => {
    const [, rotated] = after(police, newKey(aKey(), approvedBy('a2')));
    expect(rotated?.data).toMatchObject({ approval: { by: 'a2', jws: 'signed' } });
  });

  test('is refused for a disabled client, and for one that nobody knows', () => {
    const events = after(terminal(), {
      kind: 'disable',
      client: 'c1',
      reason: 'lost',
      by: 'admin',
    });
    given(...events)
      .when(newKey())
      .refuses('client_disabled');
    given().when(newKey()).refuses('client_unknown');
  });
});

describe('disabling', () => {
  const disable = { kind: 'disable', client: 'c1', reason: 'lost', by: 'admin' } as const;

  test('and enabling say nothing when nothing changes', () => {
    const registered = after(terminal());
    given(...registered)
      .when({ kind: 'enable', client: 'c1', reason: 'returned' })
      .then();
    given(...after(terminal(), disable))
      .when(disable)
      .then();
    expect(state(after(terminal(), disable)).status).toBe('disabled');
  });

  describe('an administrator whom the city admitted', () => {
    const admitted = terminal({
      clientKind: 'administrator',
      window: null,
      keys: [clientKey({ ...new TestKey().jwk }, null)],
    });
    test('is refused to every other client, as is giving it a key', () => {
      const events = after(admitted);
      given(...events)
        .when(disable)
        .refuses('client_admitted_by_city');
      given(...events)
        .when(newKey())
        .refuses('client_admitted_by_city');
      const itself = given(...events).when({ ...newKey(), by: 'c1' } as IdentityCommand);
      expect(itself.refusal()).toBeNull();
    });

    test('stays refused once it gave itself a key', () => {
      const events = after(admitted, { ...newKey(), by: 'c1' } as IdentityCommand);
      given(...events)
        .when(disable)
        .refuses('client_admitted_by_city');
    });
  });

  test('oneself is refused', () => {
    given(...after(terminal()))
      .when({ ...disable, by: 'c1' })
      .refuses('client_is_own');
  });
});
