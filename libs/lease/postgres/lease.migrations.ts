import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `epoch` grows with each holder and never goes back, and `until` is compared with the database's
 * clock alone. `backend` is the database process of the holder's connection; `holder` names the
 * process for people.
 */
const table = `CREATE TABLE lease (
     name text COLLATE "C" PRIMARY KEY,
     epoch bigint NOT NULL,
     holder text NOT NULL,
     backend integer NOT NULL,
     until timestamptz NOT NULL
   ) WITH (fillfactor = 10)`;

class CreateLeases1763806000000 implements MigrationInterface {
  readonly name = 'CreateLeases1763806000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE lease');
  }
}

export const leaseMigrations = [CreateLeases1763806000000];

/** Makes the table in a database, for programs and tests that bring no TypeORM. */
export async function createLeases(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  await database.query(table);
}

/** A lease ends with its holder: a backup has none. */
export const leaseTables = ['lease'];
