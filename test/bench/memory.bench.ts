import { setTimeout as wait } from 'node:timers/promises';
import type { Bench, Row } from './bench.js';
import { Generator } from './case/generating.js';
import { ours } from './case/ours.js';
import { countingServer } from './case/server.js';
import { residentMemory } from './processor-time.js';

const callers = 32;
const usualSeconds = 120;
const sliceSeconds = 60;

/** A process looks every ten seconds whether it rests. */
const restMs = 25_000;
const atRestGoalMb = 250;

/**
 * Resident memory of a city without renderer: at rest, after each minute of `case` at 32 callers,
 * and at rest again. An hour of it: `--seconds 3600`.
 */
export const bench: Bench = {
  name: 'memory',
  async run({ seconds = usualSeconds, say }) {
    const server = await countingServer();
    try {
      const side = await ours(server.folder, 'ours', await server.database('ours'));
      const generator = await Generator.of(side.scene);
      const rows: Row[] = [];
      const measure = async (what: string, perSecond: number) => {
        const megabytes = (await residentMemory(side.pid())) ?? Number.NaN;
        say(`  ${what.padEnd(14)} ${megabytes.toFixed(0)} MB`);
        const figures = { MB: megabytes, 'goal at rest': atRestGoalMb };
        rows.push({
          test: 'memory',
          side: what,
          callers: perSecond === 0 ? 0 : callers,
          perSecond,
          p50Ms: null,
          p99Ms: null,
          figures,
        });
      };
      try {
        await wait(restMs);
        await measure('at rest', 0);
        for (let at = 0; at < seconds; at += sliceSeconds) {
          const length = Math.min(sliceSeconds, seconds - at);
          const done = await generator.run({ callers, seconds: length });
          await measure(`minute ${at / sliceSeconds + 1}`, done.cases / done.seconds);
        }
        await wait(restMs);
        await measure('at rest again', 0);
      } finally {
        generator.close();
        await side.stop();
      }
      return rows;
    } finally {
      await server.stop();
    }
  },
};
