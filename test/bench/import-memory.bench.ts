import pg from 'pg';
import type { Bench, Row } from './bench.js';
import { Road } from './certificates/road.js';
import { residentMemory } from './processor-time.js';

const certificates = 100_000;
const every = 10_000;
const warmUp = 500;
const batchesAtOnce = 3;

/**
 * Resident memory of the importing program and of the city at each 10,000 of 100,000 lines. Goal:
 * flat, so that what is there at the end was there at half of them (times half: 1).
 */
export const bench: Bench = {
  name: 'import-memory',
  async run({ say }) {
    const road = await Road.open();
    const client = new pg.Client({ connectionString: await road.databaseUrl() });
    await client.connect();
    const records = async () => {
      const { rows } = await client.query<{ position: string }>('SELECT position FROM log_head');
      return Number(rows[0]?.position);
    };
    try {
      const first = await records();
      await road.travel(warmUp, batchesAtOnce);
      const before = await records();
      const recordsEach = (before - first) / warmUp;
      const seen: { readonly importer: number; readonly city: number; readonly at: number }[] = [];
      const { seconds } = await road.travel(certificates, batchesAtOnce, async (importerPid) => {
        const at = ((await records()) - before) / recordsEach;
        if (at < (seen.length + 1) * every) return;
        const importer = (await residentMemory(importerPid)) ?? Number.NaN;
        const city = (await residentMemory(road.cityPid)) ?? Number.NaN;
        seen.push({ importer, city, at });
        say(
          `  ${at.toFixed(0).padStart(6)} certificates: ${importer.toFixed(0)} MB at the authority, ${city.toFixed(0)} MB in the city`,
        );
      });
      const half = seen.findIndex(({ at }) => at >= certificates / 2);
      const row = (side: 'importer' | 'city'): Row => {
        const peak = Math.max(...seen.map((one) => one[side]));
        return {
          test: 'import-memory',
          side,
          callers: batchesAtOnce,
          perSecond: certificates / seconds,
          p50Ms: null,
          p99Ms: null,
          figures: { 'most MB': peak, 'times half': peak / (seen[half]?.[side] ?? Number.NaN) },
        };
      };
      return [row('importer'), row('city')];
    } finally {
      await client.end();
      await road.close();
    }
  },
};
