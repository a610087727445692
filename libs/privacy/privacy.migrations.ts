import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What must be able to disappear stands here and not in the ledger: subject keys, look-up rows, files. A destroyed subject key leaves its
 * row with `wrapped` null, so that no second key is made. `lookup.noted` says that the subject's stream is known to hold the identifier:
 * a row without it is a rest, and whoever meets it finishes the work.
 */
class CreateVault1763800003000 implements MigrationInterface {
  readonly name = 'CreateVault1763800003000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA vault CASCADE');
  }
}

const tables = [
  `CREATE SCHEMA vault`,
  `CREATE TABLE vault.subject_key (
     subject text COLLATE "C" PRIMARY KEY,
     master_key_id text NOT NULL,
     wrapped bytea,
     created timestamptz NOT NULL DEFAULT now(),
     destroyed timestamptz,
     CHECK ((wrapped IS NULL) = (destroyed IS NOT NULL))
   )`,
  `CREATE TABLE vault.lookup (
     hmac bytea PRIMARY KEY CHECK (length(hmac) = 32),
     pepper text NOT NULL,
     kind text NOT NULL,
     identifier text NOT NULL,
     subject text COLLATE "C" NOT NULL,
     noted boolean NOT NULL DEFAULT false
   )`,
  `CREATE INDEX lookup_subject ON vault.lookup (subject)`,
  `CREATE TABLE vault.enrolment_code (
     code_hash text COLLATE "C" PRIMARY KEY,
     enrolment text COLLATE "C" NOT NULL UNIQUE,
     subject text COLLATE "C" NOT NULL,
     expires timestamptz NOT NULL
   )`,
  `CREATE INDEX enrolment_code_expires ON vault.enrolment_code (expires)`,
  `CREATE TABLE vault.phone_key (
     jkt text COLLATE "C" PRIMARY KEY,
     subject text COLLATE "C" NOT NULL,
     claimed timestamptz NOT NULL DEFAULT now()
   )`,
  `CREATE INDEX phone_key_subject ON vault.phone_key (subject)`,
  `CREATE TABLE vault.sealed_blob (
     id text COLLATE "C" PRIMARY KEY,
     sealed bytea NOT NULL,
     created timestamptz NOT NULL DEFAULT now()
   )`,
  `ALTER TABLE vault.sealed_blob ALTER COLUMN sealed SET STORAGE EXTERNAL`,
  `CREATE TABLE vault.key_in_use (
     purpose text NOT NULL,
     id text NOT NULL,
     since timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (purpose, id)
   )`,
];

export const privacyMigrations = [CreateVault1763800003000];

/** Makes the schema in an empty database, for programs and tests that bring no TypeORM. */
export async function createVault(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  await database.query(tables.join(';\n'));
}
