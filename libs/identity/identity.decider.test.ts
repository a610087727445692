import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, type Decider } from '#libs/kernel';
import { TestKey } from '../../test/support/keys.js';
import {
  allScopes,
  clientKinds,
  type IdentityCommand,
  identityDecider,
  type IdentityEvent,
  type RegisterClientCommand,
  scopesOf,
} from './index.js';

const jwk = (kind?: 'P-256') => ({ ...new TestKey(kind).jwk });
const terminal = (more: Partial<RegisterClientCommand> = {}): RegisterClientCommand => ({
  do: 'register',
  client: 'c1',
  kind: 'terminal',
  name: '一楼3号终端',
  department: '人社',
  window: 'hall-1-03',
  town: null,
  authority: null,
  scopes: null,
  keys: [jwk()],
  ...more,
});
const authority = { creditCode: '11430112000000001P', name: '示例局', types: ['ZZ001'] };

const given = (...commands: readonly IdentityCommand[]) => {
  const events: IdentityEvent[] = [];
  for (const command of commands) events.push(...when(command, events));
  return events;
};
const when = (command: IdentityCommand, events: readonly IdentityEvent[]) =>
  identityDecider.decide(
    command,
    fold(identityDecider as Decider<never, ReturnType<typeof state>, IdentityEvent>, events),
  );
const state = (events: readonly IdentityEvent[]) => fold(identityDecider, events);
const refused = (command: IdentityCommand, events: readonly IdentityEvent[]): unknown => {
  try {
    when(command, events);
  } catch (error) {
    return (error as { code: unknown }).code;
  }
  return 'accepted';
};

describe('registration', () => {
  test('gives a client everything that its kind may, where nothing else is said', () => {
    const [event] = given(terminal());
    expect(event).toMatchObject({
      type: 'ClientRegistered',
      data: { scopes: scopesOf('terminal'), window: 'hall-1-03' },
    });
  });

  test('keeps of a key what defines it, with its thumbprint and algorithm', () => {
    const key = new TestKey('P-256');
    const [event] = given(terminal({ keys: [{ ...key.jwk, kid: 'mine', ext: true }] }));
    expect(event?.data).toMatchObject({ keys: [{ kid: key.jkt, alg: 'ES256' }] });
    expect(JSON.stringify(event)).not.toContain('mine');
  });

  test('gives a department without a window nothing that happens at one', () => {
    const [event] = given(terminal({ kind: 'department', window: null }));
    expect(event?.data).toMatchObject({ scopes: ['matters:read', 'statistics:read'] });
  });

  test.each([
    ['of an id that is taken', terminal(), 'client_exists', [terminal()]],
    ['of a terminal that stands nowhere', terminal({ window: null }), 'client_window_missing', []],
    ['of a client without a key', terminal({ keys: [] }), 'client_keys_missing', []],
    [
      'of a department that pulls releases at no window',
      terminal({ kind: 'department', window: null, scopes: ['releases:pull'] }),
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
      terminal({ kind: 'issuing-authority', authority: { ...authority, types: [] } }),
      'client_authority_types_missing',
      [],
    ],
    [
      'of an authority without a code',
      terminal({ kind: 'issuing-authority' }),
      'client_authority_missing',
      [],
    ],
  ] as const)('%s is refused', (_, command, code, before) => {
    expect(refused(command, given(...before))).toBe(code);
  });

  test('of the same key twice is refused', () => {
    const key = jwk();
    expect(refused(terminal({ keys: [key, { ...key, kid: 'other' }] }), [])).toBe(
      'client_key_twice',
    );
  });

  test('never gives a scope that the kind may not hold', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...clientKinds),
        fc.subarray([...allScopes]),
        fc.boolean(),
        (kind, scopes, atWindow) => {
          const command = terminal({
            kind,
            scopes,
            window: atWindow ? 'w' : null,
            authority: kind === 'issuing-authority' ? authority : null,
            keys: [
              { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
            ],
          });
          if (refused(command, []) !== 'accepted') return;
          const [event] = given(command);
          if (event?.type !== 'ClientRegistered') throw new Error('not registered');
          for (const scope of event.data.scopes) expect(scopesOf(kind)).toContain(scope);
          for (const scope of event.data.scopes) expect(scopes).toContain(scope);
        },
      ),
    );
  });
});

describe('a key that is rotated in', () => {
  test('takes the place of all others at once', () => {
    const [a, b, c] = [new TestKey(), new TestKey(), new TestKey('P-256')];
    const events = given(terminal({ keys: [{ ...a.jwk }, { ...b.jwk }] }), {
      do: 'rotate-key',
      client: 'c1',
      jwk: { ...c.jwk },
    });
    expect(events[1]).toMatchObject({
      type: 'ClientKeyRotated',
      data: { retired: [a.jkt, b.jkt] },
    });
    expect(state(events)).toMatchObject({ keys: [{ kid: c.jkt }], retired: [a.jkt, b.jkt] });
  });

  test('and was the only one before changes nothing', () => {
    const key = jwk();
    const events = given(terminal({ keys: [key] }));
    expect(when({ do: 'rotate-key', client: 'c1', jwk: key }, events)).toEqual([]);
  });

  test('does not come back after it was retired', () => {
    const [old, next] = [jwk(), jwk()];
    const events = given(terminal({ keys: [old] }), { do: 'rotate-key', client: 'c1', jwk: next });
    expect(refused({ do: 'rotate-key', client: 'c1', jwk: old }, events)).toBe(
      'client_key_retired',
    );
  });

  test('is refused for a disabled client, and for one that nobody knows', () => {
    const events = given(terminal(), { do: 'disable', client: 'c1', reason: 'lost', by: 'admin' });
    expect(refused({ do: 'rotate-key', client: 'c1', jwk: jwk() }, events)).toBe('client_disabled');
    expect(refused({ do: 'rotate-key', client: 'c1', jwk: jwk() }, [])).toBe('client_unknown');
  });
});

describe('disabling', () => {
  const disable = { do: 'disable', client: 'c1', reason: 'lost', by: 'admin' } as const;

  test('and enabling say nothing when nothing changes', () => {
    const registered = given(terminal());
    expect(when({ do: 'enable', client: 'c1', reason: 'returned' }, registered)).toEqual([]);
    expect(when(disable, given(terminal(), disable))).toEqual([]);
    expect(state(given(terminal(), disable)).status).toBe('disabled');
  });

  test('oneself is refused', () => {
    expect(refused({ ...disable, by: 'c1' }, given(terminal()))).toBe('client_is_own');
  });
});
