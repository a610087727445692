import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { createVault } from '../vault.migrations.js';
import { KeyRing, VaultKeys } from './keys.js';
import { openKeys } from './keys-in-use.js';

const secret = () => randomBytes(32).toString('base64url');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-keys-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const always = () => true;

describe('the keys', () => {
  test('are made where they may be, for their owner alone, and are the same on the second start', async () => {
    const at = join(folder, 'first');
    const first = await VaultKeys.load(at, {}, always);
    expect((await stat(join(at, 'master.key'))).mode & 0o777).toBe(0o600);
    expect(first.master.current.bytes).toHaveLength(32);
    const second = await VaultKeys.load(at, {}, always);
    expect(second.master.current).toEqual(first.master.current);
    expect(second.pairwiseId).toBe(first.pairwiseId);
  });

  test('are one, when many processes start at once', async () => {
    const at = join(folder, 'race');
    const all = await Promise.all(Array.from({ length: 16 }, () => VaultKeys.load(at, {}, always)));
    expect(new Set(all.map(({ master }) => master.current.id)).size).toBe(1);
    expect((await readdir(at)).sort()).toEqual(['master.key', 'pepper.key']);
  });

  test('are not made where nobody said that they may be', async () => {
    const at = join(folder, 'nothing');
    await expect(VaultKeys.load(at, {})).rejects.toMatchObject({ code: 'key_file_missing' });
    expect(await readdir(folder)).not.toContain('nothing');
  });

  test.each([0o640, 0o604, 0o660, 0o644])(
    'are refused from a file with mode %o, and the file is left as it is',
    async (mode) => {
      const at = join(folder, `mode-${mode}`);
      await VaultKeys.load(at, {}, always);
      for (const name of ['master.key', 'pepper.key']) {
        const file = join(at, name);
        const text = await readFile(file, 'utf8');
        await chmod(file, mode);
        await expect(VaultKeys.load(at, {}, always)).rejects.toMatchObject({
          code: 'key_file_open_to_others',
          hint: `chmod 600 ${file}`,
        });
        await chmod(file, 0o600);
        expect(await readFile(file, 'utf8')).toBe(text);
      }
    },
  );

  test('may come from the environment, and no file is made then', async () => {
    const [master, pepper] = [secret(), secret()];
    const env = { MASTER_KEY: master, LOOKUP_PEPPER: pepper };
    const at = join(folder, 'never');
    const keys = await VaultKeys.load(at, env);
    await keys.keepPairwise(at, env);
    expect(Buffer.from(keys.master.current.bytes).toString('base64url')).toBe(master);
    expect(await readdir(folder)).not.toContain('never');
    // The same master key in a file gives the same pairwise ids.
    await mkdir(at, { mode: 0o700 });
    for (const [name, text] of Object.entries({ 'master.key': master, 'pepper.key': pepper }))
      await writeFile(join(at, name), text, { mode: 0o600 });
    const filed = await VaultKeys.load(at, {});
    await filed.keepPairwise(at, {});
    expect(filed.pairwiseId).toBe(keys.pairwiseId);
    expect((await VaultKeys.load(at, {})).pairwiseId).toBe(keys.pairwiseId);
  });

  test.each(['', 'short', `${'A'.repeat(42)}=`, 'A'.repeat(42) + 'B'])(
    'are refused when one is written as %j',
    (text) => {
      expect(() => new KeyRing(text)).toThrow(expect.objectContaining({ code: 'key_malformed' }));
    },
  );

  test('can be replaced: the new master key is used, the old one still opens, departments know the same ids', () => {
    const [old, next, pepper] = [secret(), secret(), new KeyRing(secret())];
    const before = new VaultKeys(new KeyRing(old), pepper);
    const after = new VaultKeys(new KeyRing(`${old}\n${next}\n`), pepper);
    expect(after.master.current.id).not.toBe(before.master.current.id);
    expect(after.wrappingKey(before.master.current.id)).toEqual(
      before.wrappingKey(before.master.current.id),
    );
    expect(after.pairwise('d', 's')).toBe(before.pairwise('d', 's'));
  });
});

describe('a secret that the ledger forms anew', () => {
  test('is of its purpose and name, and the same under a new master key', () => {
    const [old, peppers] = [secret(), new KeyRing(secret())];
    const keys = new VaultKeys(new KeyRing(old), peppers);
    const formed = keys.secret('purpose', 'name');
    expect(formed).toHaveLength(32);
    const rotated = new VaultKeys(new KeyRing(`${old}\n${secret()}`), peppers);
    expect(rotated.secret('purpose', 'name')).toEqual(formed);
    for (const other of [
      keys.secret('purpose', 'other'),
      keys.secret('other', 'name'),
      new VaultKeys(new KeyRing(secret()), peppers).secret('purpose', 'name'),
    ])
      expect(other).not.toEqual(formed);
    expect(formed.toString('base64url')).not.toContain(keys.pairwise('purpose', 'name'));
  });
});

describe('a pairwise id', () => {
  const keys = new VaultKeys(new KeyRing(secret()), new KeyRing(secret()));

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

describe('a process that starts', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
    await createVault(database.pool);
  });
  afterEach(() => database.drop());
  const named = async () =>
    (
      await database.pool.query<{ purpose: string; id: string }>(
        'SELECT purpose, id FROM vault.key_in_use ORDER BY purpose, id',
      )
    ).rows;
  let folders = 0;
  const newFolder = () => join(folder, `start-${++folders}`);

  test('with other keys than the database was written under is refused, because known people would become unknown', async () => {
    const [MASTER_KEY, LOOKUP_PEPPER] = [secret(), secret()];
    const start = (env: NodeJS.ProcessEnv) => openKeys(database.pool, folder, env);
    await start({ MASTER_KEY, LOOKUP_PEPPER });
    await start({ MASTER_KEY, LOOKUP_PEPPER });
    const before = await named();
    for (const wrong of [
      { MASTER_KEY: secret(), LOOKUP_PEPPER },
      { MASTER_KEY, LOOKUP_PEPPER: secret() },
      { MASTER_KEY, LOOKUP_PEPPER, PAIRWISE_KEY: secret() },
    ])
      await expect(start(wrong)).rejects.toMatchObject({ code: 'key_missing' });
    expect(await named()).toEqual(before);
    await start({ MASTER_KEY: `${MASTER_KEY},${secret()}`, LOOKUP_PEPPER });
  });

  test('and does not find a file that was in use makes no other in its place', async () => {
    const at = newFolder();
    await openKeys(database.pool, at, {});
    expect((await readdir(at)).sort()).toEqual(['master.key', 'pairwise.key', 'pepper.key']);
    const before = await named();
    for (const file of ['master.key', 'pepper.key']) {
      await rename(join(at, file), join(at, 'away'));
      await expect(openKeys(database.pool, at, {})).rejects.toMatchObject({
        code: 'key_file_missing',
        facts: { file: join(at, file) },
      });
      expect(await readdir(at)).not.toContain(file);
      await rename(join(at, 'away'), join(at, file));
    }
    // A fresh pairwise secret is wrong as soon as the first master key is gone.
    const master = await readFile(join(at, 'master.key'), 'utf8');
    await writeFile(join(at, 'master.key'), `${secret()}\n${master}`);
    await rm(join(at, 'pairwise.key'));
    await expect(openKeys(database.pool, at, {})).rejects.toMatchObject({ code: 'key_missing' });
    expect(await readdir(at)).not.toContain('pairwise.key');
    expect(await named()).toEqual(before);
  });

  test('at once with another that has a folder of its own does not become a second city: one of them is refused', async () => {
    const starts = await Promise.allSettled(
      Array.from({ length: 4 }, () => openKeys(database.pool, newFolder(), {})),
    );
    const refused = starts.flatMap((start) =>
      start.status === 'rejected' ? [start.reason as unknown] : [],
    );
    expect(refused).toHaveLength(3);
    for (const error of refused) expect(error).toMatchObject({ code: 'key_file_missing' });
    expect(await named()).toHaveLength(3);
  });
});
