import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { MemoryEventStore } from '#libs/event-store/memory';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { PostgresBlobs } from '../vault/postgres/blobs.js';
import { KeyRing, VaultKeys } from '../vault/postgres/keys.js';
import { createVault } from '../vault/vault.migrations.js';
import { createSubject } from './subject.migrations.js';
import { newKey } from '../vault/seal.js';
import { PostgresVault } from '../vault/postgres/vault.js';
import { EnrolmentCodes } from './enrolment-codes.js';
import { Erasures } from './erasures.js';
import { PostgresPhoneKeys } from './phone-keys.postgres.js';

const secret = () => randomBytes(32).toString('base64url');
const id = () => randomBytes(16).toString('base64url');
const keys = new VaultKeys(new KeyRing(secret()), new KeyRing(secret()));
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  await createVault(database.pool);
  await createSubject(database.pool);
});
afterAll(() => database.drop());

const vault = () => new PostgresVault(database.pool, keys);
async function somebody() {
  const subject = id();
  await vault().wrap(subject, newKey());
  return subject;
}
async function erased() {
  const subject = await somebody();
  await vault().destroy(subject);
  return subject;
}
const count = async (table: string, subject: string) =>
  (await database.pool.query(`SELECT FROM vault.${table} WHERE subject = $1`, [subject])).rowCount;

const putCode = (subject: string) =>
  new EnrolmentCodes(database.pool).put(
    id(),
    { enrolment: id(), subject },
    '2026-11-22T08:10:00.000Z',
  );
const phoneKeys = () => new PostgresPhoneKeys(database.pool, new MemoryEventStore('city.example'));
const blobs = () => new PostgresBlobs(database.pool);

describe('a command that began before the erasure of its subject leaves behind', () => {
  test('no enrolment code', async () => {
    const [gone, there] = [await erased(), await somebody()];
    await expect(putCode(gone)).rejects.toMatchObject({ code: 'subject_erased' });
    await putCode(there);
    expect([await count('enrolment_code', gone), await count('enrolment_code', there)]).toEqual([
      0, 1,
    ]);
  });

  test('no phone', async () => {
    const [gone, there, jkt] = [await erased(), await somebody(), id()];
    await expect(phoneKeys().claim(jkt, gone)).rejects.toMatchObject({ code: 'subject_erased' });
    await phoneKeys().claim(jkt, there);
    await phoneKeys().claim(jkt, there);
    // Nor by taking over a key that another subject claimed long ago and never enrolled.
    await database.pool.query(
      `UPDATE vault.phone_key SET claimed = now() - interval '1 day' WHERE jkt = $1`,
      [jkt],
    );
    await expect(phoneKeys().claim(jkt, gone)).rejects.toMatchObject({ code: 'subject_erased' });
    expect([await count('phone_key', gone), await count('phone_key', there)]).toEqual([0, 1]);
  });

  test('no file, and those of other holders stay theirs', async () => {
    const [gone, there, blob] = [await erased(), await somebody(), id()];
    await blobs().put(blob, randomBytes(64), 'a-client');
    await blobs().belong([blob], [gone, there]);
    expect([await count('blob_holder', gone), await count('blob_holder', there)]).toEqual([0, 1]);
  });
});

test('a phone key of somebody who was erased is nobody\u2019s for ever, and says whom it was of to nobody', async () => {
  const [subject, other, jkt] = [await somebody(), await somebody(), id()];
  await phoneKeys().claim(jkt, subject);
  await vault().destroy(subject);
  await new Erasures(database.pool).forget(subject);
  await new Erasures(database.pool).forget(subject);
  await database.pool.query(
    `UPDATE vault.phone_key SET claimed = now() - interval '1 day' WHERE jkt = $1`,
    [jkt],
  );
  for (const whoever of [other, other])
    await expect(phoneKeys().claim(jkt, whoever)).rejects.toMatchObject({
      code: 'phone_key_taken',
      hint: 'Make a new key on the phone for each enrolment.',
    });
  expect(await phoneKeys().subjectOf(jkt)).toBeNull();
  expect(await count('phone_key', subject)).toBe(0);
});

test.each([
  ['an enrolment code', 'enrolment_code', putCode],
  ['a phone', 'phone_key', (subject: string) => phoneKeys().claim(id(), subject)],
  ['a file', 'blob_holder', (subject: string) => blobs().belong([id()], [subject])],
] as const)(
  '%s that is written while the key is being destroyed waits for it, and is not written',
  async (_, table, write) => {
    const subject = await somebody();
    const eraser = await database.pool.connect();
    await eraser.query('BEGIN');
    await eraser.query(
      'UPDATE vault.subject_key SET wrapped = NULL, destroyed = now() WHERE subject = $1',
      [subject],
    );
    const writing = write(subject).catch((error: unknown) => error);
    for (;;) {
      const { rowCount } = await database.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (rowCount === 1) break;
    }
    await eraser.query('COMMIT');
    eraser.release();
    await writing;
    expect(await count(table, subject)).toBe(0);
  },
);
