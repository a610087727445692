import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type CommandContext, execute, freshId, subContext } from './execute.js';
import { MemoryEventStore } from './memory/index.js';
import { upcasting } from './upcasting.js';

interface Counted {
  readonly type: 'Counted';
  readonly data: { readonly by: string };
}
const rules = {
  initialState: 0,
  evolve: (count: number) => count + 1,
  codec: upcasting<Counted>({ Counted: [] }),
};
const context = (idempotencyKey: string = randomUUID()): CommandContext => ({
  actor: { client: 'window-7' },
  idempotencyKey,
  seed: 'ab'.repeat(32),
  now: '2026-11-22T01:02:03.004Z',
});
/** Every attempt has data of its own, as a salt is. */
const count = (store: MemoryEventStore, on: CommandContext) =>
  execute(store, 'case-A', on, rules, (): Counted[] => [
    { type: 'Counted', data: { by: randomUUID() } },
  ]);

describe('a command', () => {
  test('returns its first result when it is sent again', async () => {
    const store = new MemoryEventStore('city.example');
    const first = await count(store, context('the-same-key-1234'));
    const second = await count(store, context('the-same-key-1234'));
    expect(second).toMatchObject({ repeated: true, events: first.events, records: first.records });
    expect(await store.readStream('case-A')).toHaveLength(1);
  });

  test('is carried out once when sent many times at once, and every caller gets the result', async () => {
    const store = new MemoryEventStore('city.example');
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, () => count(store, context('the-same-key-1234'))),
    );
    expect(await store.readStream('case-A')).toHaveLength(1);
    expect(new Set(outcomes.map(({ events }) => events[0]?.data.by)).size).toBe(1);
    expect(outcomes.filter(({ repeated }) => !repeated)).toHaveLength(1);
  });

  test('beside others on one stream is carried out after them, each once', async () => {
    const store = new MemoryEventStore('city.example');
    await Promise.all(Array.from({ length: 8 }, () => count(store, context())));
    const records = await store.readStream('case-A');
    expect(records.map(({ body }) => body.version)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('ids of a command', () => {
  test('are the same for a retry, and others for another label, seed or part', () => {
    const one = context('the-same-key-1234');
    const later: CommandContext = { ...one, now: '2027-01-01T00:00:00.000Z' };
    expect(freshId(one, 'case')).toBe(freshId(later, 'case'));
    const others = [
      freshId(one, 'consent'),
      freshId({ ...one, seed: 'cd'.repeat(32) }, 'case'),
      freshId(subContext(one, 'line-1'), 'case'),
      freshId(subContext(one, 'line-2'), 'case'),
    ];
    expect(new Set([freshId(one, 'case'), ...others]).size).toBe(5);
    expect(freshId(one, 'case')).toMatch(/^[\w-]{22}$/);
  });
});
