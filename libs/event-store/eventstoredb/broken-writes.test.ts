import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EventStoreDouble, type Mishap } from '../../../test/eventstore/double.js';
import { NONE } from '../port.js';
import { newEvent } from '../store.contract.js';
import { EventStoreDbEventStore } from './index.js';

/** Every write is broken both ways: lost before it is done, and done with its answer lost. */
describe('a write to EventStoreDB that breaks', () => {
  let double: EventStoreDouble;
  let store: EventStoreDbEventStore;
  /**
   * Patient where the server will answer, so that a loaded machine does not fail the test;
   * impatient where it will not.
   */
  const open = (patience = 30_000) =>
    EventStoreDbEventStore.open({
      city: 'city.example',
      url: double.url,
      answerMs: Math.min(1000, patience),
      patienceMs: patience,
      readPatienceMs: patience,
    });
  beforeEach(async () => {
    double = await EventStoreDouble.start();
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await double.stop();
  });

  const ways: Readonly<Record<string, Mishap>> = {
    'is lost with its connection': { kind: 'lost' },
    'is done, and its connection breaks before the answer': { kind: 'unheard' },
    'is done, and never answered': { kind: 'silent' },
    'is done, and answered as timed out': { kind: 'error', name: 'Timeout', done: true },
    'is not done, and answered as timed out': { kind: 'error', name: 'Timeout', done: false },
    'is done, and answered as unknown': { kind: 'error', name: 'Unknown', done: true },
    'meets a server that is not ready': { kind: 'error', name: 'Server Is Not Ready', done: false },
    'meets a server that is busy': { kind: 'error', name: 'Server Is Busy', done: false },
  };

  for (const [way, mishap] of Object.entries(ways)) {
    test(`and ${way} is written once, and answered`, async () => {
      await store.append('case-0', NONE, [newEvent()]);
      const happened = double.next('case-7', mishap);
      const appended = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          store.append(`case-${n + 1}`, NONE, [newEvent(), newEvent()]),
        ),
      );
      await happened;
      for (const { stream, records } of appended) {
        const stored = await store.readStream(stream);
        expect(stored.map(({ hash }) => hash)).toEqual(records.map(({ hash }) => hash));
      }
      expect(double.log.all).toHaveLength(41);
      await store.append('case-7', 1, [newEvent()]);
    });

    test(`and ${way}, in the middle of a stream, leaves the chain whole`, async () => {
      await store.append('book-1', NONE, [newEvent()]);
      const happened = double.next('book-1', mishap);
      const appended = await Promise.all(
        Array.from({ length: 10 }, (_, n) => store.append('book-1', n, [newEvent()])),
      );
      await happened;
      expect(appended.map(({ records }) => records[0]!.version)).toEqual(
        Array.from({ length: 10 }, (_, n) => n + 1),
      );
      const stored = await store.readStream('book-1');
      for (const [n, { body }] of stored.entries())
        expect(body.prev).toBe(n === 0 ? null : stored[n - 1]!.hash);
    });
  }

  for (const kind of ['lost', 'unheard'] as const)
    test(`and is ${kind}, with a server that does not come back, leaves its caller uncertain; the same append again tells`, async () => {
      const event = newEvent();
      await store.close();
      store = await open(300);
      await store.append('case-0', NONE, [newEvent()]);
      const happened = double.next('case-1', { kind }).then(() => {
        double.away(true);
      });
      await expect(store.append('case-1', NONE, [event])).rejects.toMatchObject({
        code: 'append_uncertain',
      });
      await happened;
      double.away(false);
      const again = await store.append('case-1', NONE, [event]);
      expect(again.repeated).toBe(kind === 'unheard');
      expect(await store.readStream('case-1')).toHaveLength(1);
    });

  test('reports the conflict when another writer takes its version during the outage', async () => {
    const other = await open();
    const event = newEvent();
    const happened = double.next('book-1', { kind: 'lost' }).then(() => {
      double.away(true);
    });
    const mine = store.append('book-1', NONE, [event]);
    await happened;
    // Written meanwhile by a writer on another connection.
    double.log.append('city.example/book-1', -1, await recorded(newEvent()));
    double.away(false);
    await expect(mine).rejects.toMatchObject({ code: 'version_conflict' });
    await other.close();
    expect(await store.readStream('book-1')).toHaveLength(1);
  });

  test('an append that was never sent fails as unreachable while the server is away', async () => {
    await store.close();
    store = await open(300);
    await store.append('case-1', NONE, [newEvent()]);
    double.away(true);
    await expect(store.readStream('case-1')).rejects.toMatchObject({ code: 'store_unreachable' });
    await expect(store.append('case-2', NONE, [newEvent()])).rejects.toMatchObject({
      code: 'store_unreachable',
    });
    double.away(false);
    await store.append('case-2', NONE, [newEvent()]);
  });

  test('refuses to append to a server restored from an older copy', async () => {
    for (let n = 0; n < 3; n++) await store.append('case-1', n - 1, [newEvent()]);
    double.away(true);
    double.log.rollBack(2);
    double.away(false);
    await expect(store.append('case-1', 2, [newEvent()])).rejects.toMatchObject({
      code: 'store_damaged',
    });
    expect(double.log.all).toHaveLength(2);
  });

  test('resends an append whose place another writer took but has not published, until its deadline', async () => {
    await store.close();
    store = await open(700);
    await store.append('case-1', NONE, [newEvent()]);
    const write = double.log.append.bind(double.log);
    let sent = 0;
    double.log.append = (_stream, expected) => {
      sent++;
      return { kind: 'wrong_version', current: Number(expected) + 1 };
    };
    await expect(store.append('case-1', 0, [newEvent()])).rejects.toMatchObject({
      code: 'store_unreachable',
    });
    expect(sent).toBeLessThan(10);
    const later = store.append('case-1', 0, [newEvent()]);
    double.log.append = write;
    expect((await later).records).toHaveLength(1);
  });

  test('reports damage when the server continues a stream at another version, as after a deletion', async () => {
    const write = double.log.append.bind(double.log);
    double.log.append = (stream, expected, events) => {
      const answer = write(stream, expected, events);
      return answer.kind === 'written' ? { ...answer, revision: answer.revision + 3 } : answer;
    };
    await expect(store.append('case-1', NONE, [newEvent()])).rejects.toMatchObject({
      code: 'store_damaged',
    });
  });

  for (const name of ['MaximumAppendSizeExceeded', 'MaximumAppendEventSizeExceeded'])
    test(`that is ${name} is said to be too large`, async () => {
      void double.next('case-1', { kind: 'error', name, done: false });
      await expect(store.append('case-1', NONE, [newEvent()])).rejects.toMatchObject({
        code: 'event_too_large',
      });
    });

  test('names a deleted stream and a missing right to append as such', async () => {
    void double.next('case-1', { kind: 'error', name: 'StreamDeleted', done: false });
    await expect(store.append('case-1', NONE, [newEvent()])).rejects.toMatchObject({
      code: 'store_damaged',
    });
    void double.next('case-1', { kind: 'error', name: 'AccessDenied', done: false });
    await expect(store.append('case-1', NONE, [newEvent()])).rejects.toMatchObject({
      code: 'store_unreachable',
      message: expect.stringContaining('user'),
    });
  });

  /** An event as it would be stored, from a store of its own. */
  async function recorded(event: ReturnType<typeof newEvent>) {
    const elsewhere = await EventStoreDouble.start();
    const writer = await EventStoreDbEventStore.open({ city: 'city.example', url: elsewhere.url });
    await writer.append('book-1', NONE, [event]);
    await writer.close();
    await elsewhere.stop();
    return elsewhere.log.all;
  }
});
