import { spawn } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort } from '../support/ports.js';
import { endProgram, firstWords } from '../support/programs.js';
import { type Bench, quantile, type Row } from './bench.js';
import { Generator } from './case/generating.js';
import type { Done } from './case/load.js';
import { sceneOf } from './case/ours.js';
import { type CountingServer, countingServer } from './case/server.js';

const program = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));
const ledgerCounts = [1, 2, 4];
const callers = 32;
const usualSeconds = 15;
const warmUpSeconds = 4;

/**
 * `case` on `npm run start:services` with 1, 2 and 4 ledgers, whose throughput is not to fall. A
 * race is lost where another ledger's record is in the place of an append, so that PostgreSQL rolls
 * the batch back and the command is decided again.
 */
export const bench: Bench = {
  name: 'services-case',
  async run({ seconds = usualSeconds, say }) {
    say('  (to be: 2 and 4 ledgers do not fewer cases than one)');
    const server = await countingServer();
    try {
      const rows: Row[] = [];
      for (const ledgers of ledgerCounts) rows.push(await measured(server, ledgers, seconds));
      const [one] = rows;
      return rows.map((row) => ({
        ...row,
        figures: { 'times one': row.perSecond / (one?.perSecond ?? Number.NaN), ...row.figures },
      }));
    } finally {
      await server.stop();
    }
  },
};

async function measured(server: CountingServer, ledgers: number, seconds: number): Promise<Row> {
  const name = `services_${ledgers}`;
  const url = await server.database(name);
  const folder = join(server.folder, name);
  await mkdir(folder);
  await chmod(folder, 0o755);
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const services = spawn(process.execPath, [program, 'services', '--ledgers', String(ledgers)], {
    env: {
      ...process.env,
      PORT: String(port),
      PUBLIC_URL: baseUrl,
      DATABASE_URL: url,
      DATA_DIR: folder,
      METRICS_PORT: '0',
      REQUESTS_PER_SECOND: '100000',
      REQUESTS_OF_ONE_ADDRESS: '100000',
      HOLDERS_PER_WINDOW_AND_DAY: '1000000',
      QUESTIONS_PER_HOLDER_AND_HOUR: '100000',
      HOLDERS_PER_DEPARTMENT_AND_DAY: '1000000',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let generator: Generator | undefined;
  try {
    await firstWords(services);
    generator = await Generator.of(await sceneOf(baseUrl, folder));
    await generator.run({ callers, seconds: warmUpSeconds });
    const before = await appends(server, url, name);
    const done = await generator.run({ callers, seconds });
    return rowOf(ledgers, done, before, await appends(server, url, name));
  } finally {
    generator?.close();
    await endProgram(services);
  }
}

interface Appends {
  readonly statements: number;
  readonly written: number;
  readonly lost: number;
}

async function appends(server: CountingServer, url: string, name: string): Promise<Appends> {
  let statements = 0;
  let written = 0;
  for (const [text, calls] of await server.statements(name)) {
    statements += calls;
    if (/UPDATE log_head SET position = position/.test(text)) written += calls;
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ lost: string }>(
      'SELECT xact_rollback AS lost FROM pg_stat_database WHERE datname = $1',
      [name],
    );
    return { statements, written, lost: Number(rows[0]?.lost) };
  } finally {
    await client.end();
  }
}

function rowOf(ledgers: number, done: Done, before: Appends, after: Appends): Row {
  const lost = after.lost - before.lost;
  const written = after.written - before.written;
  return {
    test: 'services-case',
    side: `${ledgers} ledgers`,
    callers,
    perSecond: done.cases / done.seconds,
    p50Ms: quantile(done.wholes, 0.5),
    p99Ms: quantile(done.wholes, 0.99),
    figures: {
      'lost races %': (100 * lost) / (lost + written),
      'batches a case': written / done.cases,
      statements: (after.statements - before.statements) / done.cases,
      'receipts later': done.withoutReceipt,
    },
  };
}
