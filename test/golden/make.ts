import { cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkBackup } from '#libs/backup/postgres';
import { startDatabase } from '#libs/embedded-postgres';
import { EventStore } from '#libs/event-store';
import { productVersion } from '../../libs/composition/product-version.js';
import { Town } from '../support/town.js';
import { WitnessedCity } from '../support/witnessed-city.js';
import { liveThrough } from './life.js';
import { readModelsOf } from './read-models.js';
import { eventTypes, summaryOf } from './summary.js';

/**
 * Makes the golden ledger of this release: `npm run golden`, once, when the version in package.json
 * is raised. What it leaves under test/golden is never made again: every later release must read it
 * as it is.
 */
const version = await productVersion();
const target = resolve('test/golden', version);
if (await stat(target).catch(() => null)) {
  process.stdout.write(`${target} is there: a golden ledger is made once.\n`);
  process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), 'mianzheng-golden-'));
const server = await startDatabase({ dataDir: join(folder, 'postgres') });
process.env['TEST_POSTGRES_URL'] = server.url;
const city = await WitnessedCity.make({ witnessed: false });
try {
  const database = await city.database();
  const { app } = await city.open(database);
  const town = await Town.around(city);
  const people = await liveThrough(town, app.get(EventStore, { strict: false }), database.pool);
  await city.caughtUp();
  const { events } = await summaryOf(database.pool);
  const missing = eventTypes.filter((type) => events[type] === undefined);
  if (missing.length > 0)
    throw new RangeError(`a golden ledger has an event of each type; not of ${missing.join(', ')}`);
  await mkdir(target, { recursive: true });
  const { code, said } = await city.mianzheng(database, ['backup', join(target, 'backup')]);
  process.stdout.write(said);
  if (code !== 0) process.exit(1);
  const { manifest } = await checkBackup(join(target, 'backup'));
  if (manifest.log?.size !== (await summaryOf(database.pool)).records)
    throw new RangeError('the log was not sealed to the end: make it again');
  await cp(join(city.dataDir, 'keys'), join(target, 'test-keys'), { recursive: true });
  await keep('people.json', people);
  await keep('summary.json', await summaryOf(database.pool));
  await keep('read-models.json', await readModelsOf(database.pool));
  await writeFile(
    join(target, 'README.md'),
    `# The golden ledger of ${version}\n\nMade by \`npm run golden\` with that release, and never changed. Everybody in it is made up. The keys in\n\`test-keys\` and \`people.json\` were made for it alone: **they are test keys, and open nothing else**.\n`,
  );
  process.stdout.write(`${target} is made.\n`);
} finally {
  await city.stop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function keep(file: string, value: object): Promise<void> {
  await writeFile(join(target, file), `${JSON.stringify(value, null, 1)}\n`);
}
