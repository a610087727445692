import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { backupFormat, type BackupManifest, parseManifest } from '../manifest.js';
import { beginRestore, checkBackup, endRestore, loadBackup, takeBackup } from './index.js';

const leftOut = ['public.migrations', 'public.derived'];
const tables = `
  CREATE TABLE migrations (id serial PRIMARY KEY, name text);
  CREATE TABLE log_sealed (one boolean PRIMARY KEY DEFAULT true, size bigint, note bytea);
  CREATE TABLE "thing" (id integer PRIMARY KEY, name text, "when" timestamptz, bytes bytea, many text[]);
  CREATE TABLE derived (id integer);
  CREATE UNLOGGED TABLE passing (id integer);
  CREATE SCHEMA vault;
  CREATE TABLE vault.secret (id text PRIMARY KEY, wrapped bytea);
  INSERT INTO log_sealed (size) VALUES (0);`;

describe('a backup', () => {
  let from: TestDatabase;
  let to: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    [from, to] = await Promise.all([freshDatabase(), freshDatabase()]);
    folder = await mkdtemp(join(tmpdir(), 'mianzheng-backup-'));
    await from.pool.query(tables);
    await from.pool.query(
      `INSERT INTO migrations (name) VALUES ('First1'), ('Second2');
       UPDATE log_sealed SET size = 7, note = 'a note';
       INSERT INTO derived VALUES (1); INSERT INTO passing VALUES (1);
       INSERT INTO vault.secret VALUES ('s1', '\\x00ff')`,
    );
    await from.pool.query(
      `INSERT INTO thing SELECT n, 'name ' || n || chr(10) || '\\N', now(), $1, ARRAY['a', NULL, '{}']
       FROM generate_series(1, 200) n`,
      [randomBytes(2000)],
    );
  });
  afterEach(async () => {
    await Promise.all([from.drop(), to.drop()]);
    await rm(folder, { recursive: true, force: true });
  });

  /** Names in a policy are octets, and no UTF-8. */
  const policy = Buffer.from([0x6c, 0x6f, 0x67, 0x20, 0xff, 0xfe, 0x0a]);
  const take = (name = 'one') =>
    takeBackup(from.url, {
      target: join(folder, name),
      product: '0.0.1',
      city: 'city.example',
      leftOut,
      records: 'here',
      policy,
      migrationLock: 4711,
    });
  const all = async ({ pool }: TestDatabase) => ({
    things: (await pool.query('SELECT thing::text FROM thing ORDER BY id')).rows as unknown[],
    secrets: (
      await pool.query('SELECT secret::text FROM vault.secret s, LATERAL (SELECT s.*) secret')
    ).rows as unknown[],
    sealed: (await pool.query('SELECT * FROM log_sealed')).rows as unknown[],
  });
  async function restore(name = 'one') {
    const backup = await checkBackup(join(folder, name));
    await beginRestore(to.url);
    await to.pool.query(tables);
    await loadBackup(to.url, backup, leftOut, []);
    await endRestore(to.url);
    return backup;
  }

  test('brings every row of every table back, and what it says of itself is so', async () => {
    const { manifest, digest, bytes } = await take();
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const restored = await restore();
    expect(restored.manifest).toEqual(manifest);
    expect(restored.policy).toEqual(policy);
    expect(await all(to)).toEqual(await all(from));
    expect(manifest).toMatchObject({
      city: 'city.example',
      product: '0.0.1',
      migrations: ['First1', 'Second2'],
      log: { size: 7, checkpoint: 'a note' },
    });
    expect(manifest.tables.map(({ name, rows }) => [name, rows])).toEqual([
      ['public.log_sealed', 1],
      ['public.thing', 200],
      ['vault.secret', 1],
    ]);
    expect(bytes).toBe(manifest.tables.reduce((sum, table) => sum + table.bytes, 0));
  });

  test('is for its owner alone', async () => {
    await take();
    expect((await stat(join(folder, 'one'))).mode & 0o777).toBe(0o700);
    for (const file of await readdir(join(folder, 'one')))
      expect((await stat(join(folder, 'one', file))).mode & 0o777).toBe(0o600);
  });

  test('is of one moment, whatever is written meanwhile', async () => {
    // Each statement keeps the sum of both tables what it was.
    await from.pool.query(
      'CREATE TABLE a_left (n integer); CREATE TABLE z_right (n integer); INSERT INTO a_left SELECT generate_series(1, 500)',
    );
    const done = new AbortController();
    const moving = (async () => {
      for (let n = 1; !done.signal.aborted && n <= 500; n++)
        await from.pool.query(
          'WITH gone AS (DELETE FROM a_left WHERE n = $1 RETURNING n) INSERT INTO z_right SELECT n FROM gone',
          [n],
        );
    })();
    const rows = (manifest: BackupManifest) =>
      manifest.tables
        .filter(({ name }) => /left|right/.test(name))
        .reduce((sum, table) => sum + table.rows, 0);
    for (let n = 0; n < 5; n++) expect(rows((await take(String(n))).manifest)).toBe(500);
    done.abort();
    await moving;
  });

  test('with any bit of any file changed, or a file missing, is refused before anything is written', async () => {
    await take();
    const files = await readdir(join(folder, 'one'));
    expect(files.length).toBe(6);
    for (const file of files) {
      const whole = await readFile(join(folder, 'one', file));
      await fc.assert(
        fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
          const changed = Buffer.from(whole);
          changed[bit >> 3]! ^= 1 << (bit & 7);
          await writeFile(join(folder, 'one', file), changed);
          await expect(checkBackup(join(folder, 'one'))).rejects.toMatchObject({
            code: expect.stringMatching(/^backup_(changed|malformed|newer|unreadable)$/) as unknown,
          });
        }),
        { numRuns: 20 },
      );
      await writeFile(join(folder, 'one', file), whole.subarray(0, -1));
      await expect(checkBackup(join(folder, 'one'))).rejects.toThrow();
      await rm(join(folder, 'one', file));
      await expect(checkBackup(join(folder, 'one'))).rejects.toMatchObject({
        code: 'backup_unreadable',
      });
      await writeFile(join(folder, 'one', file), whole);
    }
    await checkBackup(join(folder, 'one'));
  });

  test('never takes the place of another, nor of one under way', async () => {
    await take();
    await expect(take()).rejects.toMatchObject({ code: 'backup_exists' });
    await cp(join(folder, 'one'), join(folder, 'two.tmp'), { recursive: true });
    await expect(take('two')).rejects.toMatchObject({ code: 'backup_under_way' });
  });

  test('that fails leaves nothing behind', async () => {
    await from.pool.query('ALTER TABLE log_sealed RENAME TO something_else');
    await expect(take()).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
    await from.pool.query('DROP TABLE migrations');
    await expect(take()).rejects.toMatchObject({ code: 'ledger_absent' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('is restored into an empty database only; what a stopped restore left is no obstacle', async () => {
    await take();
    await to.pool.query('CREATE TABLE somebodys (n integer)');
    await expect(beginRestore(to.url)).rejects.toMatchObject({ code: 'database_not_empty' });
    await to.pool.query('DROP TABLE somebodys');
    await beginRestore(to.url);
    await to.pool.query(tables); // stopped here
    await restore();
    expect(await all(to)).toEqual(await all(from));
  });

  test('is not restored while a program of a city is connected', async () => {
    const url = new URL(to.url);
    url.searchParams.set('application_name', 'mianzheng sealer');
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await expect(beginRestore(to.url)).rejects.toMatchObject({ code: 'city_running' });
    await client.end();
  });

  test('does not go into tables of another shape, and leaves the database marked', async () => {
    await take();
    const backup = await checkBackup(join(folder, 'one'));
    await beginRestore(to.url);
    await to.pool.query(tables.replace('name text,', 'name varchar(10),'));
    await expect(loadBackup(to.url, backup, leftOut, [])).rejects.toMatchObject({
      code: 'tables_differ',
      facts: { tables: ['public.thing'] },
    });
    const { rows } = await to.pool.query(`SELECT to_regclass('restore_under_way') AS mark`);
    expect(rows).toEqual([{ mark: 'restore_under_way' }]);
  });

  test('that changes between its check and its loading leaves nothing behind', async () => {
    await take();
    const backup = await checkBackup(join(folder, 'one'));
    await beginRestore(to.url);
    await to.pool.query(tables);
    // The bytes of the last row's key, still a row like any other.
    const file = join(folder, 'one', 'vault.secret.copy');
    const bytes = await readFile(file);
    bytes.write('s2', bytes.indexOf('s1'));
    await writeFile(file, bytes);
    await expect(loadBackup(to.url, backup, leftOut, [])).rejects.toMatchObject({
      code: 'file_changed',
      facts: { file: 'vault.secret.copy' },
    });
    expect((await to.pool.query('SELECT FROM vault.secret')).rowCount).toBe(0);
    expect((await to.pool.query('SELECT FROM thing')).rowCount).toBe(0);
  });

  test('is not taken of a database into which one is being restored', async () => {
    await from.pool.query('CREATE TABLE restore_under_way ()');
    await expect(take()).rejects.toMatchObject({ code: 'restore_unfinished' });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a manifest', () => {
  const manifest = {
    format: backupFormat,
    product: '0.0.1',
    city: 'city.example',
    taken: '2026-11-22T00:00:00.000Z',
    records: 'here',
    migrations: [],
    log: null,
    policy: null,
    tables: [],
  };
  test('of a later format is refused as such', () => {
    const later = { ...manifest, format: backupFormat + 1 };
    expect(() => parseManifest(JSON.stringify(later))).toThrow(
      expect.objectContaining({ code: 'backup_newer' }),
    );
  });

  test('of an earlier format is refused as such', () => {
    const earlier = { ...manifest, format: backupFormat - 1 };
    expect(() => parseManifest(JSON.stringify(earlier))).toThrow(
      expect.objectContaining({ code: 'backup_too_old' }),
    );
  });
  test('names tables and files of its own only', () => {
    const table = { name: 'public.a', file: 'public.a.copy', columns: [], rows: 0, bytes: 0 };
    const sha256 = '0'.repeat(64);
    for (const wrong of [
      { name: 'public.a; DROP TABLE b', file: 'public.a; DROP TABLE b.copy' },
      { name: 'public.a', file: '../public.a.copy' },
    ])
      expect(() =>
        parseManifest(JSON.stringify({ ...manifest, tables: [{ ...table, sha256, ...wrong }] })),
      ).toThrow(expect.objectContaining({ code: 'backup_malformed' }));
    expect(
      parseManifest(JSON.stringify({ ...manifest, tables: [{ ...table, sha256 }] })).tables,
    ).toHaveLength(1);
  });
});
