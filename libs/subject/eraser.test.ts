import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { CommandContext } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import { SystemClock } from '#libs/kernel';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { PostgresBlobs } from '../vault/postgres/blobs.js';
import { KeyRing, VaultKeys } from '../vault/postgres/keys.js';
import { createVault } from '../vault/vault.migrations.js';
import { createSubject } from './subject.migrations.js';
import { newKey } from '../vault/seal.js';
import { PostgresVault } from '../vault/postgres/vault.js';
import { PostgresSubjectDirectory } from './directory.postgres.js';
import { Eraser } from './eraser.js';
import { Erasures } from './erasures.js';
import { onSubject, readSubject } from './subject.stream.js';
import { actingKeyOf } from '../../test/support/acting-key.js';

const secret = () => randomBytes(32).toString('base64url');
const id = () => randomBytes(16).toString('base64url');
const keys = new VaultKeys(new KeyRing(secret()), new KeyRing(secret()));
const store = new MemoryEventStore('city.example');
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  await createVault(database.pool);
  await createSubject(database.pool);
});
afterAll(() => database.drop());

const context = (client = 'admin-1'): CommandContext => ({
  actor: { client },
  idempotencyKey: id(),
  seed: randomBytes(32).toString('hex'),
  now: new SystemClock().now(),
});

function room() {
  const vault = new PostgresVault(database.pool, keys);
  const erasures = new Erasures(database.pool);
  return {
    vault,
    erasures,
    blobs: new PostgresBlobs(database.pool),
    directory: new PostgresSubjectDirectory(database.pool, keys, store),
    eraser: new Eraser(store, vault, erasures, new SystemClock()),
  };
}

/** A person with a number and a key, whose erasure two administrators approved. */
async function approved() {
  const { directory, vault, erasures } = room();
  const number = `T${randomBytes(6).toString('hex')}`;
  const subject = await directory.resolve(context(), { kind: '999', number, issuer: '示例机关' });
  const wrapped = await vault.wrap(subject, newKey());
  const erasure = id();
  await erasures.put(erasure, subject);
  await onSubject(store, subject, context(), {
    kind: 'request-erasure',
    erasure,
    by: 'admin-1',
    with: actingKeyOf('admin-1'),
    ended: null,
    reason: 'other-law',
    now: context().now,
  });
  const approve = () =>
    onSubject(store, subject, context(), {
      kind: 'approve-erasure',
      erasure,
      by: 'admin-2',
      with: actingKeyOf('admin-2'),
      sharedControl: [],
      requesterChanged: false,
      now: context().now,
    });
  return { number, subject, wrapped, erasure, approve };
}

const typesOf = async (subject: string) =>
  (await store.readStream(`subject-${subject}`)).map(({ body }) => body.type);

describe('an erasure', () => {
  test('that nobody approved destroys nothing', async () => {
    const { eraser, vault } = room();
    const { subject, wrapped, erasure } = await approved();
    await expect(eraser.carryOut(context(), subject, erasure)).rejects.toMatchObject({
      code: 'erasure_absent',
    });
    await eraser.resume();
    await expect(vault.unwrap(subject, wrapped)).resolves.toBeDefined();
  });

  test('that was withdrawn destroys nothing, and is looked at no more', async () => {
    const { eraser, vault, erasures } = room();
    const { subject, wrapped, erasure } = await approved();
    await onSubject(store, subject, context(), {
      kind: 'withdraw-erasure',
      operator: null,
      erasure,
      by: 'admin-1',
      now: context().now,
    });
    await eraser.resume();
    await expect(eraser.carryOut(context(), subject, erasure)).rejects.toMatchObject({
      code: 'erasure_absent',
    });
    await expect(vault.unwrap(subject, wrapped)).resolves.toBeDefined();
    expect((await erasures.open()).map((open) => open.erasure)).not.toContain(erasure);
  });

  test('that stopped after any of its steps is finished at the next start', async () => {
    for (const steps of [0, 1, 2, 3]) {
      const { eraser, vault, erasures, directory } = room();
      const { number, subject, wrapped, erasure, approve } = await approved();
      await approve();
      if (steps > 0) await vault.destroy(subject);
      if (steps > 1) await erasures.forget(subject);
      if (steps > 2)
        await onSubject(store, subject, context(), { kind: 'finish-erasure', erasure });

      await eraser.resume();
      await eraser.resume();

      expect((await typesOf(subject)).filter((type) => type === 'SubjectErased')).toHaveLength(1);
      expect((await readSubject(store, subject)).status).toBe('erased');
      await expect(vault.unwrap(subject, wrapped)).rejects.toMatchObject({
        code: 'subject_key_destroyed',
      });
      expect(await directory.find({ kind: '999', number, issuer: '示例机关' })).toBeNull();
      expect((await erasures.open()).map((open) => open.erasure)).not.toContain(erasure);
      expect(
        await directory.resolve(context(), { kind: '999', number, issuer: '示例机关' }),
      ).not.toBe(subject);
    }
  });

  test('that cannot be carried out is left for the next round, and keeps no other from it', async () => {
    const { vault, erasures, directory } = room();
    const one = await approved();
    const other = await approved();
    await one.approve();
    await other.approve();
    const away = new (class extends PostgresVault {
      override destroy(subject: string): Promise<void> {
        return subject === one.subject
          ? Promise.reject(new Error('the database is away'))
          : super.destroy(subject);
      }
    })(database.pool, keys);
    const left = await new Eraser(store, away, erasures, new SystemClock()).resume();
    expect(left).toEqual([
      { since: expect.stringMatching(/^20/), error: new Error('the database is away') },
    ]);
    await expect(vault.unwrap(other.subject, other.wrapped)).rejects.toMatchObject({
      code: 'subject_key_destroyed',
    });
    await expect(vault.unwrap(one.subject, one.wrapped)).resolves.toBeDefined();

    expect(await room().eraser.resume()).toEqual([]);
    await expect(vault.unwrap(one.subject, one.wrapped)).rejects.toMatchObject({
      code: 'subject_key_destroyed',
    });
    expect(
      await directory.find({ kind: '999', number: one.number, issuer: '示例机关' }),
    ).toBeNull();
  });

  test('takes what somebody wrote while it was carried out, who had begun before', async () => {
    const { vault, erasures, blobs } = room();
    const { subject, erasure, approve } = await approved();
    await approve();
    const blob = id();
    await blobs.put(blob, randomBytes(64), 'a-client');
    const late = new (class extends MemoryEventStore {
      override async append(...whatever: Parameters<MemoryEventStore['append']>) {
        await database.pool.query('INSERT INTO vault.blob_holder (blob, subject) VALUES ($1, $2)', [
          blob,
          subject,
        ]);
        await database.pool.query('INSERT INTO vault.phone_key (jkt, subject) VALUES ($1, $2)', [
          id(),
          subject,
        ]);
        return store.append(...whatever);
      }
      override readStream = store.readStream.bind(store);
      override streamHeads = store.streamHeads.bind(store);
    })('city.example');
    await new Eraser(late, vault, erasures, new SystemClock()).carryOut(
      context(),
      subject,
      erasure,
    );
    const { rows } = await database.pool.query(
      `SELECT subject FROM vault.phone_key WHERE subject = $1
       UNION ALL SELECT subject FROM vault.blob_holder WHERE subject = $1`,
      [subject],
    );
    expect(rows).toEqual([]);
    expect(await blobs.get(blob)).toBeNull();
  });

  test('takes a file with the last of its holders, and not before', async () => {
    const { erasures, blobs, vault } = room();
    const [blob, other, first, last] = [id(), id(), id(), id()];
    for (const one of [blob, other]) await blobs.put(one, randomBytes(64), 'a-client');
    for (const subject of [first, last]) await vault.wrap(subject, newKey());
    await blobs.belong([blob], [first, last]);
    await blobs.belong([other], [last]);
    await vault.destroy(first);
    await erasures.forget(first);
    expect(await blobs.get(blob)).not.toBeNull();
    await vault.destroy(last);
    await erasures.forget(last);
    expect([await blobs.get(blob), await blobs.get(other)]).toEqual([null, null]);
  });

  test('leaves no number that leads to nobody: a row written meanwhile goes, and the next that asks gets a new subject', async () => {
    const { eraser, directory } = room();
    const { number, subject, erasure, approve } = await approved();
    const { rows } = await database.pool.query(
      'SELECT hmac, pepper, kind, identifier, subject FROM vault.lookup WHERE subject = $1',
      [subject],
    );
    await approve();
    await eraser.carryOut(context(), subject, erasure);
    const [{ hmac, pepper, kind, identifier }] = rows as [Record<string, unknown>];
    await database.pool.query(
      'INSERT INTO vault.lookup (hmac, pepper, kind, identifier, subject) VALUES ($1, $2, $3, $4, $5)',
      [hmac, pepper, kind, identifier, subject],
    );
    await expect(
      directory.resolve(context(), { kind: '999', number, issuer: '示例机关' }),
    ).rejects.toMatchObject({
      code: 'lookup_row_vanished',
    });
    expect(
      await directory.resolve(context(), { kind: '999', number, issuer: '示例机关' }),
    ).not.toBe(subject);
  });
});
