import pg from 'pg';
import { type Bench, median, quantile, type Row } from './bench.js';
import { booksIn, fillBook } from './case/filled-book.js';
import { Generator } from './case/generating.js';
import type { Done } from './case/load.js';
import { type OurSide, ours } from './case/ours.js';
import { stepNames } from './case/scene.js';
import { processTime } from './processor-time.js';
import { type CountingServer, countingServer } from './case/server.js';

/** Records of the books; that of the first holder is the measure. */
const sizes = [10, 1000, 100_000];
const rounds = 3;
const usualSeconds = 4;

/**
 * Cases of holders whose books have so many records, one at a time, holders by turns: as the books
 * grew, and after a restart of the city. A case's processor time is the city's.
 */
export const bench: Bench = {
  name: 'book',
  async run({ seconds = usualSeconds, say }) {
    say('  (to be: a case of any book costs at most 1.25 times that of the smallest)');
    const server = await countingServer();
    let side: OurSide | undefined;
    try {
      const url = await server.database('ours');
      side = await ours(server.folder, 'ours', url, sizes.length);
      const generator = await Generator.of(side.scene);
      try {
        await filled(side, generator, url);
        await caughtUp(url);
        const rows = await measured('book', side, server, generator, seconds, say);
        await side.city.stop();
        await side.city.up();
        return [...rows, ...(await measured('restarted', side, server, generator, seconds, say))];
      } finally {
        generator.close();
      }
    } finally {
      await side?.stop();
      await server.stop();
    }
  },
};

/** One case of each holder through the door, and copies of it until the book has its size. */
async function filled({ city }: OurSide, generator: Generator, url: string): Promise<void> {
  const books: string[] = [];
  for (const holder of sizes.keys()) {
    const before = await booksIn(url);
    await generator.run({ callers: 1, seconds: 0.001, holders: [holder] });
    for (const stream of (await booksIn(url)).keys()) if (!before.has(stream)) books.push(stream);
  }
  await city.stop();
  for (const [n, size] of sizes.entries()) await fillBook(url, books[n] ?? '', size);
  await city.up();
}

/** Waits until everything in the store is sealed and folded into every projection. */
async function caughtUp(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ behind: boolean }>(
        `SELECT (SELECT position FROM log_head) > least(
           (SELECT position FROM log_sealed),
           (SELECT min(position) FROM projection_checkpoint)) AS behind`,
      );
      if (rows[0]?.behind !== true) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    await client.end();
  }
}

async function measured(
  test: string,
  { city }: OurSide,
  server: CountingServer,
  generator: Generator,
  seconds: number,
  say: (line: string) => void,
): Promise<Row[]> {
  const results = sizes.map(() => [] as { done: Done; city: number; database: number }[]);
  const run = async (holder: number, forSeconds: number) => {
    const before = [await processTime(city.pid ?? 0), await server.cpu()] as const;
    const done = await generator.run({ callers: 1, seconds: forSeconds, holders: [holder] });
    const after = [await processTime(city.pid ?? 0), await server.cpu()] as const;
    return {
      done,
      city: ((after[0] ?? Number.NaN) - (before[0] ?? Number.NaN)) / done.cases,
      database: (after[1] - before[1]) / done.cases,
    };
  };
  for (const [holder, size] of sizes.entries()) {
    const { done } = await run(holder, 0.001);
    say(
      `  ${test}, ${size} records: the first case took ${quantile(done.wholes, 0).toFixed(0)} ms`,
    );
  }
  for (let n = 0; n < rounds; n++)
    for (const holder of sizes.keys()) results[holder]?.push(await run(holder, seconds));
  const of = (n: number, figure: (one: { done: Done; city: number; database: number }) => number) =>
    median((results[n] ?? []).map(figure));
  const cpuOf = (n: number) => of(n, (one) => one.city + one.database);
  return sizes.map((size, n): Row => ({
    test,
    side: `${size} records`,
    callers: 1,
    perSecond: of(n, ({ done }) => done.cases / done.seconds),
    p50Ms: of(n, ({ done }) => quantile(done.wholes, 0.5)),
    p99Ms: of(n, ({ done }) => quantile(done.wholes, 0.99)),
    ratio: cpuOf(n) / cpuOf(0),
    figures: {
      'city ms': of(n, ({ city: ms }) => ms),
      'database ms': of(n, ({ database: ms }) => ms),
      ...Object.fromEntries(
        stepNames.map((step) => [
          `${step} p50`,
          of(n, ({ done }) => quantile(done.times[step], 0.5)),
        ]),
      ),
    },
  }));
}
