import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What must be erasable is here and not in the ledger: subject keys (a destroyed one leaves its row
 * with `wrapped` null, so that no second is made), look-up rows, files. `lookup.noted` says that
 * the subject's stream is known to hold the identifier; a paper's name leads to its certificate
 * until its last holder is erased, and `number` finds papers of several holders.
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
  `CREATE TABLE vault.paper_name (
     name bytea PRIMARY KEY CHECK (length(name) = 32),
     pepper text NOT NULL,
     number bytea NOT NULL CHECK (length(number) = 32),
     certificate text COLLATE "C" NOT NULL
   )`,
  `CREATE INDEX paper_name_number ON vault.paper_name (number)`,
  `CREATE INDEX paper_name_certificate ON vault.paper_name (certificate)`,
  `CREATE TABLE vault.paper_holder (
     subject text COLLATE "C" NOT NULL,
     certificate text COLLATE "C" NOT NULL,
     PRIMARY KEY (subject, certificate)
   )`,
  `CREATE INDEX paper_holder_certificate ON vault.paper_holder (certificate)`,
  `CREATE TABLE vault.paper_confirmed (
     certificate text COLLATE "C" PRIMARY KEY,
     as_of text COLLATE "C" NOT NULL
   )`,
  `CREATE TABLE vault.sealed_blob (
     id text COLLATE "C" PRIMARY KEY,
     sealed bytea NOT NULL,
     client text COLLATE "C" NOT NULL,
     size integer NOT NULL,
     named boolean NOT NULL DEFAULT false,
     created timestamptz NOT NULL DEFAULT now()
   )`,
  `CREATE INDEX sealed_blob_unnamed ON vault.sealed_blob (client) INCLUDE (size) WHERE NOT named`,
  `ALTER TABLE vault.sealed_blob ALTER COLUMN sealed SET STORAGE EXTERNAL`,
  `CREATE TABLE vault.key_in_use (
     purpose text NOT NULL,
     id text NOT NULL,
     since timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (purpose, id)
   )`,
];

/**
 * Tables of erasure: the subjects of each stored file, where an erasure or a legal hold is decided
 * (`done` says that the erasure is completed), and the master keys that were destroyed. A row under
 * a destroyed key could never be opened, so that it is refused: a process that still has the old
 * key fails instead of losing data.
 */
class AddErasure1763800004000 implements MigrationInterface {
  readonly name = 'AddErasure1763800004000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of erasureTables) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER subject_key_retired ON vault.subject_key');
    await runner.query('DROP FUNCTION vault.refuse_retired_key');
    await runner.query('DROP TABLE vault.retired_key');
    await runner.query('DROP TABLE vault.blob_holder');
  }
}

const erasureTables = [
  `CREATE TABLE vault.blob_holder (
     blob text COLLATE "C" NOT NULL,
     subject text COLLATE "C" NOT NULL,
     PRIMARY KEY (subject, blob)
   )`,
  `CREATE INDEX blob_holder_blob ON vault.blob_holder (blob)`,
  `CREATE TABLE vault.retired_key (
     id text PRIMARY KEY,
     retired timestamptz NOT NULL DEFAULT now()
   )`,
  `CREATE FUNCTION vault.refuse_retired_key() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF EXISTS (SELECT FROM vault.retired_key AS r
                WHERE r.id IN (SELECT master_key_id FROM made WHERE wrapped IS NOT NULL)) THEN
       RAISE EXCEPTION 'the master key was given up' USING ERRCODE = 'MZ001';
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER subject_key_retired AFTER INSERT ON vault.subject_key
   REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_retired_key()`,
];

export const vaultMigrations = [CreateVault1763800003000, AddErasure1763800004000];

/** Makes the schema in an empty database, for programs and tests that bring no TypeORM. */
export async function createVault(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  await database.query([...tables, ...erasureTables].join(';\n'));
}
