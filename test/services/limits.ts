import type { Answer } from '../support/client.js';
import type { Town } from '../support/town.js';
import { freshSecond, type Processes, secondOf } from './processes.js';
import type { Report } from './report.js';
import type { Services } from './services.js';
import { isTally, ready, sendTo, tally } from './wire.js';

/** Limits that stand once, however many processes count. */
export async function limitsAcrossProcesses(
  town: Town<Services>,
  processes: Processes,
  limits: { readonly perSecond: number; readonly holders: number },
  newNumber: () => string,
  report: Report,
): Promise<void> {
  const urls = processes.of('ledger').map(({ url }) => url);
  // A machine that is too slow for so many requests shows nothing: it is given three tries.
  let burst = await sendMany(town, processes, urls, limits.perSecond * 5);
  for (let tries = 1; tries < 3 && burst.refused === 0; tries++)
    burst = await sendMany(town, processes, urls, limits.perSecond * 5);
  const { taken, refused, seconds } = burst;
  report.check(
    `a client’s ${limits.perSecond} requests a second are one limit over two ledgers`,
    refused > 0 && taken <= limits.perSecond * seconds && taken >= limits.perSecond,
    `${taken} taken and ${refused} refused within ${seconds} seconds`,
  );

  const identify = async (n: number): Promise<Answer> => {
    const identifier = { kind: '111', number: newNumber() };
    const one = await ready(
      { url: town.url, terminal: town.elsewhere },
      'POST',
      '/v1/subjects/identify',
      JSON.stringify({ identifier, basis: 'document' }),
    );
    return sendTo(urls[n % urls.length] ?? '', one);
  };
  // The limit is reached in the midst of many that come at once, to both ledgers: each counts what
  // the other lets through. In two parts, so that no second holds more than a client may ask in
  // one.
  const asked: Answer[] = [];
  const some = Math.floor((limits.holders * 2) / 3);
  for (const many of [some, limits.holders * 2 - some]) {
    await freshSecond(processes);
    asked.push(...(await Promise.all(Array.from({ length: many }, (_, n) => identify(n)))));
  }
  const letIn = asked.find(({ status }) => status !== 429);
  report.check(
    `a window’s ${limits.holders} people a day are one limit over two ledgers`,
    isTally(asked, {
      [String(letIn?.status)]: limits.holders,
      '429 daily_holders_of_window': limits.holders,
    }),
    tally(asked),
  );
}

async function sendMany(
  town: Pick<Town<Services>, 'url' | 'terminal'>,
  processes: Processes,
  urls: readonly string[],
  count: number,
): Promise<{ readonly taken: number; readonly refused: number; readonly seconds: number }> {
  const requests = await Promise.all(
    Array.from({ length: count }, () => ready(town, 'GET', '/v1/cases/nowhere')),
  );
  await freshSecond(processes);
  const began = await secondOf(processes);
  const answers: Answer[] = [];
  const lane = async (n: number) => {
    for (let one = requests.pop(); one !== undefined; one = requests.pop())
      answers.push(await sendTo(urls[n % urls.length] ?? '', one));
  };
  await Promise.all(Array.from({ length: 48 }, (_, n) => lane(n)));
  const seconds = (await secondOf(processes)) - began + 1;
  const refused = answers.filter(({ body }) => body.code === 'rate_exceeded').length;
  return { taken: answers.length - refused, refused, seconds };
}
