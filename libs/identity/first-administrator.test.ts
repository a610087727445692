import { beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { execute, upcasting } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import { SystemClock } from '#libs/kernel';
import { UnsharedClaims } from '../../test/support/unshared-claims.js';
import { admitFirstAdministrator } from './first-administrator.js';
import { clientStream, identityDecider } from './identity.decider.js';
import { type IdentityEvent, identitySchemas } from './identity.events.js';
import type { Jwk } from './jws.js';
import { clientKey } from './key-proof.js';

const clock = new SystemClock();
const publicKey = () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as Jwk;
let store: MemoryEventStore;
const admit = (jwk: Jwk) =>
  admitFirstAdministrator(
    { store, clock, claims: new UnsharedClaims() },
    { client: 'administrator', name: '管理', department: '数据局', jwk },
  );
/** As `POST /v1/clients/administrator/keys` does it. */
const rotate = (jwk: Jwk) => {
  const rules = { ...identityDecider, codec: upcasting<IdentityEvent>(identitySchemas) };
  const context = {
    actor: { client: 'administrator' },
    idempotencyKey: randomUUID(),
    seed: randomUUID(),
    now: clock.now(),
  };
  return execute(store, clientStream('administrator'), context, rules, (state) =>
    rules.decide(
      {
        kind: 'rotate-key',
        client: 'administrator',
        by: 'administrator',
        key: clientKey(jwk, 'a proof'),
        approval: null,
      },
      state,
    ),
  );
};
const events = async () =>
  (await store.readStream(clientStream('administrator'))).map(({ body }) => body.type);

beforeEach(() => {
  store = new MemoryEventStore('trial.city.example');
});

describe('the first administrator', () => {
  test('is registered once, however often the city starts', async () => {
    const key = publicKey();
    await Promise.all([admit(key), admit(key)]);
    await admit(key);
    expect(await events()).toEqual(['ClientRegistered']);
  });

  test('comes back with another key, when its file was replaced', async () => {
    await admit(publicKey());
    await admit(publicKey());
    expect(await events()).toEqual(['ClientRegistered', 'ClientKeyRotated']);
  });

  test('is let in again by another file where it was disabled, and not by the one that is there', async () => {
    const first = publicKey();
    await admit(first);
    await store.append(clientStream('administrator'), 0, [
      {
        id: randomUUID().replaceAll('-', ''),
        type: 'ClientDisabled',
        schema: 1,
        time: clock.now(),
        actor: { client: 'another' },
        data: { reason: 'lost' },
      },
    ]);
    await admit(first);
    expect(await events()).toEqual(['ClientRegistered', 'ClientDisabled']);
    const next = publicKey();
    await admit(next);
    await admit(next);
    expect(await events()).toEqual([
      'ClientRegistered',
      'ClientDisabled',
      'ClientKeyRotated',
      'ClientEnabled',
    ]);
  });

  test('is not brought back by a file that was left behind, with a key that was given up since', async () => {
    const [first, second, third] = [publicKey(), publicKey(), publicKey()];
    await admit(first);
    for (const key of [second, third]) await rotate(key);
    const before = await events();
    await admit(second);
    await admit(first);
    expect(before).toEqual(['ClientRegistered', 'ClientKeyRotated', 'ClientKeyRotated']);
    expect(await events()).toEqual(before);
  });
});
