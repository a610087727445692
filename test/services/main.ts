import 'reflect-metadata';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { checkLedger } from '../fault/ledger-check.js';
import { Load } from '../fault/load.js';
import { inventedResidentId } from '../support/authority.js';
import { Records } from '../support/records.js';
import { Services } from './services.js';
import { Town } from '../support/town.js';
import { Checkpoints } from './checkpoints.js';
import { limitsAcrossProcesses } from './limits.js';
import { onceAcrossLedgers, proofsAcrossProcesses } from './once.js';
import { Processes } from './processes.js';
import { Report } from './report.js';
import { rollingRestart } from './rolling-restart.js';
import { takeover } from './takeover.js';

/**
 * `npm run test:services`: two of each service as real processes behind one address, and what must
 * hold between them: once is once, limits are one, a killed or frozen process is followed, a
 * restart of every process under load loses nothing. Records are at EVENT_STORE_URL where that is
 * set, in a double with `--event-store double`, in PostgreSQL otherwise; `--short` does one
 * takeover of each right and one restart of each service.
 */
const { values } = parseArgs({
  options: { 'event-store': { type: 'string' }, short: { type: 'boolean', default: false } },
});
const choice = values['event-store'];
if (choice !== undefined && choice !== 'double') {
  process.stderr.write('usage: npm run test:services [-- --event-store double] [--short]\n');
  process.exit(2);
}
const limits = { perSecond: 70, holders: 30 };
const shortly = { sealing: 'killed', projections: 'frozen' } as const;
const report = new Report();
const folder = await Services.folder();
const records = await Records.of(choice, folder);
const services = await Services.start(folder, records, {
  REQUESTS_PER_SECOND: String(limits.perSecond),
  REQUESTS_OF_ONE_ADDRESS: '100000',
  QUESTIONS_PER_HOLDER_AND_HOUR: '100000',
  HOLDERS_PER_WINDOW_AND_DAY: String(limits.holders),
  HOLDERS_PER_DEPARTMENT_AND_DAY: '1000000',
});
const processes = Processes.open(services);
try {
  report.say(
    `${services
      .children()
      .map(({ name }) => name)
      .join(', ')} behind ${services.baseUrl}, their records ${records.place}`,
  );
  const town = await patiently(() => Town.around(services));
  await report.play('two ledgers race for what is done once', () =>
    onceAcrossLedgers(town, processes, report),
  );
  await report.play('a proof is used up everywhere', () =>
    proofsAcrossProcesses(town, processes, report),
  );
  await report.play('limits are one', () =>
    limitsAcrossProcesses(town, processes, limits, inventedResidentId, report),
  );

  const ledgers = () => processes.of('ledger').map(({ url }) => url);
  const checkpoints = new Checkpoints(ledgers);
  checkpoints.start();
  const load = await Load.prepare(services.baseUrl, services.dataDir, 4, 16);
  load.start(6);
  for (const right of ['sealing', 'projections'] as const)
    for (const how of values.short ? ([shortly[right]] as const) : (['killed', 'frozen'] as const))
      await report.play(`the process that has the right of ${right} is ${how}`, () =>
        takeover(town, processes, checkpoints, { right, how }, report),
      );
  const restarted = values.short
    ? ['identity', 'ledger', 'window'].flatMap((kind) => processes.of(kind).slice(0, 1))
    : [...services.children()];
  await report.play(`${restarted.length} processes are restarted, one after the other`, () =>
    rollingRestart(processes, restarted, load, report),
  );
  await report.play('the ledger afterwards', async () => {
    await load.stop();
    await checkpoints.stop();
    report.check(
      'no two trees were ever shown',
      checkpoints.forked.length === 0 && checkpoints.notes.size > 10,
      `${checkpoints.notes.size} checkpoints seen`,
    );
    await services.caughtUp();
    for (const { what, holds, seen } of await checkLedger(
      services.databaseUrl,
      records,
      load.acknowledged,
      await (await fetch(`${services.baseUrl}/log/policy`)).text(),
      [...checkpoints.notes.values()],
    ))
      report.check(what, holds, holds ? undefined : seen);
  });
} catch (error) {
  report.check('the run comes to its end', false, String(error));
} finally {
  await processes.close();
  report.check('all of them stop cleanly', (await services.end()) === 0);
  await records.stop();
  await services.remove();
}
process.exitCode = report.end() ? 0 : 1;

/**
 * The first registration on a machine that is busy starting eight processes may be asked to retry.
 */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await work();
    } catch (error) {
      if (tries === 5) throw error;
      await wait(1000);
    }
}
