import { setTimeout as wait } from 'node:timers/promises';
import type { Records } from '../support/records.js';
import type { CityProcess } from './city-process.js';

export interface Fault {
  readonly what: string;
  /** @returns false where the program said that it was ready while its store was away */
  readonly happens: () => Promise<boolean>;
}

/** Longer than a program waits for its event store before it says that it is not ready. */
const awayMs = 12_000;

/** What can be done to a city whose records are there, by turns. */
export function faultsOf(city: CityProcess, { double }: Records): readonly Fault[] {
  const killProgram = {
    what: 'kill -9 of the program',
    happens: async () => {
      await city.kill();
      await city.up();
      return true;
    },
  };
  const killDatabase = {
    what: 'kill -9 of PostgreSQL',
    happens: async () => {
      await city.killDatabase();
      return true;
    },
  };
  if (double === undefined) return [killProgram, killDatabase];
  return [
    {
      what: 'kill -9 of the event store, which is started again at once',
      happens: async () => {
        await double.kill();
        await double.up();
        return true;
      },
    },
    killProgram,
    {
      what: 'SIGSTOP of the event store',
      happens: async () => {
        double.freeze(true);
        const told = await saysNotReady(city);
        double.freeze(false);
        return told;
      },
    },
    killDatabase,
  ];
}

/** Whether the program says within a while that it is not ready. */
async function saysNotReady(city: CityProcess): Promise<boolean> {
  const until = Date.now() + awayMs;
  while (Date.now() < until) {
    if ((await city.says()) === 'not ready') return true;
    await wait(200);
  }
  return false;
}
