import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { EventStoreDouble } from '../../../test/eventstore/double.js';
import { type Way, wayTo } from '../../../test/eventstore/way.js';
import { NONE, START, StoreUnavailable } from '../port.js';
import { newEvent, take } from '../store.contract.js';
import { EventStoreDbEventStore } from './index.js';

/**
 * The members of the cluster are discovered by one route, which may drop requests: then the driver
 * looks for a node for as long as it can.
 */
describe('while no node of EventStoreDB can be found', () => {
  let double: EventStoreDouble;
  let way: Way;
  let store: EventStoreDbEventStore;
  beforeEach(async () => {
    double = await EventStoreDouble.start({ nodes: 2 });
    way = await wayTo(double.ports[0]!);
    store = await answered(() => open());
  });
  afterEach(async () => {
    await store.close();
    await way.close();
    await double.stop();
  });
  const open = (patienceMs = 1000) =>
    EventStoreDbEventStore.open({
      city: 'city.example',
      url: `esdb+discover://127.0.0.1:${way.port}?tls=false&gossipTimeout=1&maxDiscoverAttempts=3`,
      patienceMs,
      readPatienceMs: patienceMs,
      quietMs: 200,
    });

  /**
   * As callers do on a retryable error: a loaded machine may need more than this store's second.
   */
  async function answered<Result>(ask: () => Promise<Result>): Promise<Result> {
    for (let left = 10; ; left--)
      try {
        return await ask();
      } catch (error) {
        if (left === 0 || !(error instanceof StoreUnavailable)) throw error;
      }
  }

  test('only the connection to the former leader is closed', async () => {
    const seen = take(store, START, 3);
    await store.append('case-1', NONE, [newEvent()]);
    await double.listened(1);
    double.lead(1);
    await store.append('case-1', 0, [newEvent()]);
    way.swallow(true);
    double.away(true, 1);
    const looking = expect(store.head()).rejects.toMatchObject({ code: 'store_unreachable' });
    await wait(300);
    double.away(true, 0);
    await looking;
    // Until the driver has given up.
    await wait(4000);
    way.swallow(false);
    double.away(false);
    await answered(() => store.append('case-1', 1, [newEvent()]));
    expect(await seen).toHaveLength(3);
  });

  test('all reads and appends end at their deadline, and the store can be closed at once', async () => {
    await store.append('case-1', NONE, [newEvent()]);
    way.swallow(true);
    double.away(true);
    await expect(store.readStream('case-1')).rejects.toMatchObject({ code: 'store_unreachable' });
    const asked = await Promise.allSettled([
      ...Array.from({ length: 300 }, (_, n) => store.append(`case-${n + 2}`, NONE, [newEvent()])),
      ...Array.from({ length: 300 }, () => store.readStream('case-1')),
    ]);
    for (const one of asked)
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'store_unreachable' } });
    await store.close();
    await expect(store.head()).rejects.toMatchObject({ code: 'store_unreachable' });
    way.swallow(false);
    double.away(false);
  });

  test('opening the store fails at its deadline', async () => {
    way.swallow(true);
    await expect(open(300)).rejects.toMatchObject({ code: 'store_unreachable' });
  });
});

test('a read that a node never answers is abandoned', async () => {
  const double = await EventStoreDouble.start();
  const way = await wayTo(double.ports[0]!);
  const store = await EventStoreDbEventStore.open({
    city: 'city.example',
    url: `esdb://127.0.0.1:${way.port}?tls=false`,
    readPatienceMs: 100,
    silenceMs: 300,
  });
  await store.append('case-1', NONE, [newEvent()]);
  way.swallow(true);
  await expect(store.readStream('case-1')).rejects.toMatchObject({ code: 'store_unreachable' });
  way.swallow(false);
  await store.close();
  await way.close();
  await double.stop();
}, 10_000);
