import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { EventStore } from '#libs/event-store';
import { type Clock, SystemClock } from '#libs/kernel';
import {
  type Log,
  MeasuredEventStore,
  Metrics,
  openDatabase,
  type Settings,
  unexpected,
} from '#libs/platform';
import { type EmbeddedDatabase, startDatabase } from '#libs/platform/embedded-postgres';
import { productVersion } from '../cli/product-version.js';
import { schema } from '../schema.js';
import { watchBuild, watchClock, watchPools } from './watching.js';
import { openEventStore } from './event-store.js';

/** What every program of the ledger stands on, whatever it serves: database with its tables, event store, clock, metrics. No key. */
export interface Ground {
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly pool: pg.Pool;
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  /** Whether the database is the embedded one, rather than a server of somebody else's. */
  readonly embedded: boolean;
  readonly store: EventStore;
  close(): Promise<void>;
}

/**
 * Opens it on the database of the settings; without one, on an embedded PostgreSQL in the data directory, which is looked after until the
 * ground is closed. Each program brings all tables up to date, so that it does not matter which one starts first: the others wait.
 */
export async function openGround(settings: Settings, log: Log): Promise<Ground> {
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
      watchPools(metrics, pool, dataSource); // first: the other readings take connections themselves
      watchClock(metrics, { pool, clock });
      watchBuild(metrics, await productVersion());
      const store = new MeasuredEventStore(await openEventStore(settings, pool), metrics);
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
        close: async () => {
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

/** The embedded PostgreSQL of a data directory; where it goes down without us, it is started again. */
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

  /** Requests are answered 503 until it is back. */
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
