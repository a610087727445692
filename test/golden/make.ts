import { cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkBackup } from '#libs/backup/postgres';
import { startDatabase } from '#libs/platform/embedded-postgres';
import { productVersion } from '../../apps/cli/product-version.js';
import { done, Town } from '../support/town.js';
import { WitnessedCity } from '../support/witnessed-city.js';
import type { GoldenPeople } from './people.js';
import { summaryOf } from './summary.js';

/**
 * Makes the golden ledger of this release: `npm run golden`, once, when the version in package.json is raised. What it leaves under test/golden
 * is never made again: every later release must read it as it is.
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
  await city.open(database);
  const town = await Town.around(city);
  const people = await liveThrough(town);
  await city.caughtUp();
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

/** Something of everything that a record can say. */
async function liveThrough(town: Town<WitnessedCity>): Promise<GoldenPeople> {
  const used = await town.granted();
  const release = done(await town.pull(used.token));
  done(await town.terminal.post(`${used.at}/read-again`));
  done(
    await town.terminal.post(`/v1/cases/${used.case}/materials/ZZ019/bring`, { reason: 'no_rule' }),
  );
  done(await town.terminal.post(`/v1/cases/${used.case}/close`, { outcome: 'accepted' }));
  const waiting = await town.granted(); // granted, and not redeemed
  const asked = await town.asked(waiting);
  done(await waiting.phone.post(`/v1/phone/consents/${asked.consent}/refuse`));
  const other = await town.holder();
  const suspended = await town.idCard(other.number);
  done(
    await town.authority.http.post(`/v1/certificates/${suspended}/suspend`, {
      reason: 'under_review',
    }),
  );
  done(await town.openCase(used.number)); // stays open
  const { stream, version: at, hash } = release.record;
  return {
    terminal: {
      client: town.terminal.client,
      key: town.terminal.key.exported(),
      scopes: [...town.terminal.scopes],
    },
    holder: { number: used.number, phone: used.phone.key.exported() },
    released: { stream, version: at, hash },
  };
}

async function keep(file: string, value: object): Promise<void> {
  await writeFile(join(target, file), `${JSON.stringify(value, null, 1)}\n`);
}
