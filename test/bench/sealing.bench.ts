import { ours } from './append/ours.js';
import { eventActor, eventData, eventTime, eventType, nextId } from './append/side.js';
import { type Bench, median, quantile, type Row } from './bench.js';
import { sealedBench } from './sealed.js';

const callers = 64;
const rounds = 21;
const roundMs = 500;
const loneEvents = 200;

/**
 * What sealing costs appends (to be: 10 % at most), side by side in one process: rounds with the
 * sealer and without it by turns, each on its own database. And how long a lone event waits for its
 * checkpoint (to be: under 50 ms).
 */
export const bench: Bench = {
  name: 'sealing',
  async run({ database, say }) {
    const plain = await ours(await database());
    const url = await database();
    const sealed = await sealedBench(url);
    const appends = {
      unsealed: (stream: string) => plain.append(stream, 0),
      sealed: (stream: string) =>
        sealed.store.append(stream, -1, [
          {
            id: nextId(),
            type: eventType,
            schema: 1,
            time: eventTime,
            actor: eventActor,
            data: eventData,
          },
        ]),
    };
    sealed.sealer().start();
    const round = async (append: (stream: string) => Promise<unknown>, forMs: number) => {
      const start = performance.now();
      let count = 0;
      const times: number[] = [];
      const caller = async (number: number) => {
        for (let before = performance.now(); before - start < forMs;) {
          await append(`case-${number}-${start}-${count++}`);
          const after = performance.now();
          times.push(after - before);
          before = after;
        }
      };
      await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
      return { perSecond: times.length / ((performance.now() - start) / 1000), times };
    };
    const results = { unsealed: [] as Round[], sealed: [] as Round[] };
    for (const side of ['unsealed', 'sealed'] as const) await round(appends[side], 500);
    for (let n = 0; n < rounds; n++)
      for (const side of ['unsealed', 'sealed'] as const) {
        results[side].push(await round(appends[side], roundMs));
        // The sealer's backlog is its own cost: it is not left to the other side's round.
        if (side === 'sealed')
          await sealed.sealer().reached(Number(await sealed.store.head()), 60_000);
      }
    const rows: Row[] = (['unsealed', 'sealed'] as const).map((side) => ({
      test: 'sealing',
      side,
      callers,
      perSecond: median(results[side].map(({ perSecond }) => perSecond)),
      p50Ms: median(results[side].map(({ times }) => quantile(times, 0.5))),
      p99Ms: median(results[side].map(({ times }) => quantile(times, 0.99))),
    }));

    // A lone event comes to a ledger that is quiet: what the rounds left to be written is written
    // first.
    await sealed.pool.query('CHECKPOINT');
    const appended: number[] = [];
    const waits: number[] = [];
    for (let n = 0; n < loneEvents; n++) {
      const before = performance.now();
      await appends.sealed(`case-lone-${n}`);
      const after = performance.now();
      await sealed.sealer().reached(Number(await sealed.store.head()), 60_000);
      waits.push(performance.now() - after);
      appended.push(after - before);
    }
    // Its append is one commit, so is its seal: the first says what the disk takes in these
    // minutes.
    for (const [side, times] of [
      ['lone append', appended],
      ['lone event', waits],
    ] as const)
      rows.push({
        test: 'sealing',
        side,
        callers: 1,
        perSecond: 1000 / median(times),
        p50Ms: quantile(times, 0.5),
        p99Ms: quantile(times, 0.99),
      });
    // Each round against the one before it: what else the machine does changes slowly.
    const cost = median(
      results.sealed.map(
        ({ perSecond }, n) => 1 - perSecond / (results.unsealed[n]?.perSecond ?? NaN),
      ),
    );
    say(`  sealing costs ${(100 * cost).toFixed(0)} % of appends (to be: 10 at most)`);
    await plain.close();
    await sealed.close();
    return rows;
  },
};

interface Round {
  readonly perSecond: number;
  readonly times: readonly number[];
}
