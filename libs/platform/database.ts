import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Log } from './log.js';
import { unexpected } from './log.js';

/** What the contexts keep in tables. */
export interface Schema {
  readonly migrations: Extract<DataSourceOptions['migrations'], unknown[]>;
  readonly entities: Extract<DataSourceOptions['entities'], unknown[]>;
}

export interface Database {
  readonly pool: pg.Pool;
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/** One process migrates; others wait for it here. The number is ours alone on a database of ours. */
const migrationLock = 0x6d7a_0001;

/** Opens the pools and brings the tables up to date; safe when several processes start at once. */
export async function openDatabase(url: string, schema: Schema, log: Log): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 20,
    connectionTimeoutMillis: 10_000,
    application_name: 'mianzheng',
  });
  // A connection that breaks while idle is replaced when the next one is asked for. One that breaks while somebody holds it between two
  // statements has no other listener: its next statement fails, and that is how its holder learns of it.
  pool.on('connect', (client) => {
    client.on('error', (error) => {
      log.warn(unexpected(error), 'database_connection_lost');
    });
  });
  pool.on('error', () => undefined); // told by the listener above
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: schema.migrations,
    entities: schema.entities,
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    extra: { max: 5, application_name: 'mianzheng' },
    poolErrorHandler: (error: unknown) => {
      log.warn(unexpected(error), 'database_connection_lost');
    },
  });
  try {
    await dataSource.initialize();
    await migrate(url, dataSource);
  } catch (error) {
    await Promise.all([pool.end(), dataSource.isInitialized ? dataSource.destroy() : undefined]);
    throw error;
  }
  return {
    pool,
    dataSource,
    close: async () => {
      await Promise.all([pool.end(), dataSource.destroy()]);
    },
  };
}

async function migrate(url: string, dataSource: DataSource): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await dataSource.runMigrations();
  } finally {
    await client.end(); // which lets go of the lock
  }
}
