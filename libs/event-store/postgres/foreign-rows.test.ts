import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createSealing } from '../../sealing/sealing.migrations.js';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { NONE, START } from '../port.js';
import { newEvent } from '../store.contract.js';
import { checkChains } from './chain-check.js';
import { createEventStore, PostgresEventStore } from './index.js';

/** As docs/operations/alarms.md has it. */
const takeAway = /```sql\n(BEGIN;\nWITH foreign_row[^`]*)```/.exec(
  readFileSync(new URL('../../../docs/operations/alarms.md', import.meta.url), 'utf8'),
)![1]!;

describe('a row in PostgreSQL that is no record', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeEach(async () => {
    database = await freshDatabase();
    await createEventStore(database.pool);
    await createSealing(database.pool);
    store = await PostgresEventStore.open({ city: 'city.example', pool: database.pool });
    for (let n = 0; n < 3; n++) await store.append('book-1', n - 1, [newEvent({ n })]);
    await database.pool.query(`
      INSERT INTO log_record (position, version, stream, hash, bytes) VALUES (4, 0, 'orders-7', '\\x00', '{}');
      UPDATE log_head SET position = 4`);
    // Acknowledged before it was noticed.
    await store.append('book-1', 2, [newEvent()]);
    await store.append('case-1', NONE, [newEvent()]);
  });
  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  test('ends each reader that meets it, with stream, version and position', async () => {
    const damage = expect.objectContaining({
      code: 'store_damaged',
      facts: { stream: 'orders-7', version: 0, position: '4' },
    }) as unknown;
    await expect(store.readAll(START, 100)).rejects.toEqual(damage);
    await expect(store.readStream('orders-7')).rejects.toEqual(damage);
    await expect(store.readLast('orders-7')).rejects.toEqual(damage);
    expect((await checkChains(database.pool)).wrong[0]).toMatchObject({
      stream: 'orders-7',
      version: 0,
    });
    expect(await store.findForeign()).toEqual([]);
  });

  test('is met by one that follows, behind the head too', async () => {
    const pages = store.subscribe(await store.head(), AbortSignal.timeout(60_000));
    const next = pages.next();
    await database.pool.query(
      `INSERT INTO log_record (position, version, stream, hash, bytes) VALUES (99, 0, 'orders-8', '\\x00', '{}')`,
    );
    await expect(next).rejects.toMatchObject({
      code: 'store_damaged',
      facts: { stream: 'orders-8', version: 0, position: '99' },
    });
  });

  test('is looked for by the poll alone: a process does not read its own commits back', async () => {
    const own = await PostgresEventStore.open({
      city: 'city.example',
      pool: database.pool,
      pollMs: 60_000,
    });
    try {
      const read = jest.spyOn(own, 'readAll');
      const pages = own.subscribe(await own.head(), AbortSignal.timeout(60_000));
      for (let version = 0; version < 5; version++) {
        const next = pages.next();
        await own.append('case-1', version, [newEvent()]);
        expect((await next).value).toHaveLength(1);
      }
      // Before the first commit, and where the only poll saw it before this process knew of it.
      expect(read.mock.calls.length).toBeLessThanOrEqual(2);
    } finally {
      await own.close();
    }
  });

  test('can be removed as docs/operations says, and the records acknowledged after it stay whole', async () => {
    const before = await store.readStream('book-1');
    await database.pool.query(takeAway.replace('position = N ', 'position = 4 '));
    expect((await checkChains(database.pool)).wrong).toEqual([]);
    expect(await store.readStream('book-1')).toMatchObject(before.map(({ hash }) => ({ hash })));
    expect(await store.readAll(START, 100)).toHaveLength(5);
    await store.append('case-1', 0, [newEvent()]);
    expect(await store.head()).toBe(6n);
  });

  test('cannot be removed that way once it is sealed', async () => {
    await database.pool.query('UPDATE log_sealed SET position = 4');
    await database.pool.query(takeAway.replace('position = N ', 'position = 4 '));
    const { rows } = await database.pool.query('SELECT FROM log_record');
    expect(rows).toHaveLength(6);
    expect(await store.head()).toBe(6n);
  });
});
