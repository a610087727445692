import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { NONE, START, StoreUnavailable, VersionConflict } from '../port.js';
import { newEvent, take } from '../store.contract.js';
import { checkChains } from './chain-check.js';
import { createEventStore, PostgresEventStore } from './index.js';

/** Two stores with pools, connections and caches of their own stand for two processes. */
describe('writers on one PostgreSQL', () => {
  let database: TestDatabase;
  let open: PostgresEventStore[];
  const writer = async (options: { takeOver?: boolean } = {}) => {
    const store = await PostgresEventStore.open({
      city: 'city.example',
      connectionString: database.url,
      pollMs: 20,
      ...options,
    });
    open.push(store);
    return store;
  };
  beforeEach(async () => {
    open = [];
    database = await freshDatabase();
    await createEventStore(database.pool);
  });
  afterEach(async () => {
    await Promise.all(open.map((store) => store.close()));
    expect((await checkChains(database.pool)).wrong).toEqual([]);
    await database.drop();
  });

  test('of two writers that race for a version exactly one gets it, on every stream', async () => {
    const writers = [await writer(), await writer()];
    const wins = await Promise.all(
      Array.from({ length: 40 }, async (_, stream) => {
        let won = 0;
        for (let version = 0; version < 10; version++) {
          const results = await Promise.allSettled(
            writers.map((store) => store.append(`book-${stream}`, version - 1, [newEvent()])),
          );
          won += results.filter(({ status }) => status === 'fulfilled').length;
          for (const result of results)
            if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(VersionConflict);
        }
        return won;
      }),
    );
    expect(wins).toEqual(Array.from({ length: 40 }, () => 10));
  });

  test('the feed of a process tells its own records from those of others', async () => {
    const [own, other] = [await writer(), await writer()];
    const ended = new AbortController();
    const feed = own.subscribe(START, ended.signal)[Symbol.asyncIterator]();
    const first = feed.next();
    await other.append('book-1', NONE, [newEvent()]);
    expect((await first).value!.map(({ isOwn }) => isOwn ?? false)).toEqual([false]);
    const second = feed.next();
    await own.append('book-2', NONE, [newEvent()]);
    expect((await second).value!.map(({ isOwn }) => isOwn ?? false)).toEqual([true]);
    ended.abort();
  });

  test('a writer with an outdated version gets a conflict, and other streams are not affected', async () => {
    const [a, b] = [await writer(), await writer()];
    await a.append('book-1', NONE, [newEvent()]);
    await b.append('book-1', 0, [newEvent()]);
    await b.append('book-1', 1, [newEvent()]);
    const [stale, current, other] = await Promise.allSettled([
      a.append('book-1', 0, [newEvent()]),
      a.append('book-1', 2, [newEvent()]),
      a.append('book-2', NONE, [newEvent()]),
    ]);
    expect(stale).toMatchObject({ status: 'rejected', reason: { code: 'version_conflict' } });
    expect(current.status).toBe('fulfilled');
    expect(other.status).toBe('fulfilled');
  });

  test('a retry through the other writer gives the first result', async () => {
    const [a, b] = [await writer(), await writer()];
    const events = [newEvent(), newEvent()];
    const first = await a.append('book-1', NONE, events);
    await a.append('book-1', 1, [newEvent()]);
    expect(await b.append('book-1', NONE, events)).toEqual({ ...first, repeated: true });
  });

  test('a replaced writer is fenced, and reports it', async () => {
    const old = await writer();
    const alike = await writer();
    await old.append('case-1', NONE, [newEvent()]);
    const successor = await writer({ takeOver: true });
    for (const fenced of [old, alike, old])
      await expect(fenced.append('case-2', NONE, [newEvent()])).rejects.toMatchObject({
        code: 'store_fenced',
      });
    await successor.append('case-2', NONE, [newEvent()]);
    expect((await successor.readStream('case-2')).length).toBe(1);
    expect((await old.readStream('case-1')).length).toBe(1);
  });

  test('during a takeover every append is either acknowledged and stored, or refused and not stored', async () => {
    const old = await writer();
    const results = Array.from({ length: 200 }, async (_, n) => {
      const stream = `case-${n}`;
      for (let version = 0; ; version++) {
        try {
          await old.append(stream, version - 1, [newEvent()]);
        } catch (error) {
          expect(error).toBeInstanceOf(StoreUnavailable);
          return { stream, acknowledged: version };
        }
      }
    });
    await take(old, START, 400);
    const successor = await writer({ takeOver: true });
    for (const { stream, acknowledged } of await Promise.all(results))
      expect((await successor.readStream(stream)).length).toBe(acknowledged);
  });

  test('a subscriber sees the commits of both writers, in order, none twice', async () => {
    const [a, b] = [await writer(), await writer()];
    const reader = await writer();
    const total = 2 * 30 * 5;
    const seen = [a, b, reader].map((store) => take(store, START, total));
    await Promise.all(
      [a, b].flatMap((store, w) =>
        Array.from({ length: 30 }, async (_, n) => {
          for (let version = 0; version < 5; version++)
            await store.append(`case-${w}-${n}`, version - 1, [newEvent()]);
        }),
      ),
    );
    const expected = Array.from({ length: total }, (_, n) => BigInt(n + 1));
    for (const records of await Promise.all(seen))
      expect(records.map(({ position }) => position)).toEqual(expected);
  });
});
