import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EventStoreDouble } from '../../../test/eventstore/double.js';
import { NONE, START } from '../port.js';
import { newEvent, take } from '../store.contract.js';
import { EventStoreDbEventStore } from './index.js';

/**
 * The protocol of a cluster, from a double whose nodes share one log: that elections lose nothing
 * is not tested here.
 */
describe('a cluster of EventStoreDB', () => {
  let double: EventStoreDouble;
  let store: EventStoreDbEventStore;
  beforeEach(async () => {
    double = await EventStoreDouble.start({ nodes: 3 });
    store = await EventStoreDbEventStore.open({ city: 'city.example', url: double.url });
  });
  afterEach(async () => {
    await store.close();
    await double.stop();
  });

  test('appends follow the leader to any node', async () => {
    const seen = take(store, START, 90);
    for (const leader of [1, 2, 0]) {
      double.lead(leader);
      const appended = await Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          store.append(`case-${leader}-${n}`, NONE, [newEvent()]),
        ),
      );
      expect(appended.every(({ repeated }) => !repeated)).toBe(true);
    }
    expect(new Set((await seen).map(({ hash }) => hash)).size).toBe(90);
  });

  test('appends and reads survive the death of the leader', async () => {
    const seen = take(store, START, 60);
    for (let n = 0; n < 60; n++) {
      if (n === 20) {
        double.away(true, 0);
        double.lead(1);
      }
      if (n === 40) {
        double.away(false, 0);
        double.away(true, 1);
        double.lead(2);
      }
      await store.append('book-1', n - 1, [newEvent({ n })]);
      expect(await store.readStream('book-1', n)).toHaveLength(1);
    }
    expect((await seen).map(({ body }) => body.data['n'])).toEqual(
      Array.from({ length: 60 }, (_, n) => n),
    );
  });

  test('reads go to the leader, also for a client connected through a lagging node', async () => {
    await store.append('case-1', NONE, [newEvent()]);
    const seen = take(store, START, 2);
    await double.listened(1);
    double.fallBehind(0);
    double.lead(1);
    // Written by a process that knows the new leader.
    const other = await EventStoreDbEventStore.open({ city: 'city.example', url: double.url });
    await other.append('case-2', NONE, [newEvent()]);
    await other.close();
    expect(await store.readAll(START, 10)).toHaveLength(2);
    expect(await store.readStream('case-2')).toHaveLength(1);
    expect(await take(store, START, 2)).toHaveLength(2);
    await seen;
  });

  test('appends survive the loss of the node that the client was connected to', async () => {
    await store.append('case-1', NONE, [newEvent()]);
    double.isolate(0);
    double.lead(1);
    const began = performance.now();
    const appended = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.append(`case-${n + 2}`, NONE, [newEvent()])),
    );
    expect(appended.every(({ repeated }) => !repeated)).toBe(true);
    expect(performance.now() - began).toBeLessThan(4000);
  });

  test('appends move to the new leader when a node accepts an append and never answers', async () => {
    await store.close();
    store = await EventStoreDbEventStore.open({
      city: 'city.example',
      url: double.url,
      answerMs: 600,
      patienceMs: 2000,
    });
    await store.append('case-1', NONE, [newEvent()]);
    double.isolate(0, 'mute');
    double.lead(1);
    const appended = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.append(`case-${n + 2}`, NONE, [newEvent()])),
    );
    expect(appended).toHaveLength(20);
    expect(double.log.all).toHaveLength(21);
  });

  test('pending appends move to the next leader when the leader freezes, and none is written twice', async () => {
    await store.close();
    await double.stop();
    double = await EventStoreDouble.start({ nodes: 3, isFreezable: true });
    store = await EventStoreDbEventStore.open({ city: 'city.example', url: double.url });
    await store.append('case-1', NONE, [newEvent()]);
    double.freeze(0);
    const appended = Array.from({ length: 20 }, (_, n) =>
      store.append(`case-${n + 2}`, NONE, [newEvent()]),
    );
    // The other nodes still name the frozen one until their election is over.
    const electing = setTimeout(() => {
      double.lead(1);
    }, 2000);
    expect((await Promise.all(appended)).every(({ repeated }) => !repeated)).toBe(true);
    clearTimeout(electing);
    expect(double.log.all).toHaveLength(21);
    expect(await store.readStream('case-2')).toHaveLength(1);
    double.freeze(0, false);
    await store.append('case-1', 0, [newEvent()]);
    expect(double.log.all).toHaveLength(22);
  }, 30_000);

  test('is reported as unreachable when no node answers', async () => {
    double.away(true);
    await expect(
      EventStoreDbEventStore.open({
        city: 'city.example',
        url: `${double.url}&maxDiscoverAttempts=1`,
        readPatienceMs: 100,
      }),
    ).rejects.toMatchObject({ code: 'store_unreachable' });
    double.away(false);
  });
});
