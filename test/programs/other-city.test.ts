import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLog, Settings } from '#libs/platform';
import { type City, startCity } from '../../apps/city/city.js';
import { EventStoreDouble } from '../eventstore/double.js';
import { freePort } from '../support/ports.js';
import { freshDatabase, type TestDatabase } from '../support/postgres.js';

const cli = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));
const real = 'ledger.example.gov';

jest.setTimeout(240_000); // a start imports the catalogue

describe.each(['in the database', 'in an event store'])('a trial whose records are %s', (where) => {
  let double: EventStoreDouble | undefined;
  let database: TestDatabase;
  let dataDir: string;
  let env: Record<string, string>;

  const start = async (more: Record<string, string> = {}): Promise<City> =>
    startCity(
      Settings.from({ ...env, PORT: String(await freePort()), ...more }),
      openLog('silent'),
    );

  /** Every row of every table, as text. */
  async function rows(): Promise<Record<string, string>> {
    const { rows: tables } = await database.pool.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema IN ('public', 'vault') ORDER BY 1`,
    );
    const all: Record<string, string> = {};
    for (const { name } of tables) {
      const { rows: found } = await database.pool.query<{ row: string }>(
        `SELECT t::text AS row FROM ${name} t ORDER BY 1`,
      );
      all[name] = found.map(({ row }) => row).join('\n');
    }
    return all;
  }

  beforeAll(async () => {
    if (where === 'in an event store') double = await EventStoreDouble.start();
    database = await freshDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-trial-'));
    env = {
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      METRICS_PORT: '0',
      ...(double !== undefined && { EVENT_STORE_URL: double.url }),
    };
  });
  afterAll(async () => {
    await double?.stop();
    await database.drop();
    await rm(dataDir, { recursive: true });
  });

  test('is what a city without CITY is, and says so', async () => {
    const city = await start();
    const { publicUrl } = city.house.infrastructure.settings;
    const answer = await fetch(`${publicUrl}/log/origin`);
    expect(await answer.json()).toEqual({ origin: 'trial.city.example', trial: true });
    await city.stop();
  });

  test('never becomes a real city: another CITY is refused, and nothing changed', async () => {
    const [before, length] = [await rows(), double?.log.length];
    for (const CITY of [real, 'trial.other.example'])
      await expect(start({ CITY })).rejects.toMatchObject({
        code: 'ledger_of_other_city',
        facts: { city: CITY, held: 'trial.city.example' },
        hint: expect.stringMatching(/Set CITY=trial\.city\.example.*A trial is one for ever/),
      });
    expect(await rows()).toEqual(before);
    expect(double?.log.length).toBe(length);
  });

  test('is read by no command under another CITY', async () => {
    const child = spawn(process.execPath, [cli, 'verify', 'ledger'], {
      env: { PATH: process.env['PATH'], ...env, CITY: real },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (said += text.toString()));
    await once(child, 'close');
    expect([child.exitCode, said]).toEqual([2, expect.stringContaining('(ledger_of_other_city)')]);
  });

  test('goes on under its own', async () => {
    const city = await start({ CITY: 'trial.city.example' });
    await city.stop();
  });
});

test('a city of another origin is none, and takes no made-up matters', async () => {
  const database = await freshDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-real-'));
  const env = { DATA_DIR: dataDir, DATABASE_URL: database.url, METRICS_PORT: '0', CITY: real };
  const settings = Settings.from({ ...env, PORT: String(await freePort()) });
  const city = await startCity(settings, openLog('silent'));
  const origin = await fetch(`${settings.publicUrl}/log/origin`);
  expect(await origin.json()).toEqual({ origin: real, trial: false });
  const run = async (...words: readonly string[]) => {
    const child = spawn(process.execPath, [...words], {
      env: { PATH: process.env['PATH'], ...env, MIANZHENG_URL: settings.publicUrl },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (said += text.toString()));
    await once(child, 'close');
    return { code: child.exitCode, said };
  };
  const file = fileURLToPath(new URL('../../contracts/catalogue/matters.tsv', import.meta.url));
  const places = ['import', 'catalogue', file, '--places', '--url', settings.publicUrl];
  expect(await run(cli, ...places)).toEqual({
    code: 1,
    said: expect.stringContaining('(city_not_trial)'),
  });
  const start = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
  expect(await run(start, 'demo')).toEqual({
    code: 2,
    said: expect.stringContaining('is no trial'),
  });
  await city.stop();
  await database.drop();
  await rm(dataDir, { recursive: true });
});
