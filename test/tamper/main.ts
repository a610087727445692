import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { startDatabase } from '#libs/embedded-postgres';
import { EventStoreDouble } from '../eventstore/double.js';
import { administratorsWays } from './administrators-ways.js';
import type { Job, Outcome } from './lane.js';
import { waysOfLog } from './ways-of-log.js';
import { ways } from './ways.js';

/**
 * `npm run test:tamper [-- --full]`: changes a ledger of 10,000 records by direct SQL, 50 times in
 * each way (1,000 with `--full`), looks whether the check names what is wrong, and restores 20
 * older backups, over which the sealer must refuse to sign. With `--event-store double` 2,000
 * records of a double are changed on its disk and by its protocol; at EVENT_STORE_URL by its
 * protocol alone, on a new ledger of its own city each time.
 */
const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    times: { type: 'string' },
    'event-store': { type: 'string' },
  },
});
const times = Number(values.times ?? (values.full ? 1000 : 50));
const choice = values['event-store'];
if (!Number.isInteger(times) || times < 1 || (choice !== undefined && choice !== 'double')) {
  process.stderr.write(
    'usage: npm run test:tamper -- [--full | --times N] [--event-store double]\n',
  );
  process.exit(2);
}
const backups = 20;
const say = (text: string) => process.stdout.write(`${text}\n`);

const folder = await mkdtemp(join(tmpdir(), 'mianzheng-tamper-'));
await chmod(folder, 0o755); // where root runs this, PostgreSQL's user must get to its data
const server = await startDatabase({ dataDir: join(folder, 'postgres') });
// Where test databases are made; threads take it over.
process.env['TEST_POSTGRES_URL'] = server.url;

const serverUrl = process.env['EVENT_STORE_URL'];
const double = choice === 'double' ? await EventStoreDouble.start() : undefined;
/** Each of them makes a ledger. */
const administered = Math.min(times, 3);
const byProtocol = (url: string): Job[] =>
  Object.keys(administratorsWays).map((way) => ({
    store: 'server',
    way,
    times: administered,
    url,
  }));
const onDisk = (store: 'postgres' | 'double', names: object): Job[] => [
  { store, way: null, times: backups },
  ...Object.keys(names).map((way) => ({ store, way, times })),
];
const jobs: Job[] =
  double !== undefined
    ? [...onDisk('double', waysOfLog), ...byProtocol(double.url)]
    : serverUrl === undefined
      ? onDisk('postgres', ways)
      : byProtocol(serverUrl);
const place =
  double !== undefined
    ? `2,000 records in a double of EventStoreDB, ${times} random changes of each kind on its disk, ${administered} of each by its administrator`
    : serverUrl === undefined
      ? `10,000 records, ${times} random changes of each kind`
      : `small ledgers at EVENT_STORE_URL, ${administered} changes of each kind by its administrator`;
let passed = 0;
let failed = 0;

const threads: Worker[] = [];
const cut = new AbortController();
const stop = async () => {
  await Promise.all(threads.map((thread) => thread.terminate()));
  await server.stop();
  await double?.stop();
  await rm(folder, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    // The server would go on without us.
    cut.abort();
    void stop().finally(() => process.exit(1));
  });

/** Takes what is left of the work until nothing is. */
function lane(): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./lane.js', import.meta.url), { workerData: {} });
    threads.push(thread);
    const next = () => {
      thread.postMessage(jobs.shift() ?? null);
    };
    thread.on('message', (outcome: Outcome) => {
      if (outcome.more !== undefined) {
        if (outcome.more > 0)
          say(`  … ${outcome.name}: ${outcome.passed} named, ${outcome.more} to come`);
        return;
      }
      passed += outcome.passed;
      failed += outcome.failed;
      say(
        `  ${outcome.failed === 0 ? '✓' : '✗'} ${outcome.name}: ${outcome.passed} of ${outcome.passed + outcome.failed}`,
      );
      for (const line of outcome.said.slice(0, 10)) say(`      ${line}`);
      next();
    });
    thread.on('error', reject);
    thread.on('exit', () => {
      resolve();
    });
    next();
  });
}

try {
  const lanes = Math.min(jobs.length, availableParallelism());
  say(`${place}, in ${lanes} threads`);
  await Promise.all(Array.from({ length: lanes }, lane));
} finally {
  await stop();
}
if (!cut.signal.aborted) say(`tamper: ${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 && !cut.signal.aborted ? 0 : 1;
