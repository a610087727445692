import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { KeyRing, loadMasterKey, PrivacyKeys } from './keys.js';
import { KeysInUse } from './keys-in-use.js';
import { createVault } from './privacy.migrations.js';

const secret = () => randomBytes(32).toString('base64url');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-keys-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('the master key', () => {
  test('is made on the first start, for its owner alone, and is the same on the second', async () => {
    const file = join(folder, 'first', 'master.key');
    const first = await loadMasterKey({ file });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(first.current.bytes).toHaveLength(32);
    expect((await loadMasterKey({ file })).current).toEqual(first.current);
  });

  test('is one, when many processes start at once', async () => {
    const file = join(folder, 'race', 'master.key');
    const rings = await Promise.all(Array.from({ length: 16 }, () => loadMasterKey({ file })));
    expect(new Set(rings.map(({ current }) => current.id)).size).toBe(1);
    expect(await readdir(join(folder, 'race'))).toEqual(['master.key']);
  });

  test.each([0o640, 0o604, 0o660, 0o644])(
    'is refused from a file with mode %o, and the file is left as it is',
    async (mode) => {
      const file = join(folder, `mode-${mode}.key`);
      const text = `${secret()}\n`;
      await writeFile(file, text, { mode: 0o600 });
      await chmod(file, mode);
      await expect(loadMasterKey({ file })).rejects.toMatchObject({
        code: 'key_file_open_to_others',
        hint: `chmod 600 ${file}`,
      });
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );

  test('may come from the environment, and no file is made then', async () => {
    const env = secret();
    const ring = await loadMasterKey({ file: join(folder, 'never', 'master.key'), env });
    expect(Buffer.from(ring.current.bytes).toString('base64url')).toBe(env);
    expect(await readdir(folder)).not.toContain('never');
  });

  test.each(['', 'short', `${'A'.repeat(42)}=`, 'A'.repeat(42) + 'B'])(
    'is refused when it is written as %j',
    (text) => {
      expect(() => new KeyRing(text)).toThrow(expect.objectContaining({ code: 'key_malformed' }));
    },
  );

  test('can be replaced: the new one is used, the old one still opens, departments know the same ids', () => {
    const [old, next, pepper] = [secret(), secret(), new KeyRing(secret())];
    const before = new PrivacyKeys(new KeyRing(old), pepper);
    const after = new PrivacyKeys(new KeyRing(`${old}\n${next}\n`), pepper);
    expect(after.master.current.id).not.toBe(before.master.current.id);
    expect(after.wrappingKey(before.master.current.id)).toEqual(
      before.wrappingKey(before.master.current.id),
    );
    expect(after.pairwise('d', 's')).toBe(before.pairwise('d', 's'));
  });
});

describe('a pairwise id', () => {
  const keys = new PrivacyKeys(new KeyRing(secret()), new KeyRing(secret()));

  test('is the same for one department, and another for every other department and subject', () => {
    expect(keys.pairwise('hr', 'a')).toMatch(/^[\w-]{22}$/);
    expect(keys.pairwise('hr', 'a')).toBe(keys.pairwise('hr', 'a'));
    const ids = [
      keys.pairwise('hr', 'a'),
      keys.pairwise('tax', 'a'),
      keys.pairwise('hr', 'b'),
      keys.pairwise('hra', ''),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

describe('a process with other keys than the database was written under', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
    await createVault(database.pool);
  });
  afterAll(() => database.drop());

  test('refuses to start, because known people would become unknown', async () => {
    const { pool } = database;
    const [master, pepper] = [secret(), secret()];
    const start = (masterKeys: string, peppers: string) =>
      new KeysInUse(
        pool,
        new PrivacyKeys(new KeyRing(masterKeys), new KeyRing(peppers)),
      ).onApplicationBootstrap();
    await start(master, pepper);
    await start(master, pepper);
    await expect(start(secret(), pepper)).rejects.toMatchObject({ code: 'key_missing' });
    await expect(start(master, secret())).rejects.toMatchObject({ code: 'key_missing' });
    await start(`${master},${secret()}`, pepper);
  });
});
