import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fail } from '#composition/program';
import { TokenUnavailable } from '#libs/api-client';
import { SettingInvalid } from '#libs/platform';
import { administratorOf, Registrar } from './clients.js';
import { Hall } from './hall.js';
import { issueAll } from './issuing.js';
import { populationOf } from './population/population.js';
import { proofRecords } from './population/proof-records.js';
import { trialCityAt } from './refusals.js';
import { trialSettings, type TrialSettings } from './settings.js';
import { startSourceBeside } from './source-beside.js';
import { TrialState } from './state.js';
import { tries } from './tries.js';
import { linkWords, populationWords, seenWords, sourceWords } from './words.js';

/** How often the links are looked at, in milliseconds: a person is waiting in front of a page. */
const lookEvery = 1000;

const say = (...lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`);

// A terminal or pipe that takes no more ends nothing.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Started by a city it ends with the city, which gets Ctrl-C at the same time.
const isBesideCity = process.send !== undefined;
process.on('SIGINT', () => {
  if (!isBesideCity) process.exit(0);
});
process.once('disconnect', () => process.exit(0));

try {
  const { values } = parseArgs({ options: { url: { type: 'string' } } });
  const settings = trialSettings(process.env, process.cwd(), values.url);
  const hall = await openHall(settings);
  say('', ...linkWords(hall));
  await stay(hall);
} catch (error) {
  fail('trial hall', error, error instanceof SettingInvalid ? 2 : 1);
}

async function openHall(settings: TrialSettings): Promise<Hall> {
  const began = performance.now();
  const { url, folder, numbers } = settings;
  const origin = await trialCityAt(url);
  const administrator = await administratorOf(settings);
  const state = await TrialState.open(folder, origin, numbers);
  const { kept } = state;
  const population = populationOf(kept.numbers, kept.seed, kept.firstDay);
  const registrar = new Registrar(url, administrator, state);
  const reception = await registrar.reception();
  const authorities = await registrar.authorities();
  const isNew = kept.issued.length < authorities.length;
  if (isNew) say(`试运行大厅 Trial hall: ${authorities.length} authorities sign and hand in …`);
  await issueAll(url, authorities, population.papers, state, ({ name }, count) =>
    say(`  ${String(count).padStart(5)}  ${name}`),
  );
  const { people, companies } = population;
  const records = proofRecords(people, companies, kept.firstDay);
  const hasSource = await startSourceBeside(settings, await registrar.source(), records);
  say(sourceWords(hasSource, records.length));
  say(...populationWords(population, (performance.now() - began) / 1000, isNew));
  const holders = tries.map(({ holder }) => population.people[holder]);
  const hall = new Hall(
    url,
    administrator,
    reception,
    holders.filter((holder) => holder !== undefined),
  );
  await hall.renew();
  return hall;
}

/** Answers visitors with a link, until the program is stopped. */
async function stay(hall: Hall): Promise<void> {
  const asked: string[] = [];
  createInterface({ input: process.stdin }).on('line', (line) => asked.push(line));
  let told = '';
  for (;;) {
    try {
      if (asked.splice(0).length > 0) {
        await hall.renew();
        say('', ...linkWords(hall));
      }
      for (const seen of await hall.look()) say(seenWords(seen));
      told = '';
    } catch (error) {
      // Retried: a city may be unreachable for a moment. Each fault is reported once.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== told && !isAway(error)) say(`! ${message}`);
      told = message;
    }
    await wait(lookEvery);
  }
}

/** What `fetch` throws where nothing answers, and clients where a token cannot be had just now. */
function isAway(error: unknown): boolean {
  if (error instanceof TypeError) return error.message === 'fetch failed';
  return error instanceof TokenUnavailable;
}
