import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { CommandContext, EventStore } from '#libs/event-store';
import { EventStoreDbEventStore } from '#libs/event-store/eventstoredb';
import { MemoryEventStore } from '#libs/event-store/memory';
import { SystemClock } from '#libs/kernel';
import { EventStoreDouble } from '../../test/eventstore/double.js';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { PostgresBlobs } from '../vault/postgres/blobs.js';
import { KeyRing, VaultKeys } from '../vault/postgres/keys.js';
import { createVault } from '../vault/vault.migrations.js';
import { createSubject } from './subject.migrations.js';
import { newKey } from '../vault/seal.js';
import { PostgresVault } from '../vault/postgres/vault.js';
import { PostgresSubjectDirectory } from './directory.postgres.js';
import { Eraser } from './eraser.js';
import { RestoredErasures } from './eraser-restored.js';
import { Erasures } from './erasures.js';
import { onSubject } from './subject.stream.js';
import { actingKeyOf } from '../../test/support/acting-key.js';

const secret = () => randomBytes(32).toString('base64url');
const id = () => randomBytes(16).toString('base64url');
const keys = new VaultKeys(new KeyRing(secret()), new KeyRing(secret()));
const now = () => new SystemClock().now();
const context = (client = 'admin-1'): CommandContext => ({
  actor: { client },
  idempotencyKey: id(),
  seed: randomBytes(32).toString('hex'),
  now: now(),
});
const tables = [
  'subject_key',
  'lookup',
  'phone_key',
  'sealed_blob',
  'blob_holder',
  'erasure',
  'legal_hold',
  'erased_until',
];

describe.each(['memory', 'EventStoreDB'])(
  'a database that was restored from before an erasure, the records in %s not',
  (place) => {
    let database: TestDatabase;
    let double: EventStoreDouble | undefined;
    let store: EventStore;
    beforeAll(async () => {
      database = await freshDatabase();
      await createVault(database.pool);
      await createSubject(database.pool);
      const city = 'city.example';
      double = place === 'memory' ? undefined : await EventStoreDouble.start();
      store = double
        ? await EventStoreDbEventStore.open({ city, url: double.url })
        : new MemoryEventStore(city);
    });
    afterAll(async () => {
      await store.close();
      await double?.stop();
      await database.drop();
    });

    /** What a process opens at its start. */
    function start() {
      const vault = new PostgresVault(database.pool, keys);
      const erasures = new Erasures(database.pool);
      const eraser = new Eraser(store, vault, erasures, new SystemClock());
      return {
        vault,
        erasures,
        eraser,
        blobs: new PostgresBlobs(database.pool),
        directory: new PostgresSubjectDirectory(database.pool, keys, store),
        restored: new RestoredErasures(store, erasures, eraser),
      };
    }
    const look = (at = start()) => at.restored.look(new AbortController().signal);

    async function backup(): Promise<void> {
      await database.pool.query('DROP SCHEMA IF EXISTS saved CASCADE; CREATE SCHEMA saved');
      for (const table of tables)
        await database.pool.query(`CREATE TABLE saved.${table} AS TABLE vault.${table}`);
    }
    async function restore(): Promise<void> {
      for (const table of tables)
        await database.pool.query(
          `TRUNCATE vault.${table}; INSERT INTO vault.${table} SELECT * FROM saved.${table}`,
        );
    }

    async function person() {
      const { directory, vault, blobs } = start();
      const number = `T${randomBytes(6).toString('hex')}`;
      const subject = await directory.resolve(context(), {
        kind: '999',
        number,
        issuer: '示例机关',
      });
      const wrapped = await vault.wrap(subject, newKey());
      const [blob, jkt] = [id(), id()];
      await blobs.put(blob, randomBytes(64), 'a-client');
      await blobs.belong([blob], [subject]);
      await database.pool.query('INSERT INTO vault.phone_key (jkt, subject) VALUES ($1, $2)', [
        jkt,
        subject,
      ]);
      return { number, subject, wrapped, blob, jkt };
    }
    async function ask({ subject }: { readonly subject: string }): Promise<string> {
      const erasure = id();
      await start().erasures.put(erasure, subject);
      await onSubject(store, subject, context(), {
        kind: 'request-erasure',
        erasure,
        by: 'admin-1',
        with: actingKeyOf('admin-1'),
        ended: null,
        reason: 'other-law',
        now: now(),
      });
      return erasure;
    }
    const approve = ({ subject }: { readonly subject: string }, erasure: string) =>
      onSubject(store, subject, context('admin-2'), {
        kind: 'approve-erasure',
        erasure,
        by: 'admin-2',
        with: actingKeyOf('admin-2'),
        sharedControl: [],
        requesterChanged: false,
        now: now(),
      });
    async function erase(whom: Awaited<ReturnType<typeof person>>): Promise<string> {
      const erasure = await ask(whom);
      await approve(whom, erasure);
      await start().eraser.carryOut(context('admin-2'), whom.subject, erasure);
      return erasure;
    }

    async function isGone({
      number,
      subject,
      wrapped,
      blob,
      jkt,
    }: Awaited<ReturnType<typeof person>>) {
      const { vault, directory, blobs } = start();
      await expect(vault.unwrap(subject, wrapped)).rejects.toMatchObject({
        code: 'subject_key_destroyed',
      });
      expect(await directory.find({ kind: '999', number, issuer: '示例机关' })).toBeNull();
      expect(await blobs.get(blob)).toBeNull();
      const { rows } = await database.pool.query<{ subject: string | null }>(
        'SELECT subject FROM vault.phone_key WHERE jkt = $1',
        [jkt],
      );
      expect(rows).toEqual([{ subject: null }]);
    }

    test('destroys again at the next start what the records say was erased, and nothing else', async () => {
      const [erased, kept] = [await person(), await person()];
      await look();
      await backup();
      await erase(erased);
      await restore();
      const { vault, directory } = start();
      await expect(vault.unwrap(erased.subject, erased.wrapped)).resolves.toBeDefined();
      expect(await directory.find({ kind: '999', number: erased.number, issuer: '示例机关' })).toBe(
        erased.subject,
      );

      await look();

      await isGone(erased);
      await expect(vault.unwrap(kept.subject, kept.wrapped)).resolves.toBeDefined();
      expect(await directory.find({ kind: '999', number: kept.number, issuer: '示例机关' })).toBe(
        kept.subject,
      );
    });

    test('finishes what was approved, and knows requests and holds again', async () => {
      const [approved, asked, held] = [await person(), await person(), await person()];
      await look();
      await backup();
      const [first, second, hold] = [await ask(approved), await ask(asked), id()];
      await approve(approved, first);
      await onSubject(store, held.subject, context(), {
        kind: 'place-hold',
        hold,
        by: 'admin-1',
        basis: 'litigation',
      });
      await restore();

      const { erasures, eraser, restored } = start();
      expect(await erasures.subjectOf(second)).toBeNull();
      await restored.look(new AbortController().signal);
      expect(await eraser.resume()).toEqual([]);

      await isGone(approved);
      expect(await erasures.subjectOf(second)).toBe(asked.subject);
      expect(await erasures.subjectOfHold(hold)).toBe(held.subject);
    });

    test('is noticed by a process that runs on, too', async () => {
      const running = start();
      await look(running);
      const erased = await person();
      await look(running);
      await backup();
      await erase(erased);
      await look(running);
      await restore();
      await look(running);
      await isGone(erased);
    });

    test('is not read anew from the beginning, nor while nothing went back', async () => {
      await look();
      const running = start();
      await look(running);
      const read: bigint[] = [];
      const readAll = store.readAll.bind(store);
      store.readAll = (after, limit) => {
        read.push(after);
        return readAll(after, limit);
      };
      try {
        await person();
        await look(running);
        expect(read).toEqual([]);
        await person();
        await look();
        expect(read.length).toBeGreaterThan(0);
        expect(read.every((after) => after > 0n)).toBe(true);
      } finally {
        store.readAll = readAll;
      }
    });
  },
);
