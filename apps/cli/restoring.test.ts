import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftOutOfBackups, schema } from '#composition/schema';
import { checkBackup, takeBackup } from '#libs/backup/postgres';
import { EventStoreDbEventStore } from '#libs/event-store/eventstoredb';
import { holdToStore } from '#libs/event-store/postgres';
import { formatKey, SignatureType } from '#libs/log';
import { migrationLock, openDatabase, openLog } from '#libs/platform';
import { parsePolicy } from '#libs/verify';
import { EventStoreDouble } from '../../test/eventstore/double.js';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { testSigner } from '../../test/support/sealed-ledger.js';
import { restoreCity } from './restoring.js';

const city = 'city.example';
const log = openLog('silent');
const policy = parsePolicy(
  `log ${formatKey(testSigner(city, SignatureType.ed25519).key)}\nquorum none\n`,
);

let double: EventStoreDouble;
let store: EventStoreDbEventStore;
let target: string;
const databases: TestDatabase[] = [];
const fresh = async () => {
  const database = await freshDatabase();
  databases.push(database);
  return database;
};
beforeAll(async () => {
  double = await EventStoreDouble.start();
  store = await EventStoreDbEventStore.open({ city, url: double.url });
  target = join(await mkdtemp(join(tmpdir(), 'mianzheng-restoring-')), 'backup');
  const { url } = await fresh();
  const database = await openDatabase(url, schema, log);
  // As the first start of a city writes it down.
  await holdToStore(database.pool, { kind: 'eventstoredb', city }, store);
  await database.close();
  await takeBackup(url, {
    target,
    product: '0.0.1',
    city,
    leftOut: leftOutOfBackups(true),
    records: 'elsewhere',
    policy: null,
    migrationLock,
  });
});
afterAll(async () => {
  for (const database of databases) await database.drop();
  await store.close();
  await double.stop();
  await rm(join(target, '..'), { recursive: true });
});

const say = (stream: string, type: string) =>
  store.append(stream, -1, [
    {
      id: randomBytes(16).toString('hex'),
      type,
      schema: 1,
      time: '2026-11-22T01:02:03.004Z',
      actor: { client: 'window-7' },
      data: { consent: 'x', case: 'y' },
    },
  ]);
const restored = async () => {
  const { url, pool } = await fresh();
  const report = await restoreCity(await checkBackup(target), {
    url,
    city,
    eventStoreUrl: double.url,
    policy,
    log,
    threads: 0,
  });
  const { rows } = await pool.query<{ code: string }>('SELECT code FROM log_refusal');
  return { report, refusals: rows.map(({ code }) => code) };
};

test('records in an event store are checked at the end of a restore, as those in the database are', async () => {
  await say('case-y', 'CaseOpened');
  const whole = await restored();
  expect(whole.report).toMatchObject({ records: 1, findings: [] });
  expect(whole.refusals).toEqual(['restored']);

  await say('book-x', 'ConsentRedeemed');
  const { report, refusals } = await restored();
  expect(report.findings[0]).toMatchObject({ stream: 'book-x', what: 'release_without_grant' });
  expect(refusals).toEqual(['store_changed']);
});
