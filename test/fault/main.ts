import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Records } from '../support/records.js';
import { CityProcess } from './city-process.js';
import { faultsOf } from './faults.js';
import { checkLedger } from './ledger-check.js';
import { Load } from './load.js';

/**
 * `npm run test:fault -- --kills N`: kills the program and PostgreSQL (kill -9) by turns, ten
 * seconds apart, while windows work, and then looks whether anything that was acknowledged is
 * missing; on loopback, in a data directory of its own. With `--event-store double` the records are
 * in a double of EventStoreDB, which is killed and frozen as well; a server at EVENT_STORE_URL is
 * left alone.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    'event-store': { type: 'string' },
  },
});
const kills = Number(values.kills);
const seconds = Number(values.seconds);
const choice = values['event-store'];
if (
  !Number.isInteger(kills) ||
  kills < 1 ||
  !(seconds > 0) ||
  (choice !== undefined && choice !== 'double')
) {
  process.stderr.write(
    'usage: npm run test:fault -- --kills N [--seconds S] [--event-store double]\n',
  );
  process.exit(2);
}
const say = (text: string) => process.stdout.write(`${text}\n`);
const began = Date.now();
const folder = await mkdtemp(join(tmpdir(), 'mianzheng-fault-'));
await chmod(folder, 0o755); // where root runs this, PostgreSQL's user must get to its data
let passed = 0;
let failed = 0;
const records = await Records.of(choice, folder);
const city = await CityProcess.start(folder, records.env);
const faults = faultsOf(city, records);
try {
  say(
    `a city on ${city.baseUrl}, its records ${records.place}; ${kills} faults, ${seconds} s apart`,
  );
  const load = await Load.prepare(city.baseUrl, folder, 4, 24);
  load.start(12);
  for (let turn = 0; turn < kills; turn++) {
    await wait(seconds * 1000);
    const fault = faults[turn % faults.length]!;
    const { records: told, facts } = load.acknowledged;
    say(
      `${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${fault.what}, ${told.length + facts.length} acknowledged so far`,
    );
    const toldTruth = await fault.happens();
    const ready = await city.ready();
    say(
      `        ${ready ? 'answers again' : 'does not come back'}${toldTruth ? '' : ', and said that it was ready meanwhile'}`,
    );
    if (ready && toldTruth) passed++;
    else {
      failed++;
      for (const line of await city.lastWords()) say(`        ${line}`);
    }
  }
  await wait((seconds * 1000) / 2);
  await load.stop();
  for (const [outcome, times] of [...load.outcomes].sort()) say(`        ${outcome}: ${times}`);
  const healed = [
    {
      what: `each of ${load.healed} requests that failed had its answer when it was sent again`,
      holds: load.unhealed.length === 0,
      seen: JSON.stringify(load.unhealed.slice(0, 5)),
    },
    {
      what: `${load.onceMore.sent} requests sent once more got the answer of the first time`,
      holds: load.onceMore.otherwise.length === 0,
      seen: JSON.stringify(load.onceMore.otherwise.slice(0, 3)),
    },
  ];
  const checks = await checkLedger(
    await city.databaseUrl(),
    records,
    load.acknowledged,
    await readFile(join(folder, 'log-policy'), 'utf8'),
  );
  for (const { what, holds, seen } of [...healed, ...checks]) {
    say(`    ${holds ? '✓' : '✗'} ${what}${holds ? '' : `; seen: ${seen}`}`);
    if (holds) passed++;
    else failed++;
  }
} finally {
  await city.stop();
  await records.stop();
  await rm(folder, { recursive: true, force: true });
}
say(`fault: ${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;
