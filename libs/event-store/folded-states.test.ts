import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ConflictError, plusSeconds } from '#libs/kernel';
import { type CommandContext, execute, load } from './execute.js';
import { FoldedStates, statesOf } from './folded-states.js';
import type { Rules } from './folding.js';
import { ForwardingEventStore } from './forwarding.js';
import { MemoryEventStore } from './memory/index.js';
import { NONE, type StoredRecord, type StreamHead } from './port.js';
import { newEvent } from './store.contract.js';
import { upcasting } from './upcasting.js';

/** One process on a store: counts what it reads, and keeps what it folded to itself. */
class Process extends ForwardingEventStore {
  /** Of each read of a stream, how many records it gave. */
  readonly reads: number[] = [];
  looks = 0;

  override async readStream(...of: Parameters<MemoryEventStore['readStream']>) {
    const records = await super.readStream(...of);
    this.reads.push(records.length);
    return records;
  }
  override streamHeads(streams: readonly string[]): Promise<readonly (StreamHead | null)[]> {
    this.looks++;
    return super.streamHeads(streams);
  }
}

interface Put {
  readonly type: 'Put';
  readonly data: { readonly n: number };
}
/** The numbers that were put, each once. */
const rules: Rules<readonly number[], Put> = {
  initialState: [],
  evolve: (all, { data }) => [...all, data.n],
  codec: upcasting<Put>({ Put: [] }),
  startAt: () => [],
};
const start = '2026-11-22T08:00:00.000Z';
const context = (changes: Partial<CommandContext> = {}): CommandContext => ({
  actor: { client: 'window-7' },
  idempotencyKey: randomUUID(),
  seed: 'ab'.repeat(32),
  now: start,
  ...changes,
});
class Taken extends ConflictError<'taken'> {}
const put = (at: Process, n: number, changes: Partial<CommandContext> = {}) =>
  execute(at, 'thing-1', context(changes), rules, (all) => {
    if (all.includes(n)) throw new Taken('taken', 'it was put before');
    return [{ type: 'Put', data: { n } }];
  });

function processes() {
  const store = new MemoryEventStore('city.example');
  return { store, here: new Process(store), there: new Process(store) };
}

describe('the state of a stream', () => {
  test('is read once, then only what came after it, and nothing where nothing did', async () => {
    const { here, there } = processes();
    for (let n = 0; n < 5; n++) await put(there, n);
    expect((await load(here, 'thing-1', rules)).state).toEqual([0, 1, 2, 3, 4]);
    expect(await load(here, 'thing-1', rules)).toMatchObject({ version: 4 });
    await put(there, 5);
    expect((await load(here, 'thing-1', rules)).state).toEqual([0, 1, 2, 3, 4, 5]);
    expect(here.reads).toEqual([5, 1]);
    await put(here, 6);
    expect((await load(here, 'thing-1', rules)).state).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(here.reads).toEqual([5, 1]);
  });

  test('of many streams is one question for their ends', async () => {
    const { store, here } = processes();
    await store.append('thing-2', NONE, [{ ...newEvent({ n: 7 }), type: 'Put' }]);
    const look = (stream: string) => ({ stream, rules });
    const [one, two, none] = await statesOf(here).look(
      look('thing-1'),
      look('thing-2'),
      look('thing-3'),
    );
    expect([one.state, two.state, none.state]).toEqual([[], [7], []]);
    expect([one.version, two.version, none.version]).toEqual([NONE, 0, NONE]);
    expect(here.looks).toBe(1);
  });

  test('of a part is folded from there on, and serves who needs less', async () => {
    const { here, there } = processes();
    for (let n = 0; n < 9; n++) await put(there, n);
    const part = async (of: { from?: number; last?: number; least?: number }) =>
      (await statesOf(here).look({ stream: 'thing-1', rules, ...of }))[0].state;
    expect(await part({ last: 3 })).toEqual([6, 7, 8]);
    expect(await part({ from: 7 })).toEqual([6, 7, 8]);
    expect(await part({ last: 4, least: 1 })).toEqual([6, 7, 8]);
    expect(here.reads).toEqual([3]);
    expect(await part({ from: 2, last: 5 })).toEqual([4, 5, 6, 7, 8]);
    expect(await part({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(here.reads).toEqual([3, 5, 9]);
    expect(await part({ from: 20 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('is kept of so many streams, and so many bytes, and no more', async () => {
    const { store, here } = processes();
    for (let n = 0; n < 30; n++)
      await store.append(`thing-${n}`, NONE, [{ ...newEvent({ n }), type: 'Put' }]);
    const few = new FoldedStates(here, { streams: 10, bytes: 1_000_000 });
    const small = new FoldedStates(here, { streams: 100, bytes: 8000 });
    for (let n = 0; n < 30; n++)
      for (const states of [few, small]) await states.look({ stream: `thing-${n}`, rules });
    expect(few.size.streams).toBe(10);
    expect(small.size.bytes).toBeLessThanOrEqual(8000);
    expect(small.size.streams).toBeGreaterThan(2);
    here.reads.length = 0;
    await few.look({ stream: 'thing-29', rules });
    await few.look({ stream: 'thing-0', rules });
    expect(here.reads).toEqual([1]);
  });

  test('that no longer continues what was read of its stream is damage', async () => {
    const { here, there } = processes();
    for (let n = 0; n < 3; n++) await put(there, n);
    await load(here, 'thing-1', rules);
    const cut = here.streamHeads.bind(here);
    const damaged = { code: 'store_damaged' };
    for (const end of [null, { version: 1, hash: 'a'.repeat(64) }, { version: 2, hash: 'b' }]) {
      here.streamHeads = () => Promise.resolve([end]);
      await expect(load(here, 'thing-1', rules)).rejects.toMatchObject(damaged);
    }
    here.streamHeads = cut;
    await put(there, 3);
    const read = here.readStream.bind(here);
    here.readStream = async (...of) =>
      (await read(...of)).map((record): StoredRecord => ({
        ...record,
        body: { ...record.body, prev: 'c'.repeat(64) },
      }));
    await expect(load(here, 'thing-1', rules)).rejects.toMatchObject(damaged);
    here.readStream = read;
    expect((await load(here, 'thing-1', rules)).state).toEqual([0, 1, 2, 3]);
  });
});

describe('a decision on a state that is out of date', () => {
  test('is refused by the append, and made again on what came meanwhile', async () => {
    const { here, there } = processes();
    await put(here, 1);
    await put(there, 2);
    const decided: (readonly number[])[] = [];
    await execute(here, 'thing-1', context(), rules, (all): Put[] => {
      decided.push(all);
      return [{ type: 'Put', data: { n: all.length } }];
    });
    expect(decided).toEqual([[1], [1, 2]]);
    expect((await load(there, 'thing-1', rules)).state).toEqual([1, 2, 2]);
  });

  test('that refuses, or changes nothing, is made again where the stream has moved', async () => {
    const { here, there } = processes();
    await put(here, 1);
    await put(there, 2);
    const isThere = (n: number) =>
      execute(here, 'thing-1', context(), rules, (all): Put[] => {
        if (!all.includes(n)) throw new Taken('taken', 'it is not there');
        return [];
      });
    expect(await isThere(2)).toMatchObject({ events: [], version: 1 });
    await put(there, 3);
    const nothing = await execute(here, 'thing-1', context(), rules, (all): Put[] =>
      all.includes(3) ? [{ type: 'Put', data: { n: 4 } }] : [],
    );
    expect(nothing.records).toHaveLength(1);
    await expect(isThere(9)).rejects.toThrow(Taken);
  });

  test('about a stream believed to be new finds out that it is there', async () => {
    const { here, there } = processes();
    await put(there, 1);
    const done = await execute(
      here,
      'thing-1',
      context(),
      rules,
      (all): Put[] => [{ type: 'Put', data: { n: all.length } }],
      { isNew: true },
    );
    expect(done).toMatchObject({ state: [1, 1], version: 1 });
  });
});

describe('a repeated command', () => {
  const key = 'the-same-key-1234';
  const long = async (there: Process, from: number, to: number, now = start) => {
    for (let n = from; n < to; n++) await put(there, n, { now });
  };

  test('is found though the process that gets it knows nothing of the stream', async () => {
    const { here, there } = processes();
    const first = await put(there, 1, { idempotencyKey: key, since: null });
    await long(there, 2, 400, plusSeconds(start, 10));
    const again = await put(here, 1, { idempotencyKey: key, since: start });
    expect(again).toMatchObject({ repeated: true, events: first.events, records: first.records });
  });

  test('is found in a long stream without reading more than came since it was sent first', async () => {
    const { here, there } = processes();
    await long(there, 0, 900, plusSeconds(start, -3600));
    const first = await put(there, 900, { idempotencyKey: key, since: null });
    await long(there, 901, 1200, plusSeconds(start, 60));
    await load(here, 'thing-1', rules);
    here.reads.length = 0;
    const again = await put(here, 900, { idempotencyKey: key, since: start });
    expect(again).toMatchObject({ repeated: true, records: first.records });
    expect(Math.max(...here.reads)).toBeLessThanOrEqual(256);
    // One that led to nothing is looked for no further back than its time.
    here.reads.length = 0;
    await put(here, 5000, { since: plusSeconds(start, 60) });
    expect(here.reads.reduce((sum, read) => sum + read, 0)).toBeLessThan(600);
    here.reads.length = 0;
    await put(here, 5001, { since: plusSeconds(start, 3600), now: plusSeconds(start, 3600) });
    await put(here, 5002, { since: null });
    expect(here.reads).toEqual([]);
  });

  test('that overtakes its first attempt leads to one record', async () => {
    const { here, there } = processes();
    await put(there, 0);
    await load(here, 'thing-1', rules);
    const second = await put(there, 1, { idempotencyKey: key, since: start });
    await load(here, 'thing-1', rules);
    const first = await put(here, 1, { idempotencyKey: key, since: null });
    expect(first).toMatchObject({ repeated: true, records: second.records });
  });
});
