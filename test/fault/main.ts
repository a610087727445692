import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CityProcess } from './city-process.js';
import { checkLedger } from './ledger-check.js';
import { Load } from './load.js';

/**
 * `npm run test:fault -- --kills N`: kills the program and PostgreSQL with kill -9 by turns, ten seconds apart, while windows work, and looks
 * afterwards whether anything that was acknowledged is missing. Loopback only, on a data directory of its own.
 */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '3' }, seconds: { type: 'string', default: '10' } },
});
const kills = Number(values.kills);
const seconds = Number(values.seconds);
if (!Number.isInteger(kills) || kills < 1 || !(seconds > 0)) {
  process.stderr.write('usage: npm run test:fault -- --kills N [--seconds S]\n');
  process.exit(2);
}
const say = (text: string) => process.stdout.write(`${text}\n`);
const began = Date.now();
const folder = await mkdtemp(join(tmpdir(), 'mianzheng-fault-'));
await chmod(folder, 0o755); // where root runs this, PostgreSQL's user must get to its data
let passed = 0;
let failed = 0;
const city = await CityProcess.start(folder);
try {
  say(`a city on ${city.baseUrl}; ${kills} kills, ${seconds} s apart`);
  const load = await Load.prepare(city.baseUrl, folder, 4, 24);
  load.start(12);
  for (let kill = 1; kill <= kills; kill++) {
    await wait(seconds * 1000);
    const database = kill % 2 === 0;
    const { records, facts } = load.acknowledged;
    say(
      `${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  kill -9 of ${database ? 'PostgreSQL' : 'the program'}, ${records.length + facts.length} acknowledged so far`,
    );
    if (database) await city.killDatabase();
    else {
      await city.kill();
      await city.up();
    }
    const ready = await city.ready();
    say(`        ${ready ? 'answers again' : 'does not come back'}`);
    if (ready) passed++;
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
  await rm(folder, { recursive: true, force: true });
}
say(`fault: ${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;
