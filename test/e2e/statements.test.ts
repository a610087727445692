import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { done, type Holder, Town } from '../support/town.js';

let town: Town;
beforeAll(async () => {
  town = await Town.start();
});
afterAll(() => town.stop());

/** Open, ask, show, grant, token, pull, close: seven requests, one after the other. */
async function oneCase(holder: Holder): Promise<void> {
  const opened = done(await town.openCase(holder.number)) as { case: string };
  const at = `/v1/cases/${opened.case}`;
  const { consent } = done(await town.ask(opened.case)) as { consent: string };
  done(await town.grant(holder, consent));
  done(await town.pull(await town.token(`${at}/consents/${consent}`)));
  done(await town.terminal.post(`${at}/close`, { outcome: 'accepted' }));
}

interface Sent {
  /** By name, or by text where it has none. */
  readonly requests: ReadonlyMap<string, number>;
  readonly pages: number;
  readonly sealing: number;
}

/** What this process sends to PostgreSQL for a case, until its records are in the read models. */
async function sentFor(holder: Holder): Promise<Sent> {
  const watched = jest.spyOn(pg.Client.prototype, 'query');
  try {
    await oneCase(holder);
    await town.city.caughtUp();
    const requests = new Map<string, number>();
    let pages = 0;
    let sealing = 0;
    for (const [n, [query]] of watched.mock.calls.entries()) {
      const from = applicationOf(watched.mock.contexts[n]);
      const name = nameOf(query);
      if (from === 'mianzheng sealer') sealing++;
      else if (name.startsWith('fold_')) pages++;
      else if (!from.startsWith('mianzheng lease of ') && !byTheClock.has(name))
        requests.set(name, (requests.get(name) ?? 0) + 1);
    }
    return { requests, pages, sealing };
  } finally {
    watched.mockRestore();
  }
}

/** Several times a second in a city where nothing happens. */
const byTheClock = new Set([
  'event_store_end',
  'SELECT code, since, place FROM log_refusal',
  'SELECT position FROM log_head',
]);

function applicationOf(client: unknown): string {
  const { connectionParameters } = client as {
    connectionParameters?: { application_name?: string };
  };
  return connectionParameters?.application_name ?? '';
}

/**
 * An append is messages of the protocol, and has neither name nor text. The door's name has the
 * parts of it that a request needs, of which the rate is one each second.
 */
function nameOf(query: unknown): string {
  if (typeof query === 'string') return oneLine(query);
  const { name, text } = query as { name?: string; text?: string };
  if (name?.startsWith('door_') === true) return 'door';
  return name ?? (text === undefined ? 'append' : oneLine(text));
}
const oneLine = (text: string) => text.trim().split(/\s+/).join(' ');

/** What is done by the minute falls into one case or another, and not into each. */
function inEach(all: readonly Sent[]): Record<string, number> {
  const names = new Set(all.flatMap(({ requests }) => [...requests.keys()]));
  const least = (name: string) => Math.min(...all.map(({ requests }) => requests.get(name) ?? 0));
  return Object.fromEntries(
    [...names].map((name) => [name, least(name)] as const).filter(([, count]) => count > 0),
  );
}

describe('a case, one at a time', () => {
  const sent: Sent[] = [];
  beforeAll(async () => {
    const holder = await town.holder();
    await town.idCard(holder.number);
    await oneCase(holder); // what a process asks for once
    for (let n = 0; n < 5; n++) sent.push(await sentFor(holder));
  });

  test('asks the database 32 times, and nothing more often than here', () => {
    const each = inEach(sent);
    expect(each).toEqual({
      door: 7,
      event_store_stream_heads: 11,
      append: 5,
      lookup_make: 1,
      lookup_find: 1,
      lookup_take_back: 1,
      lookup_erased: 1,
      daily_holder_count: 1,
      hourly_question_count: 1,
      'wallet-certificates': 1,
      vault_read: 1,
      sealing_find_leaves: 1,
    });
    expect(Object.values(each).reduce((sum, count) => sum + count, 0)).toBe(32);
  });

  test('is folded into all read models in a statement for each append at most', () => {
    for (const { pages } of sent) expect(pages).toBeLessThanOrEqual(5);
  });

  test('is sealed in two statements for each append at most: the step and its note', () => {
    for (const { sealing } of sent) expect(sealing).toBeLessThanOrEqual(10);
  });
});
