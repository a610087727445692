import pg from 'pg';
import {
  DataSource,
  type DataSourceOptions,
  type Logger,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm';
import { InternalError, ProductError, UnavailableError } from '#libs/kernel';
import type { Log } from './log.js';
import { unexpected } from './log.js';

type MigrationClass = new () => MigrationInterface;

/** What the contexts keep in tables. */
export interface Schema {
  /** In the order in which they came; their names end in a time, and are never changed. */
  readonly migrations: MigrationClass[];
  readonly entities: Extract<DataSourceOptions['entities'], unknown[]>;
}

export interface Database {
  readonly pool: pg.Pool;
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/** One process changes the tables; others wait for it here. The number is ours alone on a database of ours. */
export const migrationLock = 0x6d7a_0001;

/** The database is not one that this program may work on. Nothing was changed in it. */
export class DatabaseRefused extends UnavailableError<
  | 'schema_newer' // a later release made tables in it
  | 'restore_unfinished' // a backup is being loaded into it, or that was stopped
> {}

/** A migration failed. The tables are what they were before this start. */
export class MigrationFailed extends InternalError<'migration_failed'> {}

export interface Opening {
  /** For whoever loads a backup: also works on a database that is marked as half loaded, and gives each statement all the time that it needs. */
  readonly unfinished?: boolean;
  /** How long one statement of a program that serves may stay unanswered, in milliseconds. */
  readonly answerMs?: number;
}

/**
 * A host that vanishes without a word is not noticed by a connection on which something was sent: TCP repeats it for a quarter of an hour. So the
 * server is told to end a statement in good time, and where not even that is heard, the connection is given up.
 */
const limits = (answerMs: number) => ({
  statement_timeout: Math.ceil((answerMs * 6) / 7),
  query_timeout: answerMs,
});
const usualAnswerMs = 35_000;

/**
 * Opens the pools and brings the tables up to date; safe when several processes start at once: the first one does it, the others wait.
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
  // A connection that breaks while idle is replaced when the next one is asked for. One that breaks while somebody holds it between two
  // statements has no other listener: its next statement fails, and that is how its holder learns of it.
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
    logger: new Silence(), // it writes what the database says to the screen, which may quote rows
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

/** The names under which migrations are remembered. */
export const migrationNames = ({ migrations }: Pick<Schema, 'migrations'>): readonly string[] =>
  migrations.map(nameOf);

const nameOf = (Migration: MigrationClass): string => new Migration().name ?? Migration.name;

/** The same migration, which says when it begins: an error of the database does not tell whose it is. */
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

/** On connections of its own: a change of large tables takes as long as it takes. */
async function migrate(where: Where, schema: Schema, log: Log, unfinished: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: where.url, application_name: 'mianzheng' });
  client.on('error', () => undefined); // the statement that needed the connection fails and says so
  await client.connect();
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
    // All that a release brings, or nothing: a failing one leaves the tables as the release before knows them.
    migrationsTransactionMode: 'all',
    extra: { max: 2, application_name: 'mianzheng' },
  });
  await dataSource.initialize();
  try {
    return await dataSource.runMigrations();
  } catch (cause) {
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

/** The driver's words may quote rows; its code does not (PostgreSQL's documentation, appendix A). */
const sqlState = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? `SQLSTATE ${error.code}`
    : 'not by the database';

async function mustBeWhole(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('public.restore_under_way') IS NOT NULL AS found`,
  );
  if (rows[0]?.found === true)
    throw new DatabaseRefused(
      'restore_unfinished',
      'a backup was being restored into this database, and that was not finished',
      {},
      { hint: 'Run the same `mianzheng restore` again: it begins anew.' },
    );
}

/** A program must not work on tables that a later release changed: it knows nothing of what they mean now. */
async function mustBeKnown(client: pg.Client, known: readonly string[]): Promise<void> {
  const there = await client.query<{ found: boolean }>(
    `SELECT to_regclass('public.migrations') IS NOT NULL AS found`,
  );
  if (there.rows[0]?.found !== true) return;
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM public.migrations WHERE name <> ALL ($1) ORDER BY id',
    [known],
  );
  if (rows.length === 0) return;
  throw new DatabaseRefused(
    'schema_newer',
    'a later release has changed the tables of this database',
    { migrations: rows.map(({ name }) => name) },
    {
      hint: 'Start that release, or a later one. To go back for good, restore a backup of before the upgrade.',
    },
  );
}

/**
 * One transaction on a connection of the pool. A refusal of ours takes back what was begun; after anything else nobody knows what the
 * connection still waits for, so it is closed, and the server takes it back.
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
