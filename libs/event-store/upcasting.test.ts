import { describe, expect, test } from '@jest/globals';
import { recordBytes, readRecord } from '#libs/log';
import type { CommandContext } from './execute.js';
import { execute, load } from './execute.js';
import { MemoryEventStore } from './memory/index.js';
import { type Codec, type Schemas, upcastRecord, schemasOf, upcasting } from './upcasting.js';
import { storedHash } from './forming.js';

/**
 * A type that has had three schemas: one name; then a list of names; then names with the day on
 * which each was given.
 */
interface Named {
  readonly type: 'Named';
  readonly data: { readonly names: readonly { readonly name: string; readonly day: string }[] };
}
interface Closed {
  readonly type: 'Closed';
  readonly data: { readonly by: string };
}
type Event = Named | Closed;

const named: Schemas['string'] = [
  (data) => ({ names: [data['name'] ?? ''] }),
  (data) => ({
    names: (data['names'] as readonly string[]).map((name) => ({ name, day: 'unknown' })),
  }),
];
const today = upcasting<Event>({ Named: named, Closed: [] });
/** The program as it was when there was one schema, and when there were two. */
const earlier = (schemas: number) =>
  upcasting<Event>({ Named: named.slice(0, schemas - 1), Closed: [] });

const rulesWith = (codec: Codec<Event>) => ({
  initialState: [] as readonly string[],
  evolve: (state: readonly string[], event: Event) =>
    event.type === 'Closed'
      ? state
      : [...state, ...event.data.names.map(({ name, day }) => `${name} ${day}`)],
  codec,
});
const context = (idempotencyKey: string): CommandContext => ({
  actor: { client: 'window-7' },
  idempotencyKey,
  seed: 'ab'.repeat(32),
  now: '2026-11-22T01:02:03.004Z',
});
/** Appends by a release whose rules do not fold: what it writes is what counts here. */
const write = (store: MemoryEventStore, codec: Codec<Event>, key: string, event: unknown) =>
  execute(store, 'thing-1', context(key), { initialState: null, evolve: () => null, codec }, () => [
    event as Event,
  ]);

describe('records of older schemas', () => {
  async function written() {
    const store = new MemoryEventStore('city.example');
    await write(store, earlier(1), 'first-release-00', { type: 'Named', data: { name: 'a' } });
    await write(store, earlier(2), 'second-release-0', {
      type: 'Named',
      data: { names: ['b', 'c'] },
    });
    await write(store, today, 'third-release-00', {
      type: 'Named',
      data: { names: [{ name: 'd', day: '2026-11-22' }] },
    });
    await write(store, today, 'third-release-01', { type: 'Closed', data: { by: 'x' } });
    return store;
  }

  test('are upcast to the current schema, whatever release wrote them', async () => {
    const store = await written();
    expect((await store.readStream('thing-1')).map(({ body }) => body.schema)).toEqual([
      1, 2, 3, 1,
    ]);
    const { state } = await load(store, 'thing-1', rulesWith(today));
    expect(state).toEqual(['a unknown', 'b unknown', 'c unknown', 'd 2026-11-22']);
  });

  test('keep their bytes and hashes, and a command that was sent to an older release is answered with what it did', async () => {
    const store = await written();
    const [first] = await store.readStream('thing-1');
    expect(first!.body.data).toEqual({ name: 'a' });
    const again = await execute(
      store,
      'thing-1',
      context('first-release-00'),
      rulesWith(today),
      (): Event[] => [{ type: 'Named', data: { names: [] } }],
    );
    expect(again).toMatchObject({
      repeated: true,
      events: [{ data: { names: [{ name: 'a', day: 'unknown' }] } }],
      records: [{ hash: first!.hash }],
    });
    expect(storedHash(first!.bytes)).toBe(first!.hash);
  });

  test('are upcast for read models, and keep their identity', async () => {
    const store = await written();
    const schemas: Schemas = { Named: named, Closed: [] };
    const [first, , third] = await store.readAll(0n, 10);
    const lifted = upcastRecord(schemas, first!);
    expect(lifted.body).toEqual({
      ...first!.body,
      data: { names: [{ name: 'a', day: 'unknown' }] },
    });
    expect([lifted.hash, lifted.position]).toEqual([first!.hash, first!.position]);
    expect(readRecord(lifted.bytes)).toEqual(first!.body);
    expect(Buffer.from(recordBytes(first!.body))).toEqual(Buffer.from(lifted.bytes));
    expect(upcastRecord(schemas, third!)).toBe(third);
  });
});

describe('records of a later release', () => {
  const refused = { code: 'event_schema_unknown', family: 'unavailable' };

  test('are never skipped by an older release: it decides nothing on a schema that it does not know', async () => {
    const store = new MemoryEventStore('city.example');
    await write(store, today, 'third-release-00', {
      type: 'Named',
      data: { names: [{ name: 'd', day: '2026-11-22' }] },
    });
    await expect(load(store, 'thing-1', rulesWith(earlier(2)))).rejects.toMatchObject({
      ...refused,
      facts: { type: 'Named', schema: 3 },
    });
    await expect(
      execute(store, 'thing-1', context('older-release-00'), rulesWith(earlier(2)), (): Event[] => [
        { type: 'Closed', data: { by: 'x' } },
      ]),
    ).rejects.toMatchObject(refused);
    expect(await store.readStream('thing-1')).toHaveLength(1);
  });

  test('are never folded by an older one', async () => {
    const store = new MemoryEventStore('city.example');
    await write(store, today, 'third-release-00', {
      type: 'Named',
      data: { names: [{ name: 'd', day: '2026-11-22' }] },
    });
    const [record] = await store.readAll(0n, 1);
    expect(() => upcastRecord({ Named: named.slice(0, 1) }, record!)).toThrow(
      expect.objectContaining(refused),
    );
  });

  test('of an unknown type are refused as well, also when the type is a property of every object', () => {
    for (const type of ['Renamed', 'toString', '__proto__', ''])
      expect(() => today.upcast(type, 1, {})).toThrow(expect.objectContaining(refused));
    for (const schema of [0, -1, 4]) {
      expect(() => today.upcast('Named', schema, {})).toThrow(expect.objectContaining(refused));
    }
  });
});

test('a subset of a schema table has exactly those schemas', () => {
  expect(schemasOf({ Named: named, Closed: [] }, 'Named')).toEqual({ Named: named });
});
