import { setTimeout as wait } from 'node:timers/promises';
import { type Bench, type BenchContext, median, quantile, type Row } from './bench.js';
import { floorMs } from './case/floor.js';
import { Generator } from './case/generating.js';
import type { Done, Order } from './case/load.js';
import { ours } from './case/ours.js';
import { plain } from './case/plain.js';
import { stepNames } from './case/scene.js';
import { type CountingServer, countingServer } from './case/server.js';
import type { Side } from './case/side.js';
import { processTime, residentMemory } from './processor-time.js';

const callerCounts = [32, 8, 1];
const rounds = 3;
const usualSeconds = 8;
const warmUpSeconds = 4;
/** A process looks every ten seconds whether it rests. */
const restMs = 25_000;

/**
 * Whole cases of seven requests each, by turns from the product and `plain`, each in a process of
 * its own, the load from a third. A case's processor time and statements are those of its round
 * divided by the cases, so that what works in the background counts.
 */
export const bench: Bench = {
  name: 'case',
  async run({ seconds = usualSeconds, statements, say }) {
    say(
      '  (to be at 32 callers: 150 cases/s and 1.5 times plain; 12 statements at most there, 30 one at a time; p99 of the open pull 60 ms; 250 MB at rest; 10 KB of disk a case)',
    );
    say(`  the signatures of a case alone: ${floorMs().toFixed(2)} ms of processor time`);
    const server = await countingServer();
    const open: Measured[] = [];
    try {
      open.push(
        new Measured(server, await ours(server.folder, 'ours', await server.database('ours'))),
        new Measured(server, await plain('plain', await server.database('plain'))),
      );
      return await measured(server, open, { seconds, statements, say });
    } finally {
      for (const one of open) await one.stop();
      await server.stop();
    }
  },
};

async function measured(
  server: CountingServer,
  sides: readonly Measured[],
  {
    seconds,
    statements,
    say,
  }: Pick<BenchContext, 'statements' | 'say'> & { readonly seconds: number },
): Promise<Row[]> {
  const atRest = await memoryAtRest(sides);
  const sizes = await server.sizes('ours');
  for (const side of sides) await side.run({ callers: 32, seconds: warmUpSeconds });
  const rows: Row[] = [];
  for (const callers of callerCounts) {
    const results = new Map(sides.map((side) => [side, [] as Result[]]));
    for (let n = 0; n < rounds; n++)
      for (const side of sides) results.get(side)?.push(await side.run({ callers, seconds }));
    for (const [side, all] of results) {
      rows.push(...rowsOf(side, callers, all));
      if (statements) tellStatements(`${side.name}, ${callers} at once`, all, say);
    }
  }
  const rate = (name: string) =>
    rows.find((row) => row.test === 'case' && row.side === name && row.callers === 32)?.perSecond ??
    Number.NaN;
  for (const side of sides) {
    const perSecond = rate(side.name) / 2;
    const { done } = await side.run({ perSecond, seconds });
    rows.push({
      test: 'pull, open loop',
      side: `${side.name} pull at ${perSecond.toFixed(0)}/s`,
      callers: 0,
      perSecond: done.cases / done.seconds,
      p50Ms: quantile(done.times.pull, 0.5),
      p99Ms: quantile(done.times.pull, 0.99),
    });
  }
  const afterwards = await memoryOf(sides);
  const restedAgain = await memoryAtRest(sides);
  for (const side of sides) {
    const told = [atRest, afterwards, restedAgain].map((each) => each.get(side)?.toFixed(0));
    say(
      `  ${side.name}: ${told[0]} MB at rest, ${told[1]} MB after the load, ${told[2]} MB at rest again`,
    );
  }
  const after = await server.sizes('ours');
  const [{ cases } = { cases: Number.NaN }] = sides;
  tellDisk(sizes, after, cases, say);
  say(`  ours is ${(rate('ours') / rate('plain')).toFixed(2)} times plain at 32 callers`);
  return rows;
}

async function memoryOf(sides: readonly Measured[]): Promise<ReadonlyMap<Measured, number>> {
  const memory = new Map<Measured, number>();
  for (const side of sides) memory.set(side, await side.memory());
  return memory;
}

async function memoryAtRest(sides: readonly Measured[]) {
  await wait(restMs);
  return memoryOf(sides);
}

interface Result {
  readonly done: Done;
  /** A case's, in milliseconds. */
  readonly cpu: {
    readonly server: number;
    readonly database: number;
    readonly generator: number;
  };
  /** A case's, by text. */
  readonly statements: ReadonlyMap<string, number>;
}

/** A side under load. */
class Measured {
  /** So far, of all rounds. */
  cases = 0;
  #generator: Promise<Generator> | undefined;

  constructor(
    private readonly server: CountingServer,
    private readonly side: Side,
  ) {}

  get name(): string {
    return this.side.name;
  }

  async run(order: Order): Promise<Result> {
    this.#generator ??= Generator.of(this.side.scene);
    const generator = await this.#generator;
    const before = await this.#used();
    const done = await generator.run(order);
    const after = await this.#used();
    this.cases += done.cases;
    return {
      done,
      cpu: {
        server: (after.server - before.server) / done.cases,
        database: (after.database - before.database) / done.cases,
        generator: done.cpuMs / done.cases,
      },
      statements: new Map(
        [...after.statements].flatMap(([text, calls]) => {
          const more = calls - (before.statements.get(text) ?? 0);
          return more === 0 ? [] : [[text, more / done.cases] as const];
        }),
      ),
    };
  }

  async memory(): Promise<number> {
    return (await residentMemory(this.side.pid())) ?? Number.NaN;
  }

  async stop(): Promise<void> {
    (await this.#generator)?.close();
    await this.side.stop();
  }

  async #used() {
    const [server, database, statements] = await Promise.all([
      processTime(this.side.pid()),
      this.server.cpu(),
      this.server.statements(this.side.database),
    ]);
    return {
      server: server ?? Number.NaN,
      database,
      statements,
    };
  }
}

function rowsOf({ name }: Measured, callers: number, results: readonly Result[]): Row[] {
  const of = (figure: (result: Result) => number) => median(results.map(figure));
  const whole: Row = {
    test: 'case',
    side: name,
    callers,
    perSecond: of(({ done }) => done.cases / done.seconds),
    p50Ms: of(({ done }) => quantile(done.wholes, 0.5)),
    p99Ms: of(({ done }) => quantile(done.wholes, 0.99)),
    figures: {
      'server ms': of(({ cpu }) => cpu.server),
      'database ms': of(({ cpu }) => cpu.database),
      'generator ms': of(({ cpu }) => cpu.generator),
      statements: of(({ statements }) => sum(statements.values())),
      'receipts later': of(({ done }) => done.withoutReceipt),
    },
  };
  const steps = stepNames.map((step): Row => ({
    test: step,
    side: `${name} ${step}`,
    callers,
    perSecond: whole.perSecond,
    p50Ms: of(({ done }) => quantile(done.times[step], 0.5)),
    p99Ms: of(({ done }) => quantile(done.times[step], 0.99)),
  }));
  return [whole, ...steps];
}

const sum = (counts: Iterable<number>): number =>
  Iterator.from(counts).reduce((all, count) => all + count, 0);

/** A line holds so much of a statement's text. */
const shownOfText = 110;

/** How often a case sent each statement, over all rounds, the most frequent first. */
function tellStatements(of: string, results: readonly Result[], say: BenchContext['say']): void {
  const cases = sum(results.map(({ done }) => done.cases));
  const counts = new Map<string, number>();
  for (const { done, statements } of results)
    for (const [text, each] of statements)
      counts.set(text, (counts.get(text) ?? 0) + (each * done.cases) / cases);
  say(`  statements a case, ${of}:`);
  for (const [text, count] of [...counts].toSorted(([, a], [, b]) => b - a))
    if (count >= 0.005)
      say(
        `    ${count.toFixed(2).padStart(6)}  ${text.replaceAll(/\s+/g, ' ').slice(0, shownOfText)}`,
      );
}

/** Rows that are deleted when they have expired. */
const expiring = new Set([
  'replay_memory',
  'request_rate',
  'idempotency',
  'daily_holder',
  'daily_holder_count',
  'daily_salt',
  'hourly_question',
]);

/** What a case added to the tables of the database, indexes included. */
function tellDisk(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  cases: number,
  say: BenchContext['say'],
): void {
  let kept = 0;
  let expires = 0;
  const tables: string[] = [];
  for (const [table, bytes] of after) {
    const grown = (bytes - (before.get(table) ?? 0)) / cases / 1024;
    if (expiring.has(table)) expires += grown;
    else kept += grown;
    if (grown > 0.05) tables.push(`${table} ${grown.toFixed(2)}`);
  }
  say(`  disk: ${kept.toFixed(1)} KB a case, and ${expires.toFixed(1)} KB that expires`);
  say(`    ${tables.join(', ')}`);
}
