import pg from 'pg';
import {
  DataSource,
  type DataSourceOptions,
  type Logger,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm';
import { diskFull } from '#libs/embedded-postgres';
import { InternalError, ProductError } from '#libs/kernel';
import {
  connectTo,
  mustBeKnown,
  mustBeKnownFormat,
  mustBeWhole,
  noteFormat,
} from './database-checks.js';
import { type Log, unexpected } from './log.js';

type MigrationClass = new () => MigrationInterface;

/** The tables of the contexts. */
export interface Schema {
  /** In order of creation; their names end in a time, and are never changed. */
  readonly migrations: MigrationClass[];
  readonly entities: Extract<DataSourceOptions['entities'], unknown[]>;
}

export interface Database {
  readonly pool: pg.Pool;
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/**
 * One process migrates the tables; others wait for this lock. The number is unused otherwise,
 * because the database is the ledger's alone.
 */
export const migrationLock = 0x6d7a_0001;

/** A migration failed. The tables are as they were before this start. */
export class MigrationFailed extends InternalError<'migration_failed'> {}

export interface Opening {
  /**
   * For loading a backup: also accepts a database that is marked as half loaded, and gives each
   * statement unlimited time.
   */
  readonly unfinished?: boolean;
  /** How long one statement of a serving program may stay unanswered, in milliseconds. */
  readonly answerMs?: number;
}

/**
 * A vanished host is not noticed on a connection with unacknowledged data: TCP retries for a
 * quarter of an hour. So the server is told to end a statement in time, and where not even that is
 * answered, the connection is closed.
 */
const limits = (answerMs: number) => ({
  statement_timeout: Math.ceil((answerMs * 6) / 7),
  query_timeout: answerMs,
});
const usualAnswerMs = 35_000;

/**
 * Opens the pools and migrates the tables; safe when several processes start concurrently: one
 * migrates, the others wait.
 * @throws DatabaseRefused, MigrationFailed
 */
export async function openDatabase(
  url: string,
  schema: Schema,
  log: Log,
  { unfinished = false, answerMs = usualAnswerMs }: Opening = {},
): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 20,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: 'mianzheng',
    ...(!unfinished && limits(answerMs)),
  });
  // The pool replaces a connection that breaks while idle. One that breaks while it is checked out
  // has no other listener: its next statement fails, which tells its holder.
  pool.on('connect', (client) => {
    client.on('error', (error) => {
      log.warn(unexpected(error), 'database_connection_lost');
    });
  });
  pool.on('error', () => undefined); // told by the listener above
  const told = (error: unknown) => {
    log.warn(unexpected(error), 'database_connection_lost');
  };
  const shared = {
    type: 'postgres',
    url,
    logger: new Silence(), // it prints errors of the database, which may quote rows
    poolErrorHandler: told,
  } as const;
  const dataSource = new DataSource({
    ...shared,
    entities: schema.entities,
    extra: {
      max: 5,
      keepAlive: true,
      application_name: 'mianzheng',
      ...(!unfinished && limits(answerMs)),
    },
  });
  try {
    await migrate(shared, schema, log, unfinished);
    await dataSource.initialize();
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

class Silence implements Logger {
  logQuery(): void {}
  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}

/** The names under which migrations are recorded. */
export const migrationNames = ({ migrations }: Pick<Schema, 'migrations'>): readonly string[] =>
  migrations.map(nameOf);

const nameOf = (Migration: MigrationClass): string => new Migration().name ?? Migration.name;

/**
 * The same migration, which reports its start: an error of the database does not tell which
 * migration failed.
 */
function noting(Migration: MigrationClass, under: { way: string | null }): MigrationClass {
  const name = nameOf(Migration);
  return class extends Migration {
    override name = name;
    override async up(runner: QueryRunner): Promise<void> {
      under.way = name;
      await super.up(runner);
    }
  };
}

type Where = { readonly type: 'postgres'; readonly url: string } & DataSourceOptions;

/** On connections without a time limit: changing large tables takes long. */
async function migrate(where: Where, schema: Schema, log: Log, unfinished: boolean): Promise<void> {
  const client = await connectTo(where.url);
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS taken',
      [migrationLock],
    );
    if (rows[0]?.taken !== true) {
      log.info('waiting_for_migrations');
      await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    }
    if (!unfinished) await mustBeWhole(client);
    if (!(await mustBeKnownFormat(client))) await noteFormat(client);
    await mustBeKnown(client, migrationNames(schema));
    const run = await runMigrations(where, schema);
    if (run.length > 0) log.info({ migrations: run.map(({ name }) => name) }, 'migrated');
  } finally {
    await client.end().catch(() => undefined); // which lets go of the lock
  }
}

async function runMigrations(
  where: Where,
  schema: Schema,
): Promise<readonly { readonly name: string }[]> {
  const under: { way: string | null } = { way: null };
  const dataSource = new DataSource({
    ...where,
    migrations: schema.migrations.map((Migration) => noting(Migration, under)),
    migrationsTableName: 'migrations',
    // All migrations of a release, or none: after a failure the tables are those of the release
    // before.
    migrationsTransactionMode: 'all',
    extra: { max: 2, application_name: 'mianzheng' },
  });
  await dataSource.initialize();
  try {
    return await dataSource.runMigrations();
  } catch (cause) {
    const full = diskFull(cause);
    if (full !== null) throw full;
    throw new MigrationFailed(
      'migration_failed',
      `the migration ${under.way ?? 'of this release'} failed (${sqlState(cause)})`,
      { migration: under.way },
      {
        cause,
        hint: 'The tables are as they were. Go on with the release before, and report this.',
      },
    );
  } finally {
    await dataSource.destroy();
  }
}

/**
 * The driver's message may quote rows; its code does not (PostgreSQL's documentation, appendix A).
 */
const sqlState = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? `SQLSTATE ${error.code}`
    : 'not by the database';

/**
 * One transaction on a connection of the pool. A product error rolls it back; after any other error
 * the connection's state is unknown, so that it is closed, and the server rolls back.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    broken = !(error instanceof ProductError);
    if (!broken)
      await client.query('ROLLBACK').catch(() => {
        broken = true;
      });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** What tells how the database was made: migrations are run anew where a backup is restored. */
export const databaseTables = ['migrations', 'schema_format', 'restore_under_way'];
