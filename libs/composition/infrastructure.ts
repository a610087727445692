import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { type EmbeddedDatabase, startDatabase } from '#libs/embedded-postgres';
import type { EventStore } from '#libs/event-store';
import { type Clock, SystemClock } from '#libs/kernel';
import {
  type Log,
  MeasuredEventStore,
  Metrics,
  openDatabase,
  type Settings,
  StoreHealth,
  unexpected,
  watchStore,
} from '#libs/platform';
import { productVersion } from './product-version.js';
import { schema } from './schema.js';
import { watchBuild, watchClock, watchPools } from './watching.js';
import { openEventStore } from './event-store.js';

/**
 * What every program of the ledger needs: database with its tables, event store, clock, metrics. No
 * key.
 */
export interface Infrastructure {
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly pool: pg.Pool;
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  /** Whether the database is the embedded one, rather than an external server. */
  readonly embedded: boolean;
  readonly store: EventStore;
  readonly storeHealth: StoreHealth;
  close(): Promise<void>;
}

/**
 * Opens it on the database of the settings; without one, on an embedded PostgreSQL in the data
 * directory, which is looked after until the ground is closed. Each program brings all tables up to
 * date, so that it does not matter which one starts first: the others wait.
 */
export async function openInfrastructure(settings: Settings, log: Log): Promise<Infrastructure> {
  // Only the folder of keys is closed to others: the embedded database may run as another user.
  await mkdir(settings.dataDir, { recursive: true });
  const server = settings.databaseUrl === undefined ? await embedded(settings, log) : undefined;
  try {
    const databaseUrl = settings.databaseUrl ?? server?.url ?? '';
    const database = await openDatabase(databaseUrl, schema, log);
    try {
      const { pool, dataSource } = database;
      const metrics = new Metrics();
      const clock = new SystemClock();
      // first: the other readings take connections themselves
      watchPools(metrics, pool, dataSource);
      watchClock(metrics, { pool, clock });
      watchBuild(metrics, await productVersion());
      const store = new MeasuredEventStore(await openEventStore(settings, pool), metrics);
      const storeHealth = new StoreHealth(store);
      watchStore(metrics, storeHealth);
      storeHealth.start();
      return {
        settings,
        log,
        clock,
        metrics,
        pool,
        dataSource,
        databaseUrl,
        embedded: server !== undefined,
        store,
        storeHealth,
        close: async () => {
          storeHealth.stop();
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

/** The embedded PostgreSQL of a data directory, which is restarted when it ends unexpectedly. */
export async function embedded(
  settings: Pick<Settings, 'dataDir'>,
  log: Log,
): Promise<EmbeddedDatabase> {
  const server = await startDatabase({
    dataDir: join(settings.dataDir, 'postgres'),
    onDown: () => void comeBack(),
  });
  if (server.adopted) log.warn('database_adopted');
  return server;

  /**
   * Requests are answered 503 until it is back, however long that takes: a full disk is emptied by
   * a person.
   */
  async function comeBack(): Promise<void> {
    log.error('database_down');
    for (let attempt = 1; ; attempt++) {
      try {
        await server.restart();
        log.warn('database_back');
        return;
      } catch (error) {
        log.error(unexpected(error), 'database_not_back');
        await wait(Math.min(500 * attempt, 10_000));
      }
    }
  }
}
