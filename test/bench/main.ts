import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import pg from 'pg';
import { startDatabase } from '#libs/embedded-postgres';
import type { Bench, Row } from './bench.js';

/**
 * `npm run bench`: every measurement, or with `--only NAME` one. `--json` prints one JSON object a
 * row and nothing else.
 */

const usage = `npm run bench -- [--only NAME] [--seconds S] [--statements] [--json]

  --only NAME   one measurement: NAMES
  --seconds S   how long a round of \`case\` or \`book\` lasts
  --statements  of \`case\`: how often a case sends each statement to the database
  --json        one JSON object a row, and nothing else
  --help        this text

The others of the machine are measured, too: run it while nothing else does.
`;

const { values } = readOptions();
const say = (line: string) => {
  if (!values.json) process.stdout.write(`${line}\n`);
};

const benches: Bench[] = [];
for (const file of (await readdir(import.meta.dirname)).toSorted())
  if (file.endsWith('.bench.js'))
    benches.push(((await import(`./${file}`)) as { bench: Bench }).bench);
if (values.help) {
  process.stdout.write(usage.replace('NAMES', benches.map(({ name }) => name).join(', ')));
  process.exit(0);
}
const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
if (seconds !== undefined && !(seconds > 0)) {
  process.stderr.write(usage);
  process.exit(2);
}
const wanted = benches.filter(({ name }) => values.only === undefined || name === values.only);
if (wanted.length === 0) {
  process.stderr.write(`No such test; there are: ${benches.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

/**
 * Some peers keep connections that cannot be closed from here: the end of the server reaches them
 * as an unhandled error.
 */
let ending = false;
process.on('uncaughtException', (error: Error & { readonly code?: string }) => {
  if (ending && (error.code === '57P01' || /^Connection terminated/.test(error.message))) return;
  process.stderr.write(`${inspect(error)}\n`);
  process.exit(1);
});

const place = await mkdtemp(join(tmpdir(), 'mianzheng-bench-'));
await chmod(place, 0o755); // root starts the server as another user, who must get in
const server = await startDatabase({ dataDir: join(place, 'postgres') });
let databases = 0;
const database = async () => {
  const name = `bench_${databases++}`;
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
};

try {
  for (const bench of wanted) {
    say(`\n${bench.name}`);
    try {
      const { statements } = values;
      const context = { database, serverPid: server.pid, seconds, statements, say };
      for (const row of await bench.run(context)) print(row);
    } catch (error) {
      // The others are measured all the same.
      process.exitCode = 1;
      process.stderr.write(`${bench.name} ended with ${inspect(error)}\n`);
    }
  }
} finally {
  ending = true;
  await server.stop();
  await rm(place, { recursive: true, force: true });
}
// Their timers would hold the end up.
process.exit();

function readOptions() {
  try {
    return parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
        seconds: { type: 'string' },
        statements: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : ''}\n${usage}`);
    process.exit(2);
  }
}

function print(row: Row) {
  const rounded = {
    ...row,
    perSecond: Math.round(row.perSecond),
    p50Ms: row.p50Ms === null ? null : Math.round(row.p50Ms * 100) / 100,
    p99Ms: row.p99Ms === null ? null : Math.round(row.p99Ms * 100) / 100,
    ...(row.ratio !== undefined && { ratio: Math.round(row.ratio * 100) / 100 }),
    ...(row.figures !== undefined && {
      figures: Object.fromEntries(
        Object.entries(row.figures).map(([name, value]) => [name, Math.round(value * 100) / 100]),
      ),
    }),
  };
  if (values.json) process.stdout.write(`${JSON.stringify(rounded)}\n`);
  else
    say(
      `  ${row.side.padEnd(12)} ${String(row.callers).padStart(4)} callers ${String(rounded.perSecond).padStart(9)}/s` +
        (rounded.p50Ms === null ? '' : `   p50 ${rounded.p50Ms} ms   p99 ${rounded.p99Ms} ms`) +
        (rounded.ratio === undefined ? '' : `   ${rounded.ratio} times the smallest`) +
        Object.entries(rounded.figures ?? {})
          .map(([name, value]) => `   ${name} ${value}`)
          .join(''),
    );
}
