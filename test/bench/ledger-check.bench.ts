import { availableParallelism } from 'node:os';
import { checkLedger } from '#libs/audit/ledger-check';
import { eventActor, eventCity, eventData, eventTime, eventType, nextId } from './append/side.js';
import { type Bench, median, type Row } from './bench.js';
import { hashedPerSecond, textsOf } from './ledger-check/hashing.js';
import { familyTime } from './processor-time.js';
import { sealedBench } from './sealed.js';

const records = 200_000;
const streams = 1000;
const rounds = 3;

/**
 * The check of a whole ledger but for signatures: hashes, chains, tree and tiles, on one thread and
 * on as many as there are processors, beside hashing the same bytes alone. Goals: 0.35 times the
 * hashing on as many threads, and 1.6 times one thread on two.
 */
export const bench: Bench = {
  name: 'ledger-check',
  async run({ database, serverPid, say }) {
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
    const texts = await textsOf(sealed.pool);
    const rows: Row[] = [];
    const single = { check: Number.NaN, hashing: Number.NaN };
    for (const threads of new Set([1, availableParallelism()])) {
      const rates: number[] = [];
      const hashing: number[] = [];
      const used = await usage(serverPid);
      for (let n = 0; n < rounds; n++) {
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
      const after = await usage(serverPid);
      for (let n = 0; n < rounds; n++) hashing.push(await hashedPerSecond(texts, threads));
      const check = median(rates);
      const alone = median(hashing);
      if (threads === 1) Object.assign(single, { check, hashing: alone });
      const each = (ms: number) => (ms * 1000) / records / rounds;
      rows.push(
        {
          test: 'ledger-check',
          side: `${threads} threads`,
          callers: 1,
          perSecond: check,
          p50Ms: null,
          p99Ms: null,
          figures: {
            'times hashing': check / alone,
            'goal of it': 0.35,
            'times one thread': check / single.check,
            ...(threads === 2 && { 'goal on two': 1.6 }),
            'main thread µs': each(after.main - used.main),
            'other threads µs': each(after.own - used.own - (after.main - used.main)),
            'database µs': each(after.database - used.database),
          },
        },
        {
          test: 'hashing alone',
          side: `hashing, ${threads}`,
          callers: 1,
          perSecond: alone,
          p50Ms: null,
          p99Ms: null,
          figures: { 'times one thread': alone / single.hashing },
        },
      );
    }
    await sealed.close();
    return rows;
  },
};

/** Milliseconds of processor time so far: of this thread, of this process, of PostgreSQL. */
async function usage(serverPid: number) {
  const sum = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000;
  return {
    main: sum(process.threadCpuUsage()),
    own: sum(process.cpuUsage()),
    database: (await familyTime(serverPid)) ?? Number.NaN,
  };
}
