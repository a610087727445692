import { availableParallelism } from 'node:os';
import { checkLedger } from '#libs/audit/ledger-check';
import { eventActor, eventCity, eventData, eventTime, eventType, nextId } from './append/side.js';
import { type Bench, median, type Row } from './bench.js';
import { sealedBench } from './sealed.js';

const records = 200_000;
const streams = 1000;

/**
 * The check of a whole ledger but for signatures: hashes, chains, tree and tiles, on one core and
 * on all (to be: 80,000 records/s on two).
 */
export const bench: Bench = {
  name: 'ledger-check',
  async run({ database, say }) {
    const url = await database();
    const sealed = await sealedBench(url);
    await Promise.all(
      Array.from({ length: streams }, async (_, stream) => {
        for (let version = 0; version < records / streams; version++)
          await sealed.store.append(`book-${stream}`, version - 1, [
            {
              id: nextId(),
              type: eventType,
              schema: 1,
              time: eventTime,
              actor: eventActor,
              data: eventData,
            },
          ]);
      }),
    );
    sealed.sealer().start();
    await sealed.sealer().reached(records, 600_000);
    const rows: Row[] = [];
    for (const threads of new Set([1, availableParallelism()])) {
      const rates: number[] = [];
      const cpu = process.cpuUsage();
      for (let n = 0; n < 3; n++) {
        const start = performance.now();
        const report = await checkLedger(sealed.pool, url, {
          city: eventCity,
          policy: sealed.policy,
          threads,
        });
        rates.push(report.records / ((performance.now() - start) / 1000));
        // The records say nothing that could be granted or released: only what they are is of
        // interest.
        const wrong = report.findings.filter(({ what }) => !/^(grant|release)/.test(what));
        if (wrong.length > 0) say(`  the check itself found ${JSON.stringify(wrong.slice(0, 3))}`);
      }
      const { user, system } = process.cpuUsage(cpu);
      say(`  ${threads} threads: ${((user + system) / records / 3).toFixed(1)} µs of CPU a record`);
      rows.push({
        test: 'ledger-check',
        side: `${threads} threads`,
        callers: 1,
        perSecond: median(rates),
        p50Ms: null,
        p99Ms: null,
      });
    }
    await sealed.close();
    return rows;
  },
};
