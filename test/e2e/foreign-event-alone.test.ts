import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { City } from '../../apps/city/city.js';
import { done } from '../support/town.js';
import { EventStoreDouble } from '../eventstore/double.js';
import { startCity, type TestCity } from '../support/city.js';
import { TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';

/**
 * A foreign event comes before there is a second administrator, without whom it cannot be excluded.
 */
describe('a foreign event in a city with one administrator', () => {
  let double: EventStoreDouble;
  let testCity: TestCity;
  let running: City;
  beforeEach(async () => {
    double = await EventStoreDouble.start();
    testCity = await startCity({ EVENT_STORE_URL: double.url, LOG_LEVEL: 'info' });
    running = testCity.city;
    await testCity.caughtUp();
  });
  afterEach(async () => {
    await testCity.stop();
    await double.stop();
  });

  const health = async () =>
    (await (await fetch(`${testCity.baseUrl}/health/ready`)).json()) as {
      ready: boolean;
      parts: Record<string, string>;
    };
  const until = async (fits: (found: Awaited<ReturnType<typeof health>>) => boolean) => {
    while (!fits(await health())) await new Promise(setImmediate);
  };

  test.each([
    ['anywhere', 'orders-7', false],
    ['in the stream of the second one', 'client-second-administrator', true],
    ['in the stream of the first one', 'client-administrator', false],
  ])(
    'is left out with one whose key file is put there then, wherever it stands: %s',
    async (_where, stream, isOther) => {
      const { admin } = testCity;
      double.intrude(`${testCity.city.house.services.store.city}/${stream}`);
      await until(({ parts }) => parts['log'] === 'sealing_refused');
      const key = new TestKey();
      const file = join(testCity.dataDir, 'keys', 'second-administrator.jwk');
      await writeFile(file, JSON.stringify(key.jwk), { mode: 0o600 });
      // A second start changes nothing more.
      for (let start = 0; start < 2; start++) {
        await running.stop();
        running = await testCity.startAgain();
      }
      const id = isOther ? `second-administrator-${key.jkt.slice(0, 16)}` : 'second-administrator';
      const second = new TestClient(admin.baseUrl, id, key, ['ledger:exclude'], admin.issuer);
      const asked = done(
        await admin.post('/v1/ledger/exclusions', { stream, reason: 'another-program' }),
      );
      const approved = done(await second.post(`/v1/ledger/exclusions/${asked.exclusion}/approve`));
      expect(approved).toMatchObject({ state: 'excluded', approvedBy: id, approverKeyFrom: [] });
      await until(({ ready }) => ready);
      // A start behind it finds the same clients.
      await running.stop();
      running = await testCity.startAgain();
      await until(({ ready }) => ready);
    },
  );

  test('is left out also by a first administrator whose key file was replaced meanwhile', async () => {
    double.intrude(`${testCity.city.house.services.store.city}/orders-7`);
    await until(({ parts }) => parts['log'] === 'sealing_refused');
    await running.stop();
    const key = new TestKey();
    const file = join(testCity.dataDir, 'keys', 'administrator.jwk');
    await writeFile(file, JSON.stringify(key.exported()), { mode: 0o600 });
    running = await testCity.startAgain();
    const { admin } = testCity;
    const again = new TestClient(admin.baseUrl, admin.client, key, admin.scopes, admin.issuer);
    const asked = await again.post('/v1/ledger/exclusions', {
      stream: 'orders-7',
      reason: 'unknown',
    });
    expect([asked.status, asked.body.state]).toEqual([201, 'requested']);
  });
});
