import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { createVault } from '../vault.migrations.js';
import { newKey, SEAL_OVERHEAD } from '../seal.js';
import { maxFileBytes, PostgresBlobs } from './blobs.js';
import { KeyRing, VaultKeys } from './keys.js';
import { PostgresVault } from './vault.js';

const secret = () => randomBytes(32).toString('base64url');
const id = () => randomBytes(16).toString('base64url');
const master = secret();
const pepper = new KeyRing(secret());
const keys = new VaultKeys(new KeyRing(master), pepper);
let database: TestDatabase;
let vault: PostgresVault;

beforeAll(async () => {
  database = await freshDatabase();
  await createVault(database.pool);
  vault = new PostgresVault(database.pool, keys);
});
afterAll(() => database.drop());

describe('the vault', () => {
  test('gives a key back to the subject under whose key it was wrapped, in every process', async () => {
    const [subject, key] = [id(), newKey()];
    const wrapped = await vault.wrap(subject, key);
    expect(Buffer.from(await vault.unwrap(subject, wrapped))).toEqual(key);
    const elsewhere = new PostgresVault(database.pool, keys);
    expect(Buffer.from(await elsewhere.unwrap(subject, wrapped))).toEqual(key);
  });

  test("refuses a wrap of another subject's, and a subject that it never saw", async () => {
    const wrapped = await vault.wrap(id(), newKey());
    const other = id();
    await vault.wrap(other, newKey());
    await expect(vault.unwrap(other, wrapped)).rejects.toMatchObject({ code: 'seal_broken' });
    await expect(vault.unwrap(id(), wrapped)).rejects.toMatchObject({
      code: 'subject_key_absent',
    });
    await expect(vault.unwrap(other, '*')).rejects.toMatchObject({ code: 'seal_broken' });
  });

  test('wraps and unwraps a page in order, one subject several times', async () => {
    const subjects = Array.from({ length: 40 }, id);
    const items = Array.from({ length: 120 }, (_, n) => ({
      subject: subjects[n % 40]!,
      key: newKey(),
    }));
    const wrapped = await vault.wrapMany(items);
    const back = await vault.unwrapMany(
      items.map(({ subject }, n) => ({ subject, wrapped: wrapped[n]! })),
    );
    expect(back.map((key) => Buffer.from(key))).toEqual(items.map(({ key }) => key));
  });

  test('makes one key for a subject, however many ask at once', async () => {
    const subjects = Array.from({ length: 30 }, id);
    const rounds = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        const own = new PostgresVault(database.pool, keys);
        const order = n % 2 === 0 ? subjects : subjects.toReversed();
        const items = order.map((subject) => ({ subject, key: newKey() }));
        const wrapped = await own.wrapMany(items);
        return items.map((item, i) => ({ ...item, wrapped: wrapped[i]! }));
      }),
    );
    for (const { subject, key, wrapped } of rounds.flat().slice(0, 60))
      expect(Buffer.from(await vault.unwrap(subject, wrapped))).toEqual(key);
  });

  test("opens nothing more once a subject's key was destroyed, and makes no second one", async () => {
    const subject = id();
    const elsewhere = new PostgresVault(database.pool, keys);
    const wrapped = await vault.wrap(subject, newKey());
    await elsewhere.unwrap(subject, wrapped);
    await vault.destroy(subject);
    await vault.destroy(subject);
    for (const one of [vault, elsewhere]) {
      const gone = expect.objectContaining({ code: 'subject_key_destroyed' });
      await expect(one.unwrap(subject, wrapped)).rejects.toEqual(gone);
      await expect(one.wrap(subject, newKey())).rejects.toEqual(gone);
    }
    const { rows } = await database.pool.query(
      'SELECT wrapped FROM vault.subject_key WHERE subject = $1',
      [subject],
    );
    expect(rows).toEqual([{ wrapped: null }]);
  });

  test('never makes a key for a subject that was destroyed before it had one', async () => {
    const subject = id();
    await vault.destroy(subject);
    await expect(vault.wrap(subject, newKey())).rejects.toMatchObject({
      code: 'subject_key_destroyed',
    });
  });

  test('opens what an earlier master key wrapped, and says which key is missing where it is', async () => {
    const subject = id();
    const [key, next] = [newKey(), secret()];
    const wrapped = await vault.wrap(subject, key);
    const rotated = new PostgresVault(
      database.pool,
      new VaultKeys(new KeyRing(`${master}\n${next}`), pepper),
    );
    expect(Buffer.from(await rotated.unwrap(subject, wrapped))).toEqual(key);
    const late = id();
    const wrappedLate = await rotated.wrap(late, key);
    await expect(vault.unwrap(late, wrappedLate)).rejects.toMatchObject({ code: 'key_missing' });
  });

  test('holds no key in clear', async () => {
    const subject = id();
    const key = newKey();
    await vault.wrap(subject, key);
    const { rows } = await database.pool.query<{ wrapped: Buffer }>(
      'SELECT wrapped FROM vault.subject_key WHERE subject = $1',
      [subject],
    );
    expect(rows[0]?.wrapped).toHaveLength(40);
  });
});

describe('sealed files', () => {
  const blobs = () => new PostgresBlobs(database.pool);

  test('come back as they were put, and putting them again changes nothing', async () => {
    const [name, bytes] = [id(), randomBytes(100_000)];
    await blobs().put(name, bytes, 'a-client');
    await blobs().put(name, new Uint8Array(bytes), 'a-client');
    expect(Buffer.from((await blobs().get(name))!)).toEqual(bytes);
    expect(await blobs().get(id())).toBeNull();
  });

  test('are never replaced by others under the same id', async () => {
    const name = id();
    await blobs().put(name, randomBytes(10), 'a-client');
    await expect(blobs().put(name, randomBytes(10), 'a-client')).rejects.toMatchObject({
      code: 'blob_id_taken',
    });
  });

  test('of 10 MB are taken, and one byte more is refused', async () => {
    const largest = randomBytes(maxFileBytes + SEAL_OVERHEAD);
    const name = id();
    await blobs().put(name, largest, 'a-client');
    expect(largest.equals((await blobs().get(name))!)).toBe(true);
    await expect(
      blobs().put(id(), Buffer.alloc(largest.length + 1), 'a-client'),
    ).rejects.toMatchObject({
      code: 'blob_too_large',
    });
  });
});
