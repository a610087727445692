import { emmett } from './append/emmett.js';
import { messageDb } from './append/message-db.js';
import { ours } from './append/ours.js';
import { copy, insert } from './append/plain.js';
import type { Side } from './append/side.js';
import { type Bench, median, quantile, type Row } from './bench.js';

const sides = [ours, emmett, messageDb, insert, copy];
const callerCounts = [64, 512];
const rounds = 5;
const roundMs = 1200;
const warmUpMs = 400;

/** A stream of the product is short; a caller continues with the next one. */
const eventsPerStream = 10;
const kinds = ['certificate', 'case', 'subject', 'book', 'client', 'proof', 'matter', 'type'];

/**
 * One-event appends by concurrent callers, each to streams of its own. Sides take turns in short
 * rounds, so that a slow spell of the machine meets all.
 */
export const bench: Bench = {
  name: 'append',
  async run({ database, say }) {
    const rows: Row[] = [];
    for (const callers of callerCounts) {
      const open: Side[] = [];
      for (const side of sides) open.push(await side(await database()));
      const results = new Map(open.map(({ name }) => [name, [] as Round[]]));
      for (const side of open) await round(side, callers, warmUpMs);
      for (let n = 0; n < rounds; n++)
        for (const side of open) results.get(side.name)?.push(await round(side, callers, roundMs));
      for (const [side, measured] of results)
        rows.push({
          test: 'append',
          side,
          callers,
          perSecond: median(measured.map(({ perSecond }) => perSecond)),
          p50Ms: median(measured.map(({ p50Ms }) => p50Ms)),
          p99Ms: median(measured.map(({ p99Ms }) => p99Ms)),
        });
      for (const side of open) await side.close();
    }
    const of = (side: string, callers: number) =>
      rows.find((row) => row.side === side && row.callers === callers);
    const rate = (side: string, callers: number) => of(side, callers)?.perSecond ?? NaN;
    say(
      `  ours is ${(rate('ours', 64) / rate('emmett', 64)).toFixed(1)} times emmett at 64 callers (to be: 18), ` +
        `p99 ${(of('ours', 64)?.p99Ms ?? NaN).toFixed(1)} ms (to be: 10 at most), ` +
        `and ${(rate('ours', 512) / rate('copy', 512)).toFixed(2)} of COPY at 512 (to be: 0.9)`,
    );
    return rows;
  },
};

interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

let streams = 0;
const nextStream = (caller: number) =>
  `${kinds[caller % kinds.length]}-${(streams++).toString(36).padStart(22, '0')}`;

async function round(side: Side, callers: number, forMs: number): Promise<Round> {
  const times: number[] = [];
  const start = performance.now();
  const end = start + forMs;
  const caller = async (number: number) => {
    let stream = nextStream(number);
    let version = 0;
    for (let before = performance.now(); before < end;) {
      await side.append(stream, version);
      const after = performance.now();
      times.push(after - before);
      before = after;
      if (++version === eventsPerStream) {
        stream = nextStream(number);
        version = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  const seconds = (performance.now() - start) / 1000;
  return {
    perSecond: times.length / seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  };
}
