import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { PrivacyKeys } from './keys.js';
import { createVault } from './privacy.migrations.js';
import { rotateMasterKey } from './rotation.js';
import { newKey } from './seal.js';
import { PostgresVault } from './vault.postgres.js';

const id = () => randomBytes(16).toString('base64url');
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await freshDatabase();
  await createVault(database.pool);
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-rotation-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const load = () => PrivacyKeys.load(folder, {});
const vaultOf = (keys: PrivacyKeys) => new PostgresVault(database.pool, keys);
const file = () => readFile(join(folder, 'master.key'), 'utf8');

async function sealedFor(count: number) {
  const vault = vaultOf(await load());
  const items = Array.from({ length: count }, () => ({ subject: id(), key: newKey() }));
  const wrapped = await vault.wrapMany(items);
  return items.map((item, n) => ({ ...item, wrapped: wrapped[n] ?? '' }));
}

test('a rotation keeps every subject\u2019s key and the departments\u2019 ids, and leaves the old master key nowhere', async () => {
  const items = await sealedFor(4100);
  const erased = items[0]!;
  const before = await load();
  const old = await file();
  const { rows: backup } = await database.pool.query<{ subject: string; wrapped: Buffer }>(
    'SELECT * FROM vault.subject_key',
  );
  await vaultOf(before).destroy(erased.subject);

  const { rewrapped, retired } = await rotateMasterKey(database.pool, folder, {});

  expect([rewrapped, retired]).toEqual([4099, [before.master.current.id]]);
  expect((await file()).includes(old.trim())).toBe(false);
  expect((await stat(join(folder, 'master.key'))).mode & 0o777).toBe(0o600);
  const after = await load();
  const opened = await vaultOf(after).unwrapMany(items.slice(1));
  expect(opened.map((key) => Buffer.from(key))).toEqual(items.slice(1).map(({ key }) => key));
  expect(after.pairwise('d', 's')).toBe(before.pairwise('d', 's'));

  // A backup of the vault from before the erasure is put back: nobody has the key that it stands under.
  const row = backup.find(({ subject }) => subject === erased.subject)!;
  await database.pool.query(
    'UPDATE vault.subject_key SET wrapped = $2, destroyed = NULL WHERE subject = $1',
    [erased.subject, row.wrapped],
  );
  await expect(vaultOf(after).unwrap(erased.subject, erased.wrapped)).rejects.toMatchObject({
    code: 'key_missing',
  });
  await database.pool.query('DELETE FROM vault.subject_key WHERE subject = $1', [erased.subject]);

  // A process that still remembers the old key loses nothing: what it would write is refused.
  await expect(vaultOf(before).wrap(id(), newKey())).rejects.toMatchObject({ code: 'MZ001' });
});

test('a rotation that stopped half-way is finished by the next', async () => {
  const items = await sealedFor(50);
  const before = await load();
  // As after a crash: the new key is in the file, half of the rows stand under it.
  await writeFile(
    join(folder, 'master.key'),
    `${(await file()).trim()}\n${randomBytes(32).toString('base64url')}\n`,
  );
  const both = await load();
  await sealedFor(50);
  const { retired } = await rotateMasterKey(database.pool, folder, {});
  expect(retired).toEqual([before.master.current.id]);
  const after = await load();
  expect(after.master.current.id).toBe(both.master.current.id);
  const opened = await vaultOf(after).unwrapMany(items);
  expect(opened.map((key) => Buffer.from(key))).toEqual(items.map(({ key }) => key));
});

test('while a city runs on the database, or where the key is not in the file, nothing is changed', async () => {
  const before = await file();
  const city = new pg.Client({
    connectionString: database.url,
    application_name: 'mianzheng event store',
  });
  await city.connect();
  await expect(rotateMasterKey(database.pool, folder, {})).rejects.toMatchObject({
    code: 'city_running',
  });
  await city.end();
  const env = { MASTER_KEY: randomBytes(32).toString('base64url') };
  await expect(rotateMasterKey(database.pool, folder, env)).rejects.toMatchObject({
    code: 'master_key_in_environment',
  });
  expect(await file()).toBe(before);
});
