import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EventStoreDouble } from '../../../test/eventstore/double.js';
import { NONE, START } from '../port.js';
import { newEvent } from '../store.contract.js';
import { EventStoreDbEventStore } from './index.js';

/**
 * What an administrator of the server can do to a stream outside this program, as EventStoreDB
 * 24.2.0 does it.
 */
describe('a stream that was deleted or limited in EventStoreDB', () => {
  let double: EventStoreDouble;
  let store: EventStoreDbEventStore;
  beforeEach(async () => {
    double = await EventStoreDouble.start();
    store = await open();
    for (let n = 0; n < 5; n++) await store.append('book-1', n - 1, [newEvent({ n })]);
  });
  afterEach(async () => {
    await store.close();
    await double.stop();
  });
  const open = () =>
    EventStoreDbEventStore.open({ city: 'city.example', url: double.url, readPatienceMs: 2000 });
  const damage = (facts: object) =>
    expect.objectContaining({
      code: 'store_damaged',
      facts: expect.objectContaining(facts) as object,
    });
  const ways = [
    ['softly deleted', 'delete'],
    ['deleted for good', 'tombstone'],
  ] as const;

  test.each(ways)('is not written to as a new one when it was %s', async (_what, way) => {
    double.administer('city.example/book-1', way);
    const before = double.log.length;
    // By a process that knew it, and by one that never saw it.
    for (const process of [store, await open()]) {
      await expect(process.append('book-1', NONE, [newEvent()])).rejects.toEqual(
        damage(way === 'delete' ? { stream: 'book-1' } : {}),
      );
      if (process !== store) await process.close();
    }
    expect(double.log.length).toBe(before);
  });

  test.each(ways)('does not read as empty when it was %s', async (_what, way) => {
    double.administer('city.example/book-1', way);
    await expect(store.readStream('book-1')).rejects.toEqual(damage({}));
  });

  test.each([
    ...ways.map(([what, way]) => [what, way] as const),
    ['given $maxCount', { $maxCount: 2 }],
    ['given $maxAge', { $maxAge: 60 }],
    ['cut off by $tb', { $tb: 3 }],
    ['given metadata of any other kind', { remark: 'by hand' }],
  ] as const)(
    'ends readers of the feed at once, with its place, when it was %s',
    async (_what, way) => {
      const following = store
        .subscribe(START, new AbortController().signal)
        [Symbol.asyncIterator]();
      await following.next();
      const told = following.next().catch((error: unknown) => error);
      await double.listened(1);
      double.administer('city.example/book-1', way);
      const position = String(double.log.all.at(-1)!.position);
      expect(await told).toEqual(damage({ stream: 'book-1', position }));
      await expect(store.readAll(START, 100)).rejects.toThrow(/stream book-1.*position/);
    },
  );

  test('is ignored in a stream of another ledger', async () => {
    double.administer('other.example/book-1', 'delete');
    double.administer('orders-7', { $maxCount: 1 });
    expect(await store.readAll(START, 100)).toHaveLength(5);
    await store.append('book-1', 4, [newEvent()]);
  });
});
