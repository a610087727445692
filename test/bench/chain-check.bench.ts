import pg from 'pg';
import { checkChains } from '#libs/event-store/postgres';
import { ours } from './append/ours.js';
import { type Bench, median } from './bench.js';

const records = 120_000;

/** Reading a whole ledger back and checking every record of it, in one process. */
export const bench: Bench = {
  name: 'chain-check',
  async run({ database, say }) {
    const url = await database();
    const side = await ours(url);
    await Promise.all(
      Array.from({ length: 1000 }, async (_, stream) => {
        for (let version = 0; version < records / 1000; version++)
          await side.append(`book-${stream}`, version);
      }),
    );
    await side.close();
    const pool = new pg.Pool({ connectionString: url });
    const rates: number[] = [];
    for (let n = 0; n < 3; n++) {
      const start = performance.now();
      const report = await checkChains(pool);
      rates.push(report.records / ((performance.now() - start) / 1000));
      if (report.wrong.length > 0 || report.records !== records)
        say(`  the check itself found ${JSON.stringify(report)}`);
    }
    await pool.end();
    const perSecond = median(rates);
    say(`  (to be: 50,000 records a second)`);
    return [{ test: 'chain-check', side: 'ours', callers: 1, perSecond, p50Ms: null, p99Ms: null }];
  },
};
