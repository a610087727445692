import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { chmod, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rebuild } from '#libs/feed/runner';
import { productVersion } from '../../libs/composition/product-version.js';
import { projectionClasses } from '../../libs/composition/schema.js';
import { PostgresEventStore } from '../../libs/event-store/postgres/index.js';
import { TestClient, TestPhone } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { done, Town } from '../support/town.js';
import { WitnessedCity } from '../support/witnessed-city.js';
import type { GoldenPeople } from './people.js';
import { type ReadModels, readModelsOf } from './read-models.js';
import { eventTypes, type Summary, summaryOf } from './summary.js';

jest.setTimeout(240_000);

const root = resolve('test/golden');
const versions = (await readdir(root)).filter((name) => /^\d+\.\d+\.\d+/.test(name));
const kept = async (version: string, file: string): Promise<unknown> =>
  JSON.parse(await readFile(join(root, version, file), 'utf8'));

test('this release has a golden ledger: `npm run golden` makes it when the version is raised', async () => {
  const version = await productVersion();
  expect(versions).toContain(version);
  // A type that is missing there could change its form, and no later release would notice.
  const { events } = (await kept(version, 'summary.json')) as Summary;
  expect(Object.keys(events).sort()).toEqual(eventTypes.toSorted());
});

describe.each(versions)('the golden ledger of %s', (version) => {
  const opened: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const close of opened.reverse()) await close();
  });

  test('is restored, holds, says what it said, and a city goes on with it', async () => {
    // Git keeps no modes: a key file that others can read is refused.
    const keys = await mkdtemp(join(tmpdir(), 'mianzheng-golden-keys-'));
    opened.push(() => rm(keys, { recursive: true }));
    await cp(join(root, version, 'test-keys'), keys, { recursive: true });
    await chmod(keys, 0o700);
    for (const file of await readdir(keys)) await chmod(join(keys, file), 0o600);
    const city = await WitnessedCity.make({ keys, witnessed: false });
    opened.push(() => city.stop());
    const database = await city.database();

    const report = await city.restore(database, join(root, version, 'backup'));
    expect(report?.findings).toEqual([]);
    const summary = await kept(version, 'summary.json');
    expect(await summaryOf(database.pool)).toEqual(summary);

    const store = await PostgresEventStore.open({
      city: 'trial.city.example',
      pool: database.pool,
    });
    for (const Projection of projectionClasses) {
      const rebuilt = await rebuild(database.pool, store, new Projection(), { check: true });
      expect(rebuilt.tables.map(({ differing }) => differing)).toEqual(rebuilt.tables.map(() => 0));
    }
    await store.close();
    const models = (await kept(version, 'read-models.json')) as ReadModels;
    expect(await readModelsOf(database.pool, models)).toEqual(models);

    await city.open(database);
    const { terminal, holder, released } = (await kept(version, 'people.json')) as GoldenPeople;
    const window = new TestClient(
      city.baseUrl,
      terminal.client,
      new TestKey(terminal.key),
      terminal.scopes as TestClient['scopes'],
    );
    const phone = new TestPhone(city.baseUrl, holder.phone);
    while ((await fetch(`${city.baseUrl}/health/ready`)).status !== 200)
      await new Promise((again) => setTimeout(again, 50));

    // Who was known is known, and what was proved is proved.
    expect(done(await phone.get('/v1/phone/wallet'))).toMatchObject({
      certificates: [{ type: 'ZZ001', fields: { 公民身份号码: holder.number } }],
    });
    expect((await window.get('/v1/board')).status).toBe(200);
    const { stream, version: at, hash } = released;
    const receipt = await window.get(`/v1/receipts/${stream}/${String(at)}?hash=${hash}`);
    expect(receipt.status).toBe(200);

    // A release, on a certificate and with a phone of that time.
    const town = await Town.around(city);
    const consent = await town.asked({ number: holder.number, phone });
    done(await town.grant({ number: holder.number, phone }, consent.consent));
    const release = done(await town.pull(await town.token(consent.at)));
    expect(JSON.stringify(release)).toContain(holder.number);
  });
});
