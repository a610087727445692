import { MatterExemptionsHandler, MatterExemptionsQuery } from '#libs/catalogue/catalogue.module';
import { CatalogueDatabase } from '../support/catalogue-database.js';
import { type Bench, quantile, type Row } from './bench.js';

const rounds = 4000;
/**
 * The exemption query with a district's 13,236 matters beside the 192, and how long the whole
 * catalogue takes to come in.
 */
export const bench: Bench = {
  name: 'exemptions',
  async run({ database, say }) {
    await using catalogue = await CatalogueDatabase.open(await database());
    const start = performance.now();
    await catalogue.fill();
    const first = performance.now();
    await catalogue.fill(true);
    const all = performance.now();
    say(`  (to be: p50 below 2 ms for the exemption query)`);
    say(
      `  the catalogue came in within ${Math.round(first - start)} ms, 13,236 matters by place within ${Math.round(all - first)} ms`,
    );
    const exemptions = new MatterExemptionsHandler(catalogue.pool);
    const { rows } = await catalogue.pool.query<{ code: string }>(
      'SELECT code FROM catalogue_matter ORDER BY code',
    );
    const code = (i: number) => rows[(i * 7919) % rows.length]?.code ?? 'SX0001';
    const exempt = (i: number) => exemptions.execute(new MatterExemptionsQuery(code(i)));
    const results: Row[] = [];
    for (const callers of [1, 16])
      results.push(await measure('exemptions', callers, rounds, exempt));
    return results;
  },
};

async function measure(
  side: string,
  callers: number,
  count: number,
  work: (i: number) => Promise<unknown>,
): Promise<Row> {
  for (let i = 0; i < 100; i++) await work(i);
  const times: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let i = next++; i < count; i = next++) {
        const began = performance.now();
        await work(i);
        times.push(performance.now() - began);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  return {
    test: 'exemptions',
    side,
    callers,
    perSecond: count / seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  };
}
