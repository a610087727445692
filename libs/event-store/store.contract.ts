import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { chainLink, readRecord, recordBytes } from '#libs/log';
import { exclusionStream, exclusionType } from './exclusions.js';
import { eventId } from './execute.js';
import {
  type Appended,
  EventIdConflict,
  type EventStore,
  type NewEvent,
  NONE,
  type Position,
  type PositionedRecord,
  START,
  StoreUnavailable,
  VersionConflict,
} from './port.js';

let made = 0;

/** An event that no other test has, with `data`. */
export function newEvent(data: JsonObject = { n: made }, key = `key-${made++}`): NewEvent {
  return {
    id: eventId('client-a', key, 0),
    type: 'SomethingHappened',
    schema: 1,
    time: '2026-11-22T08:00:00.000Z',
    actor: { client: 'client-a' },
    data,
  };
}

const outcome = (promise: Promise<Appended>) =>
  promise.then(
    () => 'written' as const,
    (error: unknown) => error,
  );

/** The first `count` records after `after`, as a subscriber sees them. */
export async function take(store: EventStore, after: Position, count: number) {
  const stop = new AbortController();
  const seen: PositionedRecord[] = [];
  if (count === 0) return seen;
  for await (const page of store.subscribe(after, stop.signal)) {
    seen.push(...page);
    if (seen.length >= count) break;
  }
  stop.abort();
  return seen;
}

/**
 * What every adapter must do. `create` gives an empty store; `dispose` removes what it used, after
 * the store was closed.
 */
export function eventStoreContract(
  create: () => Promise<{ store: EventStore; dispose: () => Promise<void> }>,
): void {
  let store: EventStore;
  let dispose: () => Promise<void>;
  beforeEach(async () => {
    ({ store, dispose } = await create());
  });
  afterEach(async () => {
    await store.close();
    await dispose();
  });

  describe('appending', () => {
    test('gives versions from 0 on, and chains each record to the one before', async () => {
      const first = await store.append('case-1', NONE, [newEvent(), newEvent()]);
      const second = await store.append('case-1', 1, [newEvent()]);
      expect([...first.records, ...second.records].map((record) => record.version)).toEqual([
        0, 1, 2,
      ]);
      const records = await store.readStream('case-1');
      expect(records.map(({ body }) => body.prev)).toEqual([
        null,
        first.records[0]!.hash,
        first.records[1]!.hash,
      ]);
      expect(records.map(({ hash }) => hash)).toEqual(
        [...first.records, ...second.records].map(({ hash }) => hash),
      );
      expect([...first.records, ...second.records].map(({ text }) => text)).toEqual(
        records.map(({ bytes }) => Buffer.from(bytes).toString()),
      );
      expect(first.repeated).toBe(false);
    });

    test('stores the record of the format, whole: origin, id, stream, type, schema, time, actor and data', async () => {
      const event = {
        ...newEvent({ 名: '测试甲', n: [1, null] }),
        actor: { client: 'c', operator: 'o' },
      };
      await store.append('case-1', NONE, [event]);
      const [record] = await store.readStream('case-1');
      expect(record!.body).toEqual({
        v: 1,
        city: store.city,
        stream: 'case-1',
        version: 0,
        prev: null,
        ...event,
      });
    });

    test('refuses an append at an outdated version, and one ahead of its stream', async () => {
      await store.append('case-1', NONE, [newEvent()]);
      for (const expected of [NONE, 1, 7, -2, 0.5, Number.NaN, 2 ** 40])
        await expect(store.append('case-1', expected, [newEvent()])).rejects.toThrow(
          VersionConflict,
        );
      await expect(store.append('case-2', 0, [newEvent()])).rejects.toThrow(VersionConflict);
      expect(await store.readStream('case-1')).toHaveLength(1);
      expect(await store.head()).toBe((await store.readAll(START, 10)).at(-1)!.position);
    });

    test('of simultaneous appends at one version exactly one is written', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 64 }, () => outcome(store.append('book-1', NONE, [newEvent()]))),
      );
      expect(outcomes.filter((result) => result === 'written')).toHaveLength(1);
      expect(outcomes.filter((result) => result instanceof VersionConflict)).toHaveLength(63);
      expect(await store.readStream('book-1')).toHaveLength(1);
    });

    test('appends of one stream that follow each other at once are all written and chained', async () => {
      await Promise.all(
        Array.from({ length: 50 }, (_, n) => store.append('book-1', n - 1, [newEvent({ n })])),
      );
      const records = await store.readStream('book-1');
      expect(records.map(({ body }) => body.data['n'])).toEqual(
        Array.from({ length: 50 }, (_, n) => n),
      );
      for (const [n, record] of records.entries())
        expect(record.body.prev).toBe(n === 0 ? null : records[n - 1]!.hash);
    });

    test('a record is at most 65,535 bytes, the limit of an entry bundle', async () => {
      const write = async (stream: string, letters: number) => {
        await store.append(stream, NONE, [newEvent({ text: 'x'.repeat(letters) })]);
        return (await store.readStream(stream))[0]!.bytes.length;
      };
      const most = 65_535 - (await write('case-a', 0));
      expect(await write('case-b', most)).toBe(65_535);
      await expect(write('case-c', most + 1)).rejects.toMatchObject({
        code: 'event_too_large',
        family: 'too-large',
      });
      expect(await store.readStream('case-c')).toEqual([]);
    });

    test('a conflict or a malformed event fails no other append of the batch', async () => {
      await store.append('case-0', NONE, [newEvent()]);
      const looped: Record<string, unknown> = {};
      looped['self'] = looped;
      let deep: JsonValue = 1;
      for (let level = 0; level < 70; level++) deep = [deep];
      const bad: Promise<unknown>[] = [
        store.append('case-0', NONE, [newEvent()]),
        store.append('case-bad', NONE, [newEvent({ text: '\ud800' })]),
        store.append('case-bad', NONE, [newEvent({ n: Number.NaN })]),
        store.append('case-bad', NONE, [newEvent(looped as JsonObject)]),
        store.append('case-bad', NONE, [newEvent({ deep })]),
        store.append('case-bad', NONE, [newEvent(JSON.parse('{"__proto__":1}') as JsonObject)]),
        store.append('case-\0', NONE, [newEvent()]),
        store.append('', NONE, [newEvent()]),
        store.append('case-bad', NONE, [{ ...newEvent(), id: 'no id' }]),
        store.append('case-bad', NONE, [newEvent({ text: '证'.repeat(21_900) })]),
      ];
      const good = Array.from({ length: 20 }, (_, n) =>
        outcome(store.append(`case-${n + 1}`, NONE, [newEvent({ nul: '\0' })])),
      );
      for (const result of await Promise.allSettled(bad)) expect(result.status).toBe('rejected');
      expect(await Promise.all(good)).toEqual(Array.from({ length: 20 }, () => 'written'));
      expect(await store.readStream('case-bad')).toEqual([]);
      await store.append('case-1', 0, [newEvent()]);
    });

    test('an append of no events writes nothing', async () => {
      expect(await store.append('case-1', 5, [])).toEqual({
        stream: 'case-1',
        records: [],
        repeated: false,
      });
      expect(await store.head()).toBe(START);
    });

    test('bounds its queue, and carries out exactly the appends that it accepted', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 5000 }, (_, n) =>
          outcome(store.append(`case-${n}`, NONE, [newEvent({})])),
        ),
      );
      const refused = outcomes.filter((result) => result !== 'written');
      expect(refused.length).toBe(5000 - 4096);
      for (const error of refused) {
        expect(error).toBeInstanceOf(StoreUnavailable);
        expect(error).toMatchObject({ code: 'store_busy', retryAfterSeconds: 1 });
      }
      expect((await take(store, START, 4096)).length).toBe(4096);
      await store.append('case-later', NONE, [newEvent()]);
    });

    test('refuses appends after it was closed, and finishes those under way', async () => {
      const underWay = Array.from({ length: 20 }, (_, n) =>
        outcome(store.append(`case-${n}`, NONE, [newEvent()])),
      );
      await store.close();
      expect(await Promise.all(underWay)).toEqual(Array.from({ length: 20 }, () => 'written'));
      await expect(store.append('case-x', NONE, [newEvent()])).rejects.toMatchObject({
        code: 'store_closed',
      });
    });
  });

  describe('appending again', () => {
    test('the same ids at the same place give the first result', async () => {
      const events = [newEvent(), newEvent()];
      const first = await store.append('case-1', NONE, events);
      await store.append('case-1', 1, [newEvent()]);
      const later = events.map((event) => ({
        ...event,
        time: '2027-01-01T00:00:00.000Z',
        actor: { client: 'client-a', operator: 'another' },
      }));
      const again = await store.append('case-1', NONE, later);
      expect(again).toEqual({ ...first, repeated: true });
      expect(again.records.map(({ text }) => text)).toEqual(first.records.map(({ text }) => text));
      expect(await store.readStream('case-1')).toHaveLength(3);
    });

    test('simultaneous appends of the same ids are one', async () => {
      const event = newEvent();
      const results = await Promise.all(
        Array.from({ length: 16 }, () => store.append('case-1', NONE, [event])),
      );
      expect(new Set(results.map(({ records }) => records[0]!.hash)).size).toBe(1);
      expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(await store.readStream('case-1')).toHaveLength(1);
    });

    test('the same id with another type, schema or data is a conflict of its own kind', async () => {
      const [one, two] = [newEvent({ a: 1 }), newEvent({ a: 2 })];
      await store.append('case-1', NONE, [one, two]);
      for (const events of [
        [{ ...one, data: { a: 3 } }, two],
        [{ ...one, type: 'SomethingElseHappened' }, two],
        [one, { ...two, schema: 2 }],
        [one, newEvent()],
        [one, two, newEvent()],
      ])
        await expect(store.append('case-1', NONE, events)).rejects.toThrow(EventIdConflict);
      await expect(store.append('case-1', NONE, [newEvent(), two])).rejects.toThrow(
        VersionConflict,
      );
      expect(await store.readStream('case-1')).toHaveLength(2);
    });
  });

  describe('reading', () => {
    test('returns the bytes that were hashed, whatever the data', async () => {
      const data = fc
        .dictionary(
          fc.string({ unit: 'grapheme' }),
          fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 }),
        )
        .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject)
        .filter((value) => !JSON.stringify(value).includes('__proto__'));
      let n = 0;
      await fc.assert(
        fc.asyncProperty(data, async (value) => {
          const stream = `case-${n++}`;
          const appended = await store.append(stream, NONE, [newEvent(value)]);
          const [record] = await store.readStream(stream);
          expect(record!.hash).toBe(appended.records[0]!.hash);
          expect(chainLink(record!.bytes)).toBe(record!.hash);
          expect(recordBytes(readRecord(record!.bytes))).toEqual(new Uint8Array(record!.bytes));
          expect(record!.body.data).toEqual(value);
        }),
        { numRuns: 60 },
      );
    });

    test('a stream that is not there is empty, and one is read from any version on', async () => {
      expect(await store.readStream('case-none')).toEqual([]);
      await store.append('case-1', NONE, [
        newEvent({ n: 0 }),
        newEvent({ n: 1 }),
        newEvent({ n: 2 }),
      ]);
      const rest = await store.readStream('case-1', 1);
      expect(rest.map(({ body }) => body.version)).toEqual([1, 2]);
      expect(await store.readStream('case-1', 3)).toEqual([]);
      expect(await store.readLast('case-none')).toBeNull();
      expect(await store.readLast('case-1')).toEqual(rest[1]);
      await store.append('case-1', 2, [newEvent()]);
    });

    test('of a stream any part is read, and no more of it', async () => {
      await store.append('case-1', NONE, [newEvent(), newEvent(), newEvent(), newEvent()]);
      const versions = async (from: number, limit?: number) =>
        (await store.readStream('case-1', from, limit)).map(({ body }) => body.version);
      expect(await versions(0, 2)).toEqual([0, 1]);
      expect(await versions(1, 2)).toEqual([1, 2]);
      expect(await versions(3, 5)).toEqual([3]);
      expect(await versions(2, 0)).toEqual([]);
      expect(await versions(4, 1)).toEqual([]);
      // what was read in part is appended to nevertheless
      await store.append('case-1', 3, [newEvent()]);
    });

    test('where streams end is one question about many: in the order asked, null where there is none', async () => {
      await store.append('case-1', NONE, [newEvent(), newEvent()]);
      const { records } = await store.append('case-2', NONE, [newEvent()]);
      const last = (await store.readLast('case-1'))!;
      const one = { version: 1, hash: last.hash };
      const two = { version: 0, hash: records[0]!.hash };
      expect(await store.streamHeads([])).toEqual([]);
      expect(
        await store.streamHeads(['case-2', 'case-none', 'case-1', 'case-2', 'case', 'case-\0']),
      ).toEqual([two, null, one, two, null, null]);
      const many = Array.from({ length: 300 }, (_, n) => `case-${n}`);
      expect((await store.streamHeads(many)).flatMap((head) => head ?? [])).toEqual([one, two]);
    });

    test('the end of a stream is that of every append acknowledged before it was asked for', async () => {
      const asked: Promise<void>[] = [];
      for (let n = 0; n < 40; n++) {
        const [made] = (await store.append('case-1', n - 1, [newEvent()])).records;
        asked.push(
          store.streamHeads(['case-none', 'case-1']).then(([none, head]) => {
            expect(none).toBeNull();
            expect(head!.version).toBeGreaterThanOrEqual(made!.version);
          }),
        );
      }
      await Promise.all(asked);
    });

    test('the feed has every record once, in commit order, and is read on from any position', async () => {
      for (let n = 0; n < 5; n++)
        await store.append(`case-${n}`, NONE, [newEvent({ n }), newEvent({ n })]);
      const all = await store.readAll(START, 100);
      expect(all.map(({ body }) => body.data['n'])).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
      expect(all.at(-1)!.position).toBe(await store.head());
      const rest = await store.readAll(all[3]!.position, 3);
      expect(rest.map(({ hash }) => hash)).toEqual(all.slice(4, 7).map(({ hash }) => hash));
      expect(await store.readAll(all[9]!.position, 3)).toEqual([]);
    });
  });

  describe('subscribing', () => {
    test('a subscriber gets what was there and what comes, in order, none twice, none missing', async () => {
      for (let n = 0; n < 10; n++) await store.append(`case-${n}`, NONE, [newEvent({ n })]);
      const seen = take(store, START, 300);
      for (let n = 10; n < 300; n += 10)
        await Promise.all(
          Array.from({ length: 10 }, (_, k) => store.append(`case-${n + k}`, NONE, [newEvent()])),
        );
      const positions = (await seen).map(({ position }) => position);
      expect(positions).toEqual((await store.readAll(START, 1000)).map(({ position }) => position));
    });

    test('a subscriber that starts again at its last position goes on without a duplicate or a gap', async () => {
      for (let n = 0; n < 7; n++) await store.append(`case-${n}`, NONE, [newEvent()]);
      const all = await store.readAll(START, 100);
      const again = await take(store, all[2]!.position, 4);
      expect(again.map(({ hash }) => hash)).toEqual(all.slice(3).map(({ hash }) => hash));
    });

    test('a subscription ends quietly when it is told to, also while it waits', async () => {
      const stop = new AbortController();
      const ended = (async () => {
        for await (const page of store.subscribe(START, stop.signal)) expect(page).toHaveLength(1);
      })();
      await store.append('case-1', NONE, [newEvent()]);
      stop.abort();
      await ended;
    });

    test('a genuine record is read even if an exclusion names it, and is never reported as foreign', async () => {
      await store.append('case-1', NONE, [newEvent(), newEvent()]);
      const [record] = await store.readAll(START, 1);
      expect(await store.findForeign('case-1', START)).toEqual([]);
      const event = { part: 'events', version: 0, position: String(record!.position) };
      const data = {
        stream: 'case-1',
        events: [{ ...event, hash: record!.hash }],
        sealed: { size: 0, position: '0' },
      };
      await store.append(exclusionStream, NONE, [{ ...newEvent(data), type: exclusionType }]);
      expect((await store.readStream('case-1')).map(({ body }) => body.version)).toEqual([0, 1]);
      expect(await store.readAll(START, 10)).toHaveLength(3);
      await store.append('case-1', 1, [newEvent()]);
      expect((await store.readLast('case-1'))?.body.version).toBe(2);
    });

    test('closing the store ends its subscriptions', async () => {
      const ended = (async () => {
        for await (const page of store.subscribe(START, new AbortController().signal))
          expect(page).toEqual([]);
      })();
      await store.close();
      await ended;
    });
  });
}
