import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { EventStoreDouble } from '../../../test/eventstore/double.js';
import type { DoubleEvent } from '../../../test/eventstore/log.js';
import { NONE, type PositionedRecord, START, StoreDamaged } from '../port.js';
import { newEvent, take } from '../store.contract.js';
import { EventStoreDbEventStore } from './index.js';

describe('reading from EventStoreDB', () => {
  let double: EventStoreDouble;
  let store: EventStoreDbEventStore;
  beforeEach(async () => {
    double = await EventStoreDouble.start();
    store = await EventStoreDbEventStore.open({
      city: 'city.example',
      url: double.url,
      quietMs: 200,
      readPatienceMs: 2000,
    });
  });
  afterEach(async () => {
    await store.close();
    await double.stop();
  });

  const foreign = (stream: string, data = 'anything') =>
    double.log.append(stream, 'any', [
      {
        id: 'x',
        type: 'Foreign',
        contentType: 'application/json',
        data: Buffer.from(data),
        metadata: new Uint8Array(),
      },
    ]);

  test('events of other ledgers and programs on the same server are not read', async () => {
    const neighbour = await EventStoreDbEventStore.open({ city: 'city.example2', url: double.url });
    const seen = take(store, START, 40);
    for (let n = 0; n < 40; n++) {
      await neighbour.append(`case-${n}`, NONE, [newEvent()]);
      foreign('$stats-127.0.0.1:2113');
      foreign('orders-1');
      await store.append(`case-${n}`, NONE, [newEvent({ n })]);
    }
    await neighbour.close();
    const mine = (await seen).map(({ body }) => body.data['n']);
    expect(mine).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect((await store.readAll(START, 1000)).map(({ body }) => body.data['n'])).toEqual(mine);
    expect(await store.head()).toBe((await seen).at(-1)!.position);
  });

  test('a damaged record does not block reading the others', async () => {
    for (let n = 0; n < 5; n++) await store.append(`case-${n}`, NONE, [newEvent({ n })]);
    const positions = double.log.all.map(({ position }) => position);
    const damaged = positions[2]!;
    double.log.damage(damaged, (event) => ({ ...event, metadata: new Uint8Array(32) }));
    const read = async (after: bigint, limit: number) =>
      (await store.readAll(after, limit)).map(({ body }) => body.data['n']);
    expect(await read(START, 2)).toEqual([0, 1]);
    await expect(read(START, 3)).rejects.toMatchObject({ facts: { stream: 'case-2', version: 0 } });
    expect(await read(damaged, 10)).toEqual([3, 4]);
  });

  test('an event under the names of this city that is no record of it ends readers, and says where it is', async () => {
    await store.append('case-1', NONE, [newEvent()]);
    const live = store.subscribe(START, new AbortController().signal)[Symbol.asyncIterator]();
    await live.next();
    const where = { stream: 'case-1', version: 1 };
    const ended = expect(live.next()).rejects.toMatchObject({ facts: where });
    foreign('city.example/case-1');
    await expect(store.readStream('case-1')).rejects.toMatchObject({
      code: 'store_damaged',
      facts: where,
    });
    await expect(store.readAll(START, 10)).rejects.toThrow(StoreDamaged);
    await expect(take(store, START, 2)).rejects.toMatchObject({ facts: where });
    await store.append('case-2', NONE, [newEvent()]);
    await ended;
  });

  const damages: Readonly<Record<string, (event: DoubleEvent) => DoubleEvent>> = {
    'whose bytes were changed': (event) => ({
      ...event,
      data: Buffer.concat([event.data, Buffer.of(32)]),
    }),
    'that lost its metadata': (event) => ({ ...event, metadata: new Uint8Array() }),
    'that stands in another stream': (event) => ({ ...event, stream: 'city.example/case-2' }),
    'of another type': (event) => ({ ...event, type: 'SomethingElseHappened' }),
  };
  for (const [how, change] of Object.entries(damages))
    test(`a record ${how} is not handed out`, async () => {
      await store.append('case-1', NONE, [newEvent()]);
      await store.append('case-1', 0, [newEvent()]);
      double.log.damage((await store.readAll(START, 2))[1]!.position, change);
      await expect(store.readAll(START, 10)).rejects.toThrow(StoreDamaged);
      await expect(store.readStream('case-1')).rejects.toThrow(StoreDamaged);
      await expect(take(store, START, 2)).rejects.toThrow(StoreDamaged);
    });

  test('a stream with missing records is refused because of the gap', async () => {
    for (let n = 0; n < 3; n++) await store.append('case-1', n - 1, [newEvent()]);
    double.log.damage((await store.readAll(START, 1))[0]!.position, (event) => ({
      ...event,
      revision: 7,
    }));
    await expect(store.readStream('case-1')).rejects.toMatchObject({ code: 'store_damaged' });
  });

  test('a server that ends before what was already read is reported as damage to readers and subscribers', async () => {
    for (let n = 0; n < 3; n++) await store.append('case-1', n - 1, [newEvent()]);
    const head = await store.head();
    double.log.rollBack(2);
    await expect(store.readAll(head, 10)).rejects.toMatchObject({ code: 'store_damaged' });
    await expect(take(store, head, 1)).rejects.toMatchObject({ code: 'store_damaged' });
  });

  test('a subscription goes on after cut connections, without a gap or a duplicate', async () => {
    const total = 400;
    const seen = take(store, START, total);
    for (let n = 0; n < total; n++) {
      await store.append(`case-${n}`, NONE, [newEvent({ n })]);
      if (n % 50 === 25) double.cut();
    }
    expect((await seen).map(({ body }) => body.data['n'])).toEqual(
      Array.from({ length: total }, (_, n) => n),
    );
  });

  test('a subscription survives an outage longer than the read deadline', async () => {
    const patient = await EventStoreDbEventStore.open({
      city: 'city.example',
      url: double.url,
      readPatienceMs: 50,
    });
    await store.append('case-1', NONE, [newEvent()]);
    const seen = take(patient, START, 2);
    await take(patient, START, 1);
    double.away(true);
    await expect(patient.head()).rejects.toMatchObject({ code: 'store_unreachable' });
    double.away(false);
    await store.append('case-1', 0, [newEvent()]);
    expect(await seen).toHaveLength(2);
    await patient.close();
  });

  test('a subscription to a server that fell silent is opened again', async () => {
    await store.append('case-1', NONE, [newEvent()]);
    const seen = take(store, START, 2);
    await double.listened(1);
    double.deafen();
    await store.append('case-1', 0, [newEvent()]);
    expect(await seen).toHaveLength(2);
  });

  test('an idle subscription does not rescan foreign events, nor does a reopened one', async () => {
    await store.append('case-1', NONE, [newEvent()]);
    const seen = take(store, START, 2);
    await double.listened(1);
    for (let n = 0; n < 5000; n++) foreign(`orders-${n}`);
    const { log } = double;
    const at = log.at.bind(log);
    let looked = 0;
    log.at = (index) => {
      looked++;
      return at(index);
    };
    // Until the subscription, or its first check, is past them.
    await wait(1000);
    looked = 0;
    await wait(1000);
    double.cut();
    await wait(1000);
    expect(looked).toBeLessThan(2000);
    await store.append('case-1', 0, [newEvent()]);
    expect(await seen).toHaveLength(2);
  });

  test('a slow reader applies back pressure to the server and loses nothing', async () => {
    const total = 6000;
    const data = { text: 'x'.repeat(2000) };
    const reading = store.subscribe(START, new AbortController().signal)[Symbol.asyncIterator]();
    await store.append('case-x', NONE, [newEvent()]);
    const seen: PositionedRecord[] = [...(await reading.next()).value!];
    // Now it is live. One page is asked for, and the next only after everything was written.
    const page = reading.next();
    for (let n = 0; n < total; n++) double.put('city.example', `case-${n}`, newEvent(data));
    seen.push(...(await page).value!);
    expect(double.sent).toBeLessThan(total / 2);
    while (seen.length < total + 1) {
      const { value } = await reading.next();
      expect(value!.length).toBeLessThanOrEqual(1000);
      seen.push(...value!);
    }
    await reading.return(undefined);
    const positions = seen.map(({ position }) => position);
    expect(positions).toEqual(
      (await store.readAll(START, total + 1)).map(({ position }) => position),
    );
    expect(new Set(positions).size).toBe(total + 1);
  });

  test('positions beyond what a floating-point number holds stay exact', async () => {
    double.log.skipTo(2n ** 53n + 1n);
    for (let n = 0; n < 4; n++) await store.append(`case-${n}`, NONE, [newEvent({ n })]);
    const all = await store.readAll(START, 10);
    expect(all.map(({ position }) => position)).toEqual(
      double.log.all.map(({ position }) => position),
    );
    expect((await store.readAll(all[1]!.position, 10)).map(({ hash }) => hash)).toEqual(
      all.slice(2).map(({ hash }) => hash),
    );
    expect((await take(store, all[2]!.position, 1))[0]!.hash).toBe(all[3]!.hash);
  });
});
