import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables of the postgres adapter, as TypeORM migrations and, through `createEventStore`, without TypeORM. */

/**
 * `log_head` has one row: its lock is the queue between writer processes, `epoch` fences writers that were replaced, `position` is that of
 * the last record. `bytes` are neither compressed nor decoded (EXTERNAL; bytea, never jsonb): what is hashed is what lies there.
 * `stream` compares by bytes ("C"), whatever the database's locale. `hash` is the leaf hash of `bytes`.
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

export const eventStoreMigrations = [CreateEventStore1763790000000];

/** Makes the tables in an empty database, for programs and tests that bring no TypeORM. */
export async function createEventStore(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  await database.query(tables.join(';\n'));
}
