import { beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { execute, upcasting } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import {
  clientStream,
  type IdentityCommand,
  identityDecider,
  type IdentityEvent,
  identitySchemas,
  type Jwk,
} from '#libs/identity';
import { keyGivers, sameHands } from './key-hands.js';

const rules = { ...identityDecider, codec: upcasting<IdentityEvent>(identitySchemas) };
const newKey = () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as Jwk;
let store: MemoryEventStore;

const by = (client: string, command: IdentityCommand) =>
  execute(
    store,
    clientStream(command.client),
    {
      actor: { client },
      idempotencyKey: randomUUID(),
      seed: randomUUID(),
      now: '2026-11-22T08:00:00.000Z',
    },
    rules,
    (state) => rules.decide(command, state),
  );
const registers = (who: string, client: string, jwk = newKey()) =>
  by(who, {
    do: 'register',
    client,
    kind: 'administrator',
    name: client,
    department: '数据',
    window: null,
    town: null,
    authority: null,
    scopes: null,
    keys: [jwk],
  });
const givesKey = (who: string, client: string, jwk = newKey()) =>
  by(who, { do: 'rotate-key', client, jwk });

beforeEach(async () => {
  store = new MemoryEventStore('city.example');
  await registers('city', 'A');
  await registers('city', 'B');
});

describe('two administrators are in different hands', () => {
  test('where the city itself admitted both, whatever keys they gave themselves since', async () => {
    await givesKey('A', 'A');
    await givesKey('B', 'B');
    expect(await sameHands(store, 'A', 'B')).toEqual([]);
    expect([await keyGivers(store, 'A'), await keyGivers(store, 'B')]).toEqual([[], []]);
  });

  test('and so are those whom one registered, and the other', async () => {
    await registers('A', 'P');
    await registers('B', 'Q');
    expect(await sameHands(store, 'P', 'B')).toEqual([]);
    expect(await sameHands(store, 'P', 'Q')).toEqual([]);
  });

  test('and again once the city admitted another key of one', async () => {
    await givesKey('A', 'B');
    expect(await sameHands(store, 'A', 'B')).toEqual(['A']);
    await givesKey('city', 'B');
    expect(await sameHands(store, 'A', 'B')).toEqual([]);
  });
});

describe('they are in the same hands', () => {
  test('where one registered the other, also when that one gave itself another key since', async () => {
    await registers('A', 'P');
    await givesKey('P', 'P');
    expect(await sameHands(store, 'A', 'P')).toEqual(['A']);
    expect(await sameHands(store, 'P', 'A')).toEqual(['A']);
    expect(await keyGivers(store, 'P')).toEqual(['A']);
  });

  test('where one last gave the other its key', async () => {
    await givesKey('B', 'A');
    expect(await sameHands(store, 'A', 'B')).toEqual(['B']);
    expect(await keyGivers(store, 'A')).toEqual(['B']);
  });

  test('where one stands behind both, however far', async () => {
    await registers('A', 'P');
    await registers('P', 'Q');
    await registers('A', 'R');
    expect(await sameHands(store, 'Q', 'R')).toEqual(['A']);
    expect(await sameHands(store, 'Q', 'A')).toEqual(['A']);
    expect(await keyGivers(store, 'Q')).toEqual(['P', 'A']);
  });

  test('where each gave the other a key', async () => {
    await givesKey('A', 'B');
    await givesKey('B', 'A');
    expect(await sameHands(store, 'A', 'B')).toEqual(['A', 'B']);
  });

  test('where both have one key', async () => {
    const key = newKey();
    await givesKey('city', 'A', key);
    await givesKey('city', 'B', key);
    expect(await sameHands(store, 'A', 'B')).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  });
});
