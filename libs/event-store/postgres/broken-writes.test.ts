import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BreakingProxy, breakingProxy } from '../../../test/support/breaking-proxy.js';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { NONE, START } from '../port.js';
import { newEvent, take } from '../store.contract.js';
import { checkChains } from './chain-check.js';
import { createEventStore, PostgresEventStore } from './index.js';

/** Every write is broken both ways: lost before it is done, and done with its answer lost. */
/** Of a store whose connection comes back, however slow the machine is. */
const longPatienceMs = 60_000;
/** Where it is the subject that an append gives up. */
const shortPatienceMs = 500;

describe('a write that breaks', () => {
  let database: TestDatabase;
  let proxy: BreakingProxy;
  let store: PostgresEventStore;
  const open = (patienceMs: number) =>
    PostgresEventStore.open({
      city: 'city.example',
      connectionString: proxy.url,
      pollMs: 20,
      patienceMs,
    });
  beforeEach(async () => {
    database = await freshDatabase();
    await createEventStore(database.pool);
    proxy = await breakingProxy(database.url);
    store = await open(longPatienceMs);
  });
  afterEach(async () => {
    await store.close();
    await proxy.close();
    expect((await checkChains(database.pool)).wrong).toEqual([]);
    await database.drop();
  });

  const ways = {
    'before it reached the database': (text: string, then?: 'away') => proxy.loseNext(text, then),
    'after it was committed': (text: string, then?: 'away') => proxy.loseAnswerTo(text, then),
  };

  for (const [when, breakIt] of Object.entries(ways)) {
    test(`${when} is written once, and answered`, async () => {
      await store.append('case-0', NONE, [newEvent()]);
      const broken = breakIt('case-7');
      const appended = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          store.append(`case-${n + 1}`, NONE, [newEvent(), newEvent()]),
        ),
      );
      await broken;
      for (const { stream, records } of appended) {
        const stored = await store.readStream(stream);
        expect(stored.map(({ hash }) => hash)).toEqual(records.map(({ hash }) => hash));
      }
      expect(await store.head()).toBe(41n);
      await store.append('case-7', 1, [newEvent()]);
    });

    test(`${when}, while another writer wants the place, is answered as the database has it`, async () => {
      const other = await PostgresEventStore.open({ city: 'city.example', pool: database.pool });
      const event = newEvent();
      const broken = breakIt('book-1', 'away');
      const appending = [store.append('book-1', NONE, [event])];
      await broken;
      appending.push(other.append('book-1', NONE, [newEvent()]));
      await Promise.allSettled([appending[1]]);
      proxy.away(false);
      const [mine, theirs] = await Promise.allSettled(appending);
      await other.close();
      const won = when === 'after it was committed';
      expect(mine!.status).toBe(won ? 'fulfilled' : 'rejected');
      expect(won ? theirs : mine).toMatchObject({ reason: { code: 'version_conflict' } });
      const records = await store.readStream('book-1');
      expect(records.map(({ body }) => body.id === event.id)).toEqual([won]);
    });

    test(`${when}, in the middle of a stream's chain, leaves the chain whole`, async () => {
      await store.append('book-1', NONE, [newEvent()]);
      const broken = breakIt('book-1');
      const appended = await Promise.all(
        Array.from({ length: 10 }, (_, n) => store.append('book-1', n, [newEvent()])),
      );
      expect(appended.map(({ records }) => records[0]!.version)).toEqual(
        Array.from({ length: 10 }, (_, n) => n + 1),
      );
      await broken;
    });

    test(`${when}, and a database that does not come back: the caller is told that it is uncertain`, async () => {
      await store.close();
      store = await open(shortPatienceMs);
      const event = newEvent();
      const broken = breakIt('case-1', 'away');
      await expect(store.append('case-1', NONE, [event])).rejects.toMatchObject({
        code: 'append_uncertain',
      });
      await broken;
      proxy.away(false);
      const again = await store.append('case-1', NONE, [event]);
      expect(again.repeated).toBe(when === 'after it was committed');
      expect(await store.readStream('case-1')).toHaveLength(1);
    });
  }

  test('an append to a host that vanishes is uncertain at its deadline, and found or written when the host returns', async () => {
    await store.close();
    store = await PostgresEventStore.open({
      city: 'city.example',
      connectionString: proxy.url,
      patienceMs: shortPatienceMs,
      answerMs: 700,
    });
    await store.append('case-1', NONE, [newEvent()]);
    const event = newEvent();
    proxy.hang(true);
    await expect(store.append('case-1', 0, [event])).rejects.toMatchObject({
      code: 'append_uncertain',
    });
    proxy.hang(false);
    await store.append('case-1', 0, [event]);
    expect(await store.readStream('case-1')).toHaveLength(2);
  });

  test('an append that was never sent fails as unreachable while the database is away', async () => {
    await store.close();
    store = await open(shortPatienceMs);
    await store.append('case-1', NONE, [newEvent()]);
    proxy.away(true);
    await expect(store.readStream('case-1')).rejects.toMatchObject({ code: 'store_unreachable' });
    await expect(store.append('case-2', NONE, [newEvent()])).rejects.toMatchObject({
      code: 'store_unreachable',
    });
    proxy.away(false);
    await store.append('case-2', NONE, [newEvent()]);
  });

  test('a subscription survives an outage of the database without a gap or a duplicate', async () => {
    await store.append('case-1', NONE, [newEvent()]);
    const seen = take(store, START, 21);
    await take(store, START, 1);
    proxy.away(true);
    const writer = await PostgresEventStore.open({ city: 'city.example', pool: database.pool });
    for (let n = 0; n < 20; n++) await writer.append('case-1', n, [newEvent()]);
    proxy.away(false);
    await writer.close();
    expect((await seen).map(({ position }) => position)).toEqual(
      Array.from({ length: 21 }, (_, n) => BigInt(n + 1)),
    );
  });

  test('refuses to append to a database restored from an older copy', async () => {
    for (let n = 0; n < 3; n++) await store.append('case-1', n - 1, [newEvent()]);
    proxy.away(true);
    await database.pool.query('DELETE FROM log_record WHERE position = 3');
    await database.pool.query('UPDATE log_head SET position = 2');
    proxy.away(false);
    await expect(store.append('case-1', 2, [newEvent()])).rejects.toMatchObject({
      code: 'store_damaged',
    });
    expect(await store.head()).toBe(2n);
  });

  test('stored bytes that were changed are not handed out', async () => {
    await store.append('case-1', NONE, [newEvent({ n: 1 })]);
    await store.close();
    await database.pool.query("UPDATE log_record SET bytes = bytes || '\\x20'");
    store = await PostgresEventStore.open({ city: 'city.example', connectionString: proxy.url });
    await expect(store.readStream('case-1')).rejects.toMatchObject({ code: 'store_damaged' });
    await expect(store.readAll(START, 1)).rejects.toMatchObject({ code: 'store_damaged' });
    expect((await checkChains(database.pool)).wrong).toMatchObject([
      { stream: 'case-1', version: 0 },
    ]);
    await database.pool.query('DELETE FROM log_record');
    await database.pool.query('UPDATE log_head SET position = 0');
  });
});
