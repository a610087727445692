import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isTrialOrigin } from '#libs/log';
import { City } from './city.js';
import { inventPeople } from './people.js';
import { departmentAsks } from './scenes/department.js';
import {
  certificatesAreIssued,
  clientsAreRegistered,
  phonesAreEnrolled,
} from './scenes/preparation.js';
import { nothingNeedsToBeBelieved } from './scenes/proof.js';
import { recordsAreAsToldThem } from './scenes/records.js';
import { whatMustNotWork } from './scenes/refusals.js';
import { theMainJob } from './scenes/window.js';
import { CannotGoOn, Script } from './script.js';

/**
 * The main job over HTTP, against a city that runs: each client is a process of its own that holds
 * only its own key. Every run makes its own people, clients and cases, and ends with 1 if a step is
 * not as it must be.
 */
const baseUrl = process.env['MIANZHENG_URL'] ?? 'http://localhost:8080';
const keyFile = resolve(
  process.env['ADMINISTRATOR_KEY'] ??
    join(
      process.env['KEYS_DIR'] ?? join(process.env['DATA_DIR'] ?? 'data', 'keys'),
      'administrator.jwk',
    ),
);
const script = new Script((text) => process.stdout.write(text));

const ready = await fetch(`${baseUrl}/health/ready`).then(
  (response) => response.ok,
  () => false,
);
if (!ready || (await readFile(keyFile).catch(() => null)) === null) {
  process.stderr.write(
    `No city answers at ${baseUrl}, or its administrator's key is not at ${keyFile}.\n` +
      'Start one in another terminal first: npm start\n',
  );
  process.exit(2);
}

const [origin = ''] = (await (await fetch(`${baseUrl}/log/checkpoint`)).text()).split('\n');
if (!isTrialOrigin(origin)) {
  process.stderr.write(
    `The city ${origin} is no trial: the demo makes people and certificates up, and refuses to.\n`,
  );
  process.exit(2);
}

process.stdout.write(`免证 demo against ${baseUrl}\n`);
const city = new City(baseUrl, keyFile, inventPeople(200));
try {
  await clientsAreRegistered(script, city);
  await certificatesAreIssued(script, city);
  await phonesAreEnrolled(script, city);
  const released = await theMainJob(script, city);
  await recordsAreAsToldThem(script, city, released);
  await nothingNeedsToBeBelieved(script, city, released);
  await whatMustNotWork(script, city, released);
  await departmentAsks(script, city);
} catch (error) {
  if (!(error instanceof CannotGoOn)) throw error;
  process.stdout.write(`\nThe demo cannot go on: ${error.message}\n`);
} finally {
  await city.leave();
}
process.stdout.write(`\ndemo: ${script.passed} passed, ${script.failed} failed, 0 skipped\n`);
process.exitCode = script.failed === 0 && script.passed > 0 ? 0 : 1;
