import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PostgresEventStore } from '#libs/event-store/postgres';
import {
  admitFirstAdministrator,
  type IdentityServices,
  identityServices,
} from '#libs/identity/identity.module';
import { SystemClock } from '#libs/kernel';
import {
  type Log,
  MeasuredEventStore,
  Metrics,
  openDatabase,
  type Services,
  type Settings,
  unexpected,
} from '#libs/platform';
import { type EmbeddedDatabase, startDatabase } from '#libs/platform/embedded-postgres';
import { ReadOnlyOnAlarm } from '#libs/sealing/sealing.module';
import { schema } from '../schema.js';
import { type CityKeys, openKeys, publicHalf } from './keys.js';
import { logSigner, openLogOfCity, type LogOfCity } from './log.js';
import { startWitnessBeside } from './witness-beside.js';

/** Who may register the first clients. */
export const firstAdministrator = 'administrator';

/** What stands before any application is made on it: database, tables, event store, keys, the first administrator. */
export interface House {
  readonly services: Services;
  readonly identity: IdentityServices;
  readonly keys: CityKeys;
  /** The sealed log over the records, and its receipts. */
  readonly sealed: LogOfCity;
  readonly databaseUrl: string;
  /** Whether the database is the embedded one, rather than a server of somebody else's. */
  readonly embedded: boolean;
  close(): Promise<void>;
}

export interface HouseOptions {
  /** Runs a witness in a process of its own beside the city, and publishes nothing that it has not cosigned. */
  readonly witnessBeside?: boolean;
}

/**
 * Opens a city's house on the database of the settings; without one, on an embedded PostgreSQL in the data directory, which is looked
 * after until the house is closed.
 */
export async function openHouse(
  settings: Settings,
  log: Log,
  { witnessBeside = false }: HouseOptions = {},
): Promise<House> {
  const keys = await openKeys(settings);
  const server = settings.databaseUrl === undefined ? await embedded(settings, log) : undefined;
  try {
    const databaseUrl = settings.databaseUrl ?? server?.url ?? '';
    const database = await openDatabase(databaseUrl, schema, log);
    try {
      const { pool, dataSource } = database;
      const metrics = new Metrics();
      metrics.watchPool('main', pool);
      const clock = new SystemClock();
      const records = new MeasuredEventStore(
        await PostgresEventStore.open({ city: settings.city, pool }),
        metrics,
      );
      const signer = await logSigner(settings);
      const witness = witnessBeside ? await startWitnessBeside(settings, signer) : null;
      const parts = { pool, databaseUrl, store: records };
      const sealed = await openLogOfCity(settings, log, parts, signer, witness, keys.ledger);
      const { sealer, refusals } = sealed;
      await refusals.start();
      const store = new ReadOnlyOnAlarm(records, () => sealer.alarm ?? refusals.standing);
      await admitFirstAdministrator(
        { store, clock },
        {
          client: firstAdministrator,
          name: 'First administrator',
          department: 'city',
          jwk: publicHalf(keys.administrator.jwk),
        },
      );
      return {
        services: {
          settings,
          clock,
          log,
          pool,
          dataSource,
          store,
          metrics,
          requestSecret: keys.requestSecret,
        },
        identity: identityServices({ store, pool, clock, settings }),
        keys,
        sealed,
        databaseUrl,
        embedded: server !== undefined,
        close: async () => {
          await sealer.stop();
          refusals.stop();
          await witness?.stop();
          await store.close();
          await database.close();
          await server?.stop();
        },
      };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

async function embedded(settings: Settings, log: Log): Promise<EmbeddedDatabase> {
  const server = await startDatabase({
    dataDir: join(settings.dataDir, 'postgres'),
    onDown: () => void comeBack(),
  });
  if (server.adopted) log.warn('database_adopted');
  return server;

  /** The server went down without us: requests are answered 503 until it is back. */
  async function comeBack(): Promise<void> {
    log.error('database_down');
    for (let attempt = 1; attempt <= 20; attempt++) {
      try {
        await server.restart();
        log.warn('database_back');
        return;
      } catch (error) {
        log.error(unexpected(error), 'database_not_back');
        await wait(500 * attempt);
      }
    }
  }
}
