import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { createVault } from '../vault.migrations.js';
import { newKey } from '../seal.js';
import { VaultKeys } from './keys.js';
import { openKeys } from './keys-in-use.js';
import { rotateMasterKey } from './rotation.js';
import { PostgresVault } from './vault.js';

const id = () => randomBytes(16).toString('base64url');
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await freshDatabase();
  await createVault(database.pool);
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-rotation-'));
  await openKeys(database.pool, folder, {});
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const load = () => VaultKeys.load(folder, {});
const vaultOf = (keys: VaultKeys) => new PostgresVault(database.pool, keys);
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
  // The draft of an earlier rotation that crashed while writing: it holds the old key.
  await writeFile(join(folder, 'master.key.0123456789ab'), old, { mode: 0o600 });
  const { rows: backup } = await database.pool.query<{ subject: string; wrapped: Buffer }>(
    'SELECT * FROM vault.subject_key',
  );
  await vaultOf(before).destroy(erased.subject);

  const { rewrapped, retired } = await rotateMasterKey(database.pool, folder, {});

  expect([rewrapped, retired]).toEqual([4099, [before.master.current.id]]);
  expect((await file()).includes(old.trim())).toBe(false);
  expect((await readdir(folder)).sort()).toEqual(['master.key', 'pairwise.key', 'pepper.key']);
  expect((await stat(join(folder, 'master.key'))).mode & 0o777).toBe(0o600);
  const after = await load();
  const opened = await vaultOf(after).unwrapMany(items.slice(1));
  expect(opened.map((key) => Buffer.from(key))).toEqual(items.slice(1).map(({ key }) => key));
  expect(after.pairwise('d', 's')).toBe(before.pairwise('d', 's'));

  // A backup of the vault from before the erasure is restored: the key that wraps it no longer
  // exists.
  const row = backup.find(({ subject }) => subject === erased.subject)!;
  await database.pool.query(
    'UPDATE vault.subject_key SET wrapped = $2, destroyed = NULL WHERE subject = $1',
    [erased.subject, row.wrapped],
  );
  await expect(vaultOf(after).unwrap(erased.subject, erased.wrapped)).rejects.toMatchObject({
    code: 'key_missing',
  });
  await database.pool.query('DELETE FROM vault.subject_key WHERE subject = $1', [erased.subject]);

  // A process that still has the old key loses no data: its writes are refused.
  await expect(vaultOf(before).wrap(id(), newKey())).rejects.toMatchObject({ code: 'MZ001' });
});

test('a rotation that stopped half-way is finished by the next', async () => {
  const items = await sealedFor(50);
  const before = await load();
  // As after a crash: the new key is in the file, and half of the rows are wrapped under it.
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

describe('with keys that are not those of the database', () => {
  const opens = (at: string) => openKeys(database.pool, at, {});
  const everything = async () => ({
    files: Object.fromEntries(
      await Promise.all(
        (await readdir(folder)).map(async (name) => [
          name,
          await readFile(join(folder, name), 'utf8'),
        ]),
      ),
    ) as unknown,
    inUse: (await database.pool.query('SELECT * FROM vault.key_in_use ORDER BY id')).rows,
    retired: (await database.pool.query('SELECT * FROM vault.retired_key ORDER BY id')).rows,
  });
  let other: string;
  beforeEach(async () => {
    other = await mkdtemp(join(tmpdir(), 'mianzheng-rotation-other-'));
  });
  afterEach(() => rm(other, { recursive: true, force: true }));

  test('nothing is changed and no file made, and the city starts as before', async () => {
    await sealedFor(1);
    const before = await everything();
    await expect(rotateMasterKey(database.pool, other, {})).rejects.toMatchObject({
      code: 'key_file_missing',
    });
    expect(await readdir(other)).toEqual([]);
    await VaultKeys.load(other, {}, () => true);
    await expect(rotateMasterKey(database.pool, other, {})).rejects.toMatchObject({
      code: 'key_missing',
    });
    expect(await everything()).toEqual(before);
    await opens(folder);
  });

  test('as a second host has them after the first rotated, the second is refused until it has the first one\u2019s file', async () => {
    await cp(folder, other, { recursive: true });
    await rotateMasterKey(database.pool, folder, {});
    const before = await everything();
    await expect(rotateMasterKey(database.pool, other, {})).rejects.toMatchObject({
      code: 'key_missing',
    });
    await expect(opens(other)).rejects.toMatchObject({ code: 'key_missing' });
    expect(await everything()).toEqual(before);
    await opens(folder);
    await cp(join(folder, 'master.key'), join(other, 'master.key'));
    await opens(other);
  });

  test('because rows stand under another than the database names, as after half a restore, nothing is changed', async () => {
    await sealedFor(1);
    const stranger = (await VaultKeys.load(other, {}, () => true)).master.current.id;
    const subject = id();
    await database.pool.query(
      'INSERT INTO vault.subject_key (subject, master_key_id, wrapped) VALUES ($1, $2, $3)',
      [subject, stranger, randomBytes(40)],
    );
    const before = await everything();
    await expect(rotateMasterKey(database.pool, folder, {})).rejects.toMatchObject({
      code: 'key_missing',
      facts: { key: stranger },
    });
    expect(await everything()).toEqual(before);
    await database.pool.query('DELETE FROM vault.subject_key WHERE subject = $1', [subject]);
  });

  test('because no city was started on it, nothing is given up', async () => {
    const empty = await freshDatabase();
    await createVault(empty.pool);
    const before = await everything();
    await expect(rotateMasterKey(empty.pool, folder, {})).rejects.toMatchObject({
      code: 'vault_not_in_use',
    });
    expect(await everything()).toEqual(before);
    await empty.drop();
  });
});

describe('at once', () => {
  /** A lock of another connection delays the end of the rotation while `work` runs. */
  async function whileRotating(work: () => Promise<void>) {
    const items = await sealedFor(20);
    const guard = await database.pool.connect();
    await guard.query('BEGIN; LOCK TABLE vault.retired_key IN EXCLUSIVE MODE');
    const begun = Promise.withResolvers<true>();
    const rotation = rotateMasterKey(database.pool, folder, {}, () => {
      begun.resolve(true);
    });
    try {
      await begun.promise;
      await work();
    } finally {
      await guard.query('COMMIT');
      guard.release();
      await rotation;
    }
    const opened = await vaultOf(await load()).unwrapMany(items);
    expect(opened.map((key) => Buffer.from(key))).toEqual(items.map(({ key }) => key));
  }

  test('with another rotation: the second changes nothing, and every key can be opened', () =>
    whileRotating(async () => {
      const before = await file();
      await expect(rotateMasterKey(database.pool, folder, {})).rejects.toMatchObject({
        code: 'rotation_under_way',
      });
      expect(await file()).toBe(before);
    }));

  test('with a start of the city: the start waits for its turn', async () => {
    await whileRotating(async () => {
      await expect(openKeys(database.pool, folder, {})).rejects.toMatchObject({
        code: 'master_key_rotating',
      });
    });
    await openKeys(database.pool, folder, {});
  });

  test('with somebody who writes under a third key: no key is given up', async () => {
    await sealedFor(3);
    const before = await file();
    // Rows that the rotation has passed, while it wraps the rest.
    await database.pool.query(
      `CREATE FUNCTION write_under_third() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         INSERT INTO vault.subject_key (subject, master_key_id, wrapped)
         VALUES ('!', 'a third', '\\x00') ON CONFLICT DO NOTHING;
         RETURN NULL;
       END $$;
       CREATE TRIGGER third AFTER UPDATE ON vault.subject_key
       FOR EACH STATEMENT EXECUTE FUNCTION write_under_third()`,
    );
    await expect(rotateMasterKey(database.pool, folder, {})).rejects.toMatchObject({
      code: 'city_running',
    });
    expect((await file()).startsWith(before)).toBe(true);
    await database.pool.query(
      `DROP TRIGGER third ON vault.subject_key; DELETE FROM vault.subject_key WHERE subject = '!'`,
    );
    await rotateMasterKey(database.pool, folder, {});
  });
});
