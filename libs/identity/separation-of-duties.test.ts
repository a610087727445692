import { beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { execute, upcasting } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import { plusSeconds } from '#libs/kernel';
import { clientKey } from './key-proof.js';
import { clientStream, identityDecider } from './identity.decider.js';
import {
  type ActingAdministrator,
  type ActingKey,
  type IdentityEvent,
  identitySchemas,
} from './identity.events.js';
import { type Jwk } from './jws.js';
import { type OperatorEvent } from './operators/operators.events.js';
import { operatorRules, operatorStream } from './operators/operators.stream.js';
import {
  actingAdministrator,
  actingKey,
  type AdministratorsAct,
  independenceOf,
  requesterChanged,
} from './separation-of-duties.js';

const rules = { ...identityDecider, codec: upcasting<IdentityEvent>(identitySchemas) };
let store: MemoryEventStore;
let now: string;
/** The key that each client was given last. */
let keys: Map<string, string>;

const actor = (client: string, operator?: string) => ({
  client,
  ...(operator !== undefined && { operator }),
});
const name = { key: '', text: '' };
const invitation = { hash: '', expires: '2026-12-03T08:00:00.000Z' };
type ActingOperatorAt = AdministratorsAct & { readonly with: ActingAdministrator };
const tells = (
  who: string,
  operator: string,
  { by, ...event }: OperatorEvent & { readonly by?: string | undefined },
) =>
  execute(
    store,
    operatorStream(operator),
    { actor: actor(who, by), idempotencyKey: randomUUID(), seed: randomUUID(), now },
    operatorRules,
    () => [event],
  );
/** Appends what records may hold, also what the decider no longer allows. */
const says = (who: string, client: string, event: IdentityEvent, operator?: string) =>
  execute(
    store,
    clientStream(client),
    { actor: actor(who, operator), idempotencyKey: randomUUID(), seed: randomUUID(), now },
    rules,
    () => [event],
  );
function newKey(client: string, jwk?: Jwk) {
  const { publicKey } = generateKeyPairSync('ed25519');
  const key = clientKey(jwk ?? publicKey.export({ format: 'jwk' }), null);
  keys.set(client, key.kid);
  return key;
}
const registers = (who: string, client: string) => says(who, client, registration(client));
const registration = (client: string): IdentityEvent => ({
  type: 'ClientRegistered',
  data: {
    client,
    kind: 'administrator',
    name: client,
    department: '数据',
    window: null,
    town: null,
    authority: null,
    scopes: ['subjects:erase'],
    signIn: 'client',
    keys: [newKey(client)],
  },
});
const givesKey = (who: string, client: string, jwk?: Jwk) => {
  const before = keys.get(client) ?? '';
  const added = newKey(client, jwk);
  return says(who, client, {
    type: 'ClientKeyRotated',
    data: { added, retired: [before], approval: null },
  });
};
const disables = (who: string, client: string) =>
  says(who, client, { type: 'ClientDisabled', data: { reason: 'lost' } });
const enables = (who: string, client: string) =>
  says(who, client, { type: 'ClientEnabled', data: { reason: 'returned' } });
/** Past everything that may still have been under way. */
const later = () => {
  now = plusSeconds(now, 3600);
};

interface Acting {
  readonly client: string;
  readonly with: ActingKey;
}
const acts = async (client: string): Promise<Acting> => ({
  client,
  with: await actingKey(store, { client, jkt: keys.get(client) ?? '' }),
});
const independence = async (requester: Acting, approver: string) =>
  independenceOf(store, requester, await acts(approver));
const sharedControl = async (approver: string, requester: string) =>
  (await independence(await acts(requester), approver)).sharedControl;
const registrars = async (client: string) => (await acts(client)).with.registrars;

beforeEach(async () => {
  store = new MemoryEventStore('trial.city.example');
  now = '2026-11-22T08:00:00.000Z';
  keys = new Map();
  await registers('city', 'A');
  await registers('city', 'B');
});

describe('two administrators are in different hands', () => {
  test('where the city itself admitted both, whatever keys they gave themselves since', async () => {
    await givesKey('A', 'A');
    await givesKey('B', 'B');
    expect(await sharedControl('A', 'B')).toEqual([]);
    expect([await registrars('A'), await registrars('B')]).toEqual([[], []]);
  });

  test('and so are those whom one registered, and the other', async () => {
    await registers('A', 'P');
    await registers('B', 'Q');
    expect(await sharedControl('P', 'B')).toEqual([]);
    expect(await sharedControl('P', 'Q')).toEqual([]);
  });

  test('and again once the city admitted another key of one', async () => {
    await givesKey('A', 'B');
    expect(await sharedControl('A', 'B')).toEqual(['A']);
    await givesKey('city', 'B');
    expect(await sharedControl('A', 'B')).toEqual([]);
  });

  test('where a key was given before its giver fell into other hands', async () => {
    await registers('B', 'Q');
    later();
    await givesKey('A', 'B');
    expect(await sharedControl('Q', 'A')).toEqual([]);
  });
});

describe('they are in the same hands', () => {
  test('where one registered the other, also when that one gave itself another key since', async () => {
    await registers('A', 'P');
    await givesKey('P', 'P');
    expect(await sharedControl('A', 'P')).toEqual(['A']);
    expect(await sharedControl('P', 'A')).toEqual(['A']);
    expect(await registrars('P')).toEqual(['A']);
  });

  test('where one last gave the other its key', async () => {
    await givesKey('B', 'A');
    expect(await sharedControl('A', 'B')).toEqual(['B']);
    expect(await registrars('A')).toEqual(['B']);
  });

  test('where one stands behind both, however far', async () => {
    await registers('A', 'P');
    await registers('P', 'Q');
    await registers('A', 'R');
    expect(await sharedControl('Q', 'R')).toEqual(['A']);
    expect(await sharedControl('Q', 'A')).toEqual(['A']);
    expect(await registrars('Q')).toEqual(['P', 'A']);
  });

  test('where each gave the other a key', async () => {
    await givesKey('A', 'B');
    await givesKey('B', 'A');
    expect(await sharedControl('A', 'B')).toEqual(['A', 'B']);
  });

  test('where both have one key', async () => {
    const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as Jwk;
    await givesKey('city', 'A', jwk);
    await givesKey('city', 'B', jwk);
    expect(await sharedControl('A', 'B')).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  });

  test('where one gave a key that the giver of it had from the other, whatever the giver was given since', async () => {
    await registers('A', 'P');
    await registers('P', 'Q');
    later();
    await givesKey('B', 'P');
    expect(await sharedControl('Q', 'A')).toEqual(['A']);
    expect(await sharedControl('P', 'A')).toEqual([]);
  });

  test('where a giver used the key of the other in the minute after it was replaced', async () => {
    await givesKey('A', 'B');
    await givesKey('city', 'B');
    await registers('B', 'Q');
    expect(await sharedControl('Q', 'A')).toEqual(['A']);
    later();
    await registers('B', 'R');
    expect(await sharedControl('R', 'A')).toEqual([]);
  });
});

describe('what one asked for is judged by the key that asked', () => {
  test('where the city replaced a key that the approver had given', async () => {
    await givesKey('A', 'B');
    const asked = await acts('B');
    later();
    await givesKey('city', 'B');
    expect(await independence(asked, 'A')).toEqual({
      sharedControl: ['A'],
      requesterChanged: true,
    });
  });

  test('where another gave the client of the approver a key since', async () => {
    await registers('A', 'C');
    const asked = await acts('C');
    later();
    await givesKey('B', 'C');
    expect(await independence(asked, 'A')).toEqual({
      sharedControl: ['A'],
      requesterChanged: true,
    });
  });

  test('and ends where that client was disabled since, also when it was enabled again', async () => {
    const asked = await acts('A');
    await disables('B', 'A');
    await enables('B', 'A');
    expect(await requesterChanged(store, asked)).toBe(true);
    expect(await requesterChanged(store, await acts('A'))).toBe(false);
  });

  test('and stands where the client gave itself another key', async () => {
    const asked = await acts('A');
    await givesKey('A', 'A');
    expect(await independence(asked, 'B')).toEqual({ sharedControl: [], requesterChanged: false });
  });
});

describe('operators who are administrators at terminals', () => {
  const invites = (who: string, operator: string, by?: string) =>
    tells(who, operator, {
      type: 'OperatorInvited',
      data: { operator, department: '数据', roles: ['administrator'], name, invitation },
      by,
    });
  const makesPasskey = (
    terminal: string,
    operator: string,
    credential = `passkey of ${operator}`,
  ) =>
    tells(terminal, operator, {
      type: 'OperatorPasskeyAdded',
      data: { credential, jwk: {}, transports: [], backedUp: false },
    });
  /** At a terminal registered by one, an operator invited by the same. */
  async function seat(who: string, terminal: string, operator: string) {
    await registers(who, terminal);
    await invites(who, operator);
    await makesPasskey(terminal, operator);
  }
  const actsAt = async (
    terminal: string,
    operator: string,
    passkey = `passkey of ${operator}`,
  ): Promise<ActingOperatorAt> => ({
    client: terminal,
    with: await actingAdministrator(store, {
      client: terminal,
      jkt: keys.get(terminal) ?? '',
      operator: { operator, roles: ['administrator'], passkey },
    }),
  });
  const shared = async (
    [approver, at]: readonly [string, string],
    [requester, from]: readonly [string, string],
  ) =>
    (await independenceOf(store, await actsAt(from, requester), await actsAt(at, approver)))
      .sharedControl;

  beforeEach(async () => {
    await seat('A', 'TA', 'OA');
    await seat('B', 'TB', 'OB');
  });

  test('are independent where independent hands invited them and registered their terminals', async () => {
    expect(await shared(['OA', 'TA'], ['OB', 'TB'])).toEqual([]);
    expect((await actsAt('TA', 'OA')).with.registrars).toEqual(['A']);
  });

  test('are one where they act at one terminal, or one of them at the other’s', async () => {
    await makesPasskey('TA', 'OB');
    expect(await shared(['OA', 'TA'], ['OB', 'TA'])).toContain('TA');
    await invites('B', 'OC');
    await makesPasskey('TB', 'OC');
    expect(await shared(['OA', 'TA'], ['OC', 'TA'])).toContain('TA');
    expect(await shared(['OA', 'TB'], ['OC', 'TB'])).toContain('TB');
  });

  test('are one where one invited the other, who then made the passkey elsewhere', async () => {
    await invites('TA', 'OD', 'OA');
    await makesPasskey('TB', 'OD');
    expect(await shared(['OD', 'TB'], ['OA', 'TA'])).toEqual(['TA', 'operator:OA', 'A']);
  });

  test('are one where one registered the terminal of the other', async () => {
    await says('TA', 'TE', registration('TE'), 'OA');
    await invites('B', 'OE');
    await makesPasskey('TE', 'OE');
    expect(await shared(['OE', 'TE'], ['OA', 'TA'])).toContain('operator:OA');
  });

  test('keep a request only as long as nobody changed what they act with', async () => {
    const asked = await actsAt('TA', 'OA');
    expect(await requesterChanged(store, asked)).toBe(false);
    await tells('B', 'OA', { type: 'OperatorInvitedAgain', data: { invitation } });
    expect(await requesterChanged(store, asked)).toBe(true);
    await expect(actsAt('TA', 'OA')).rejects.toThrow(
      expect.objectContaining({ code: 'client_key_not_current' }),
    );
    await makesPasskey('TB', 'OA', 'another');
    const again = await actsAt('TA', 'OA', 'another');
    const { sharedControl } = await independenceOf(store, await actsAt('TB', 'OB'), again);
    expect(sharedControl).toEqual(expect.arrayContaining(['TB', 'B']));
  });

  test('act no more once disabled, or without the role', async () => {
    for (const gone of [
      { type: 'OperatorDisabled', data: { reason: 'lost' } },
      { type: 'OperatorRolesChanged', data: { roles: ['clerk'] } },
    ] as const) {
      await tells('B', 'OA', gone);
      await expect(actsAt('TA', 'OA')).rejects.toThrow(
        expect.objectContaining({ code: 'client_key_not_current' }),
      );
      await tells('B', 'OA', { type: 'OperatorEnabled', data: { reason: 'returned' } });
    }
  });
});

test('nobody acts with a key that was given up, nor as a client that is disabled', async () => {
  const jkt = keys.get('A') ?? '';
  await givesKey('A', 'A');
  const notCurrent = expect.objectContaining({ code: 'client_key_not_current' });
  await expect(actingKey(store, { client: 'A', jkt })).rejects.toThrow(notCurrent);
  await disables('A', 'B');
  await expect(acts('B')).rejects.toThrow(notCurrent);
});
