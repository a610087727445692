import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { CityProcess } from '../fault/city-process.js';
import { TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { freePort } from '../support/ports.js';
import { done, Town } from '../support/town.js';
import { Heap } from './heap.js';

/**
 * `npm run test:memory`: a window asks one holder more often than it may, through the real process,
 * and is refused each time. It prints what the heap holds after a full collection, before and
 * behind each round, and fails where a round leaves more behind than `--most` megabytes.
 */

const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: '1500' },
    rounds: { type: 'string', default: '2' },
    most: { type: 'string', default: '4' },
  },
});
const [questions, rounds, most] = [values.questions, values.rounds, values.most].map(Number) as [
  number,
  number,
  number,
];
const say = (line: string) => process.stdout.write(`${line}\n`);

const perHour = 10;
const dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-memory-'));
const inspector = await freePort();
const city = await CityProcess.start(dataDir, {
  NODE_OPTIONS: `--inspect=127.0.0.1:${inspector}`,
  CATALOGUE_DIR: 'test/golden/catalogue',
  QUESTIONS_PER_HOLDER_AND_HOUR: String(perHour),
});
try {
  const key = new TestKey(
    JSON.parse(await readFile(join(dataDir, 'keys', 'administrator.jwk'), 'utf8')),
  );
  const admin = new TestClient(city.baseUrl, firstAdministrator, key, ['clients:manage']);
  const town = await Town.around({
    baseUrl: city.baseUrl,
    admin,
    dataDir,
    caughtUp: () => Promise.resolve(),
    stop: () => city.stop(),
  });
  const holder = await town.holder();
  const openCase = async () => done(await town.openCase(holder.number)).case as string;
  for (let n = 0; n < perHour; n++) done(await town.ask(await openCase()));
  const atCase = await openCase();
  const ask = async (count: number): Promise<number> => {
    let refused = 0;
    for (let n = 0; n < count; n++) if ((await town.ask(atCase)).status === 429) refused++;
    return refused;
  };
  await ask(500); // code is compiled, pools and caches are filled
  const heap = await Heap.of(inspector);
  let before = await heap.held();
  say(`held at first            ${before.toFixed(1)} MB`);
  for (let round = 1; round <= rounds; round++) {
    const refused = await ask(questions);
    const after = await heap.held();
    say(
      `held behind ${questions} more   ${after.toFixed(1)} MB, of which ${refused} were refused: ${(after - before).toFixed(1)} MB left behind`,
    );
    if (refused < questions || after - before > most) process.exitCode = 1;
    before = after;
  }
  heap.close();
} finally {
  await city.stop();
  await rm(dataDir, { recursive: true, force: true });
}
