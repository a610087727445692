import {
  SearchMatters,
  SearchMattersHandler,
  MatterSearch,
} from '#libs/catalogue/catalogue.module';
import { CatalogueDatabase } from '../support/catalogue-database.js';
import { type Bench, quantile, type Row } from './bench.js';

const rounds = 10_000;

/** As people search, by how. */
const searches: Readonly<Record<string, readonly string[]>> = {
  words: ['参保', '不动产 登记', '医保 新生儿', '许可证核发', '残疾', '婚', 'divorce'],
  initials: ['lhjy', 'jjknzm', 'ybcb', 'gjj', 'lhjydj'],
  pinyin: ['linghuojiuye', 'canbao', 'jingjikunnan', 'hukou'],
  code: ['SX00', 'SX0006', 'SX0056.00'],
  place: ['示例镇012', '示例村003 证明', '人社 社会保障卡'],
  misspelt: ['灵活就业人圆', '经济困唯证明', 'linghuojuiye', 'insurence', 'lhjydk'],
};

/** The search with a district's 13,236 matters beside the 192, by how people search. */
export const bench: Bench = {
  name: 'search',
  async run({ database, say }) {
    await using catalogue = await CatalogueDatabase.open(await database());
    await catalogue.fill(true);
    say('  (to be: p50 at most 2 ms, at least 2,000/s)');
    const search = new SearchMattersHandler(new MatterSearch(catalogue.pool));
    const find = (q: string) => search.execute(new SearchMatters({ q, page: 1, size: 20 }));
    const began = performance.now();
    const { total } = await find('');
    say(`  ${total} matters were read within ${Math.round(performance.now() - began)} ms`);
    const all = Object.values(searches).flat();
    const results: Row[] = [];
    for (const [how, words] of Object.entries(searches))
      results.push(await measure(how, 1, words, find));
    for (const callers of [1, 32]) results.push(await measure('all', callers, all, find));
    return results;
  },
};

async function measure(
  side: string,
  callers: number,
  words: readonly string[],
  find: (q: string) => Promise<unknown>,
): Promise<Row> {
  for (const word of words) await find(word);
  const times: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let i = next++; i < rounds; i = next++) {
        const began = performance.now();
        await find(words[i % words.length] ?? '');
        times.push(performance.now() - began);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  return {
    test: 'search',
    side,
    callers,
    perSecond: rounds / seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  };
}
