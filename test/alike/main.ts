import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDatabase } from '#libs/embedded-postgres';
import { openLog, Settings } from '#libs/platform';
import { startCity } from '../../apps/city/city.js';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { inventedResidentId } from '../support/authority.js';
import { type Answer, register, TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { freePort } from '../support/ports.js';
import { done, Town } from '../support/town.js';
import { median, welch } from './statistics.js';

/**
 * `npm run test:alike`: whether a window can tell by time, before consent, if a number is known to
 * the city, and how busy its holder is elsewhere. It calls each route with known and unknown
 * numbers in random order, prints Student's t and the difference of medians in milliseconds, and
 * fails where |t| ≥ 4.5 and the medians are more than 0.2 ms apart.
 */

const { values } = parseArgs({
  options: {
    /** Calls of each route. */
    calls: { type: 'string', default: '2000' },
    /** People with a phone, an ID card and questions of another window. */
    people: { type: 'string', default: '100' },
    questions: { type: 'string', default: '40' },
  },
});
const [calls, people, questions] = [values.calls, values.people, values.questions].map(Number) as [
  number,
  number,
  number,
];
const say = (line: string) => process.stdout.write(`${line}\n`);

const place = await mkdtemp(join(tmpdir(), 'mianzheng-alike-'));
await chmod(place, 0o755); // root starts the server as another user, who must get in
const server = await startDatabase({ dataDir: join(place, 'postgres') });
const most = '1000000';
const settings = Settings.from({
  PORT: String(await freePort()),
  DATA_DIR: place,
  DATABASE_URL: server.url,
  METRICS_PORT: '0',
  CATALOGUE_DIR: 'test/golden/catalogue',
  REQUESTS_PER_SECOND: most,
  REQUESTS_OF_ONE_ADDRESS: most,
  HOLDERS_PER_WINDOW_AND_DAY: most,
  HOLDERS_PER_DEPARTMENT_AND_DAY: most,
  QUESTIONS_PER_HOLDER_AND_HOUR: most,
});
const city = await startCity(settings, openLog('silent'));
const baseUrl = settings.publicUrl;
const key = new TestKey(
  JSON.parse(await readFile(join(place, 'keys', 'administrator.jwk'), 'utf8')),
);
const admin = new TestClient(baseUrl, firstAdministrator, key, ['clients:manage']);
const caughtUp = () => city.runner.caughtUp();
const town = await Town.around({
  baseUrl,
  admin,
  dataDir: place,
  caughtUp,
  stop: () => city.stop(),
});
const probing = await register(admin, {
  kind: 'terminal',
  department: '税务',
  window: 'hall-2-01',
});

/** Of a department that has identified no person. */
const unknowing = await register(admin, {
  kind: 'terminal',
  department: '民政',
  window: 'hall-3-01',
});

/** Known, with a phone and a card, and asked at another window again and again. */
async function busyPerson(): Promise<string> {
  const { number } = await town.holder();
  await town.idCard(number);
  for (let n = 0; n < questions; n++) {
    const { case: atCase } = done(await town.openCase(number)) as { case: string };
    done(await town.ask(atCase));
  }
  return number;
}
const known: string[] = [];
while (known.length < people) {
  known.push(...(await Promise.all(Array.from({ length: 5 }, busyPerson))));
  say(`${String(known.length)} people are known`);
}

const times = new Map<string, { known: number[]; unknown: number[] }>();
async function timed(
  route: string,
  kind: 'known' | 'unknown',
  request: () => Promise<Answer>,
): Promise<Answer> {
  const began = performance.now();
  const answer = await request();
  const took = performance.now() - began;
  const of = times.get(route) ?? { known: [], unknown: [] };
  times.set(route, of);
  of[kind].push(took);
  return answer;
}

/**
 * One number, through all routes that a window has before a yes; twice, so that each is asked for
 * the first time and again.
 */
async function probe(kind: 'known' | 'unknown', number: string): Promise<void> {
  const identifier = { kind: '111', number };
  for (const time of ['first', 'again']) {
    const route = (name: string) => `${name}, ${time}`;
    const identified = await timed(route('POST identify'), kind, () =>
      probing.post('/v1/subjects/identify', { identifier, basis: 'document' }),
    );
    done(identified);
    await timed(route('POST enrolments, not identified'), kind, () =>
      unknowing.post('/v1/enrolments', { identifier }),
    );
    const opened = await timed(route('POST cases'), kind, () => town.openCase(number, probing));
    const { case: atCase } = done(opened) as { case: string };
    await timed(route('GET case'), kind, () => probing.get(`/v1/cases/${atCase}`));
    const asked = await timed(route('POST consents'), kind, () =>
      town.ask(atCase, ['ZZ001'], probing),
    );
    const { consent } = done(asked) as { consent: string };
    for (const look of ['', ', polled']) {
      await timed(route(`GET case with a consent${look}`), kind, () =>
        probing.get(`/v1/cases/${atCase}`),
      );
      await timed(route(`GET consent${look}`), kind, () =>
        probing.get(`/v1/cases/${atCase}/consents/${consent}`),
      );
    }
  }
}

const warm = 30;
for (let n = 0; n < calls + warm; n++) {
  if (n === warm) times.clear();
  if (n % 200 === 0) say(`${String(n)} of ${String(calls)}`);
  const kind = randomInt(2) === 0 ? 'known' : 'unknown';
  await probe(kind, kind === 'known' ? (known[n % people] ?? '') : inventedResidentId());
}

let failed = 0;
say(`${'route'.padEnd(46)} ${'t'.padStart(8)} ${'medians'.padStart(9)}  known / unknown, ms`);
for (const [route, { known: of, unknown }] of times) {
  const t = welch(of, unknown);
  const apart = median(of) - median(unknown);
  const holds = Math.abs(t) < 4.5 || Math.abs(apart) <= 0.2;
  if (!holds) failed++;
  say(
    `${route.padEnd(46)} ${t.toFixed(2).padStart(8)} ${apart.toFixed(3).padStart(9)}  ${median(of).toFixed(2)} / ${median(unknown).toFixed(2)}${holds ? '' : '  TOLD APART'}`,
  );
}
await city.stop();
await server.stop();
await rm(place, { recursive: true, force: true });
say(failed === 0 ? 'alike' : `${String(failed)} routes tell known from unknown`);
process.exitCode = failed === 0 ? 0 : 1;
