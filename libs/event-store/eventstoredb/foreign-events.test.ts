import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { EventStoreDouble } from '../../../test/eventstore/double.js';
import {
  exclusionStream,
  exclusionType,
  nameOfForeign,
  type NamedEvent,
  recordedName,
  setsNothing,
} from '../exclusions.js';
import { storedHash } from '../forming.js';
import { type ForeignEvent, NONE, START, type StoredRecord } from '../port.js';
import { newEvent, take } from '../store.contract.js';
import { EventStoreDbEventStore } from './index.js';

const city = 'city.example';

/** What another program does under the names of a city, where EventStoreDB allows it. */
describe('a foreign event under the names of a city in EventStoreDB', () => {
  let double: EventStoreDouble;
  let store: EventStoreDbEventStore;
  const open = () =>
    EventStoreDbEventStore.open({ city, url: double.url, readPatienceMs: 2000, patienceMs: 2000 });
  beforeEach(async () => {
    double = await EventStoreDouble.start();
    store = await open();
    for (let n = 0; n < 3; n++) await store.append('book-1', n - 1, [newEvent({ n })]);
  });
  afterEach(async () => {
    await store.close();
    await double.stop();
  });

  const damage = (facts: object) =>
    expect.objectContaining({
      code: 'store_damaged',
      facts: expect.objectContaining(facts) as object,
    });
  const versions = (records: readonly StoredRecord[]) =>
    records.map(({ body }) => `${body.stream} ${body.version}`);

  /** The record of an exclusion by two administrators, as the exclusion room writes it. */
  async function leaveOut(
    stream: string,
    events: readonly NamedEvent[],
    sealedTo = '0',
    by = store,
  ): Promise<void> {
    const last = await by.readLast(exclusionStream);
    const data = { stream: recordedName(stream), events: events.map((event) => ({ ...event })) };
    await by.append(exclusionStream, last?.body.version ?? NONE, [
      { ...newEvent({ ...data, sealed: { size: 0, position: sealedTo } }), type: exclusionType },
    ]);
  }
  const found = async (stream: string): Promise<NamedEvent[]> =>
    (await store.findForeign(stream, START)).map(nameOfForeign);

  test('ends each reader that meets it, with stream, version and position', async () => {
    const position = double.intrude('city.example/book-1');
    const place = { stream: 'book-1', version: 3, position: String(position), kind: 'foreign' };
    await expect(store.readAll(START, 100)).rejects.toEqual(damage(place));
    await expect(store.readStream('book-1')).rejects.toEqual(damage(place));
    await expect(store.readLast('book-1')).rejects.toEqual(damage(place));
    await expect(store.append('book-1', 2, [newEvent()])).rejects.toEqual(damage(place));
    await expect(take(store, START, 4)).rejects.toEqual(damage(place));
  });

  test('is found with its place and the hash of its bytes', async () => {
    const position = double.intrude('city.example/book-1');
    double.intrude('city.example/book-10');
    const event: ForeignEvent = {
      part: 'events',
      version: 3,
      position,
      hash: storedHash(Buffer.from('{"order":7}')),
      deletes: false,
    };
    expect(await store.findForeign('book-1', START)).toEqual([event]);
    expect(await store.findForeign('book-1', position)).toEqual([]);
    expect(await store.findForeign('book-2', START)).toEqual([]);
  });

  test.each([
    ['at the end of a stream of the ledger', 'book-1', 2],
    ['in a stream that the ledger never wrote to', 'orders-7', NONE],
  ] as const)(
    'is passed over by all once an act names it, %s, and that stream goes on',
    async (_where, stream, last) => {
      double.intrude(`city.example/${stream}`);
      double.intrude(`city.example/${stream}`);
      await leaveOut(stream, await found(stream));
      // By the process that met it, and by another one.
      for (const process of [store, await open()]) {
        const before = await process.readLast(stream);
        expect(before?.body.version ?? NONE).toBe(process === store ? last : last + 1);
        await process.append(stream, before?.body.version ?? NONE, [newEvent()]);
        const records = await process.readStream(stream);
        expect(records.map(({ body }) => body.version)).toEqual([...records.keys()]);
        expect(await process.readStream(stream, records.length - 1)).toHaveLength(1);
        expect((await process.readAll(START, 100)).at(-1)!.body.stream).toBe(stream);
        expect(await take(process, START, 5)).toEqual(await process.readAll(START, 100));
        if (process !== store) await process.close();
      }
      expect(await found(stream)).toEqual([]);
    },
  );

  test('is damage again when it comes after an exclusion', async () => {
    double.intrude('city.example/book-1');
    await leaveOut('book-1', await found('book-1'));
    await store.append('book-1', 2, [newEvent()]);
    const position = double.intrude('city.example/book-1');
    const place = { stream: 'book-1', version: 5, position: String(position) };
    await expect(store.readAll(START, 100)).rejects.toEqual(damage(place));
    await leaveOut('book-1', await found('book-1'));
    await store.append('book-1', 3, [newEvent()]);
    expect(versions(await store.readStream('book-1'))).toEqual(
      [0, 1, 2, 3, 4].map((n) => `book-1 ${n}`),
    );
  });

  test.each([
    ['the city’s prefix alone', ''],
    ['a name of more than 200 characters', 'x'.repeat(201)],
    ['control characters', 'a\nb'],
    ['a name that may be somebody’s', 'orders-110101199003070011'],
  ])('is found by its position, and left out by the hash of its name: %s', async (_what, name) => {
    const position = double.intrude(`city.example/${name}`);
    const hash = storedHash(Buffer.from('{"order":7}'));
    expect(await store.streamAt(position)).toEqual({ stream: name, hash });
    await leaveOut(name, await found(name));
    const { bytes } = (await store.readLast(exclusionStream))!;
    if (name !== '') expect(Buffer.from(bytes).toString()).not.toContain(name);
    for (const process of [store, await open()]) {
      expect(await process.readAll(START, 100)).toHaveLength(4);
      if (process !== store) await process.close();
    }
  });

  test('is found only at its own position', async () => {
    const position = double.intrude('city.example/orders-7');
    for (const other of [0n, position + 1n, position - 1n, 1n << 63n, 1n << 70n])
      expect(await store.streamAt(other)).toBeNull();
  });

  test('may be of a type of the server’s own, such as a link', async () => {
    const stream = 'city.example/book-1';
    double.log.append(stream, 2, [
      {
        id: randomUUID(),
        type: '$>',
        contentType: 'application/json',
        data: Buffer.from('0@elsewhere'),
        metadata: new Uint8Array(),
      },
    ]);
    expect(await store.findForeign('book-1', START)).toMatchObject([{ deletes: false }]);
    await leaveOut('book-1', await found('book-1'));
    expect(await store.readStream('book-1')).toHaveLength(3);
  });

  test('is listed up to 256 times, including the latest metadata of the stream', async () => {
    for (let n = 0; n < 300; n++) double.administer('city.example/book-1', { $maxCount: 900 });
    double.administer('city.example/book-1', {});
    const events = await found('book-1');
    expect([events.length, setsNothing(events.at(-1)!)]).toEqual([256, true]);
  });

  test('wakes a reader waiting behind it once it is excluded', async () => {
    const stop = new AbortController();
    const reading = store.subscribe(START, stop.signal)[Symbol.asyncIterator]();
    await reading.next();
    double.intrude('city.example/orders-7');
    await leaveOut('orders-7', await found('orders-7'));
    const { value } = (await reading.next()) as { value: readonly StoredRecord[] };
    expect(versions(value)).toEqual([`${exclusionStream} 0`]);
    expect(await store.head()).toBe((await store.readAll(START, 100)).at(-1)!.position);
    stop.abort();
  });

  test('in the stream of exclusions does not block reading and writing exclusions', async () => {
    double.intrude(`city.example/${exclusionStream}`);
    await expect(store.readAll(START, 100)).rejects.toEqual(damage({ stream: exclusionStream }));
    await leaveOut(exclusionStream, await found(exclusionStream));
    expect(versions(await store.readStream(exclusionStream))).toEqual([`${exclusionStream} 0`]);
    expect(await store.readAll(START, 100)).toHaveLength(4);
  });

  test('can be stream metadata, once they are reset', async () => {
    double.administer('city.example/book-1', { $maxCount: 2 });
    double.administer('city.example/book-1', {});
    const [limit, none] = await store.findForeign('book-1', START);
    expect([limit!.part, setsNothing(limit!)]).toEqual(['metadata', false]);
    expect([none!.part, setsNothing(none!)]).toEqual(['metadata', true]);
    await leaveOut('book-1', await found('book-1'));
    await store.append('book-1', 2, [newEvent()]);
    expect(await store.readAll(START, 100)).toHaveLength(5);
    double.administer('city.example/book-1', 'delete');
    await expect(store.readStream('book-1')).rejects.toEqual(damage({ kind: 'metadata' }));
  });

  describe('cannot be excluded', () => {
    test.each([
      ['a record of the ledger', 1, '0'],
      ['what had been sealed', 3, '18000000000000000000'],
    ] as const)('where it is %s', async (_what, version, sealedTo) => {
      double.intrude('city.example/book-1');
      const events = double.log.stream('city.example/book-1');
      const { position, data } = events[version]!;
      const hash = storedHash(data);
      await leaveOut(
        'book-1',
        [{ part: 'events', version, position: String(position), hash }],
        sealedTo,
      );
      await expect(store.readAll(START, 100)).rejects.toEqual(
        damage({ stream: 'book-1', version: 3, kind: 'foreign' }),
      );
      await expect(take(store, START, 5)).rejects.toThrow(
        `an act leaves out a record of the ledger (stream ${recordedName('book-1')}, version ${version})`,
      );
    });

    test('when the bytes at the position differ from those named', async () => {
      const position = double.intrude('city.example/book-1');
      const hash = '0'.repeat(64);
      await leaveOut('book-1', [{ part: 'events', version: 3, position: String(position), hash }]);
      await expect(store.readAll(START, 100)).rejects.toEqual(
        damage({ stream: 'book-1', version: 3 }),
      );
    });

    test.each([
      '{"$maxCount":1}',
      '{"\\u0024tb":9007199254740991}',
      '{"$acl":{"$r":[]}}',
      '{ }',
      'no JSON',
    ])('when stream metadata are not reset: %s', async (data) => {
      double.intrude('$$city.example/book-1', { data });
      await leaveOut('book-1', await found('book-1'));
      await expect(store.readAll(START, 100)).rejects.toEqual(damage({ kind: 'metadata' }));
      await expect(take(store, START, 5)).rejects.toThrow(
        'an act leaves out a limit or a deletion of a stream that was not taken back',
      );
    });

    test('when an exclusion claims a reset that the server does not have', async () => {
      double.administer('city.example/book-1', { $maxCount: 1 });
      const [limit] = await found('book-1');
      const position = String(BigInt(limit!.position) + 1n);
      const taken = { ...limit!, version: 1, position, hash: storedHash(Buffer.from('{}')) };
      await leaveOut('book-1', [limit!, taken]);
      await expect(store.readAll(START, 100)).rejects.toThrow('was not taken back');
    });

    test('where a stream was deleted for good', async () => {
      double.administer('city.example/book-1', 'tombstone');
      const { revision, position, data } = double.log.all.at(-1)!;
      const named = { position: String(position), hash: storedHash(data) };
      await leaveOut('book-1', [{ part: 'events', version: revision, ...named }]);
      await expect(store.readAll(START, 100)).rejects.toEqual(damage({ kind: 'metadata' }));
    });

    test('when it is a record that lost its hash: its bytes identify it', async () => {
      const { position } = double.log.stream('city.example/book-1')[2]!;
      double.log.damage(position, (event) => ({ ...event, metadata: new Uint8Array() }));
      const lost = damage({ kind: 'record', version: 2 });
      await expect(store.findForeign('book-1', START)).rejects.toEqual(lost);
      await expect(store.readStream('book-1')).rejects.toEqual(lost);
    });

    test('when it may be a damaged record', async () => {
      const { position } = double.log.stream('city.example/book-1')[2]!;
      double.log.damage(position, (event) => ({ ...event, data: Buffer.from('{}') }));
      await expect(store.findForeign('book-1', START)).rejects.toEqual(
        damage({ kind: 'record', version: 2 }),
      );
    });
  });
});
