import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type PositionedRecord, START } from '#libs/event-store';
import { EventStoreDbEventStore } from '#libs/event-store/eventstoredb';
import type { Memory, ReadReport } from './much.js';

/**
 * Reads a generated log from its beginning to its end in a process of its own, in which there is
 * nothing but the adapter, and says in one line of JSON what memory that took: what is left after a
 * collection, at a hundred places, beginning when the adapter has everything that it always has.
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    city: { type: 'string', default: 'city.example' },
    records: { type: 'string', default: '0' },
    by: { type: 'string', default: 'subscribe' },
  },
});
const total = Number(values.records);
const early = total / 10;
const every = total / 100;
/**
 * Half way the reader takes nothing for so long that as many records would come as this is part of
 * them all.
 */
const held = 0.1;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function memory(): Memory {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { live: heapUsed + external, rss };
}

const most = (one: Memory, other: Memory): Memory => ({
  live: Math.max(one.live, other.live),
  rss: Math.max(one.rss, other.rss),
});

const store = await EventStoreDbEventStore.open({ city: values.city, url: values.url });

async function* pages(): AsyncGenerator<readonly PositionedRecord[]> {
  if (values.by === 'subscribe') {
    yield* store.subscribe(START, new AbortController().signal);
    return;
  }
  for (let after = START; ;) {
    const page = await store.readAll(after, 1000);
    after = page.at(-1)?.position ?? after;
    if (page.length === 0) return;
    yield page;
  }
}

const began = performance.now();
const nothing: Memory = { live: 0, rss: 0 };
const report = { earlyPeak: nothing, latePeak: nothing };
let read = 0;
let stoodMs = 0;
for await (const page of pages()) {
  for (const { body } of page) {
    if (body.stream !== `case-${read}`) throw new TypeError(`record ${read} is ${body.stream}`);
    read++;
  }
  const before = read - page.length;
  if (before < total / 2 && read >= total / 2) {
    stoodMs = 2 * held * (performance.now() - began);
    await wait(stoodMs);
  }
  if (Math.floor(read / every) > Math.floor(before / every)) {
    if (read <= early) report.earlyPeak = most(report.earlyPeak, memory());
    else report.latePeak = most(report.latePeak, memory());
  }
  if (read === total) break;
}
const seconds = (performance.now() - began - stoodMs) / 1000;
await store.close();
process.stdout.write(`${JSON.stringify({ read, seconds, ...report } satisfies ReadReport)}\n`);
