import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tables of the postgres adapter, as TypeORM migrations and, through `createEventStore`,
 * without TypeORM.
 */

/**
 * `log_head` has one row: its lock orders the writer processes, `epoch` fences replaced writers,
 * `position` is the last record's. `bytes` are stored exactly as they are hashed (EXTERNAL; bytea,
 * never jsonb), `hash` is their leaf hash, and `stream` compares by bytes ("C") in any locale.
 */
const tables = [
  `CREATE TABLE log_head (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     epoch bigint NOT NULL,
     position bigint NOT NULL
   ) WITH (fillfactor = 10)`,
  `INSERT INTO log_head (epoch, position) VALUES (1, 0)`,
  `CREATE TABLE log_record (
     position bigint NOT NULL CONSTRAINT log_record_position PRIMARY KEY,
     version integer NOT NULL CHECK (version >= 0),
     stream text COLLATE "C" NOT NULL,
     hash bytea NOT NULL,
     bytes bytea NOT NULL,
     CONSTRAINT log_record_stream_version UNIQUE (stream, version)
   )`,
  `ALTER TABLE log_record ALTER COLUMN bytes SET STORAGE EXTERNAL`,
];

export class CreateEventStore1763790000000 implements MigrationInterface {
  readonly name = 'CreateEventStore1763790000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_record');
    await runner.query('DROP TABLE log_head');
  }
}

/**
 * One row, written by the first program on an empty store: see `holdToStore`. `city` is the log's
 * origin.
 */
const kind = `CREATE TABLE event_store_kind (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     kind text NOT NULL CHECK (kind IN ('postgres', 'eventstoredb')),
     city text COLLATE "C" NOT NULL
   )`;

export class RememberStoreKind1764460800000 implements MigrationInterface {
  readonly name = 'RememberStoreKind1764460800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(kind);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_store_kind');
  }
}

export const eventStoreMigrations = [CreateEventStore1763790000000, RememberStoreKind1764460800000];

/** Makes the tables in an empty database, for programs and tests that bring no TypeORM. */
export async function createEventStore(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  await database.query(tables.join(';\n'));
}

/** What the event store on PostgreSQL keeps. */
export const recordTables = ['log_head', 'log_record'];

/** Fences every writer of before a restore, by an epoch that none of them can have. */
export const fenceWriters = nextEpochOf('log_head');

/** An epoch that no process of before can have, in a table of one row. */
export function nextEpochOf(table: string): string {
  return `UPDATE public.${table} SET epoch = greatest(epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`;
}
