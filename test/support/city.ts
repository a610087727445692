import type { JsonWebKey } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog, Settings } from '#libs/platform';
import { type City, startCity as start } from '../../apps/city/city.js';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { TestClient } from './client.js';
import { freePort } from './ports.js';
import { TestKey } from './keys.js';
import { freshDatabase } from './postgres.js';

/** The private keys of a key file of the city: what only the city itself should have. */
export async function signingKeys({ dataDir }: TestCity, file: string) {
  const { keys } = JSON.parse(await readFile(join(dataDir, 'keys', file), 'utf8'));
  return keys as [JsonWebKey & { kid: string }];
}

export interface TestCity {
  readonly baseUrl: string;
  /** Registers clients; see `register` of client.ts. */
  readonly admin: TestClient;
  readonly city: City;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Waits until everything that was appended so far is in the read models. */
  caughtUp(): Promise<void>;
  /**
   * Another process's worth of the same city: same database and keys, a port of its own, clients as
   * of `baseUrl`.
   */
  startSecond(): Promise<City>;
  /** The city anew, with the same settings, after it was stopped. */
  startAgain(): Promise<City>;
  stop(): Promise<void>;
}

/**
 * The whole city in this process, on a fresh database and a free port: what `npm start` runs, but
 * for the embedded server. It logs only where `LOG_LEVEL` is given, to `city.log` in its data
 * directory.
 */
export async function startCity(env: Readonly<Record<string, string>> = {}): Promise<TestCity> {
  const database = await freshDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-city-'));
  const settingsFor = async (more: Readonly<Record<string, string>>) =>
    Settings.from({
      PORT: String(await freePort()),
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      METRICS_PORT: '0',
      REQUESTS_PER_SECOND: '100000',
      REQUESTS_OF_ONE_ADDRESS: '100000',
      HOLDERS_PER_WINDOW_AND_DAY: '100000',
      QUESTIONS_PER_HOLDER_AND_HOUR: '100000',
      HOLDERS_PER_DEPARTMENT_AND_DAY: '100000',
      ...env,
      ...more,
    });
  const settings = await settingsFor({});
  const log =
    env['LOG_LEVEL'] === undefined
      ? openLog(process.env['TEST_LOG_LEVEL'] ?? 'silent')
      : openLog(settings.logLevel, settings.logFile);
  const city = await start(settings, log);
  const cities = [city];
  const jwk = city.house.keys.administrator ?? undefined;
  return {
    baseUrl: settings.publicUrl,
    admin: new TestClient(settings.publicUrl, firstAdministrator, new TestKey(jwk), [
      'clients:manage',
      'catalogue:manage',
      'subjects:erase',
      'ledger:exclude',
    ]),
    city,
    databaseUrl: database.url,
    dataDir,
    caughtUp: () => city.runner.caughtUp(),
    startSecond: async () => {
      const second = await start(
        await settingsFor({
          PUBLIC_URL: settings.publicUrl,
          ISSUER_URL: `${settings.publicUrl}/identity`,
        }),
        log,
      );
      cities.push(second);
      return second;
    },
    startAgain: async () => {
      const again = await start(settings, log);
      cities.push(again);
      return again;
    },
    stop: async () => {
      for (const one of cities) await one.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
