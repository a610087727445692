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

/**
 * What erasure needs: which subjects a stored file is of, where an erasure or a legal hold stands (the row leads to the subject's stream, and
 * `done` says that nothing of the erasure is left to do), and which master keys were given up. A row under such a key could be opened by nobody
 * any more, so none is taken: a process that still works with the old key is refused instead of losing what it writes.
 */
class AddErasure1763800004000 implements MigrationInterface {
  readonly name = 'AddErasure1763800004000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of erasureTables) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER subject_key_retired ON vault.subject_key');
    await runner.query('DROP FUNCTION vault.refuse_retired_key');
    await runner.query('DROP TABLE vault.retired_key, vault.legal_hold, vault.erasure');
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
  `CREATE TABLE vault.erasure (
     erasure text COLLATE "C" PRIMARY KEY,
     subject text COLLATE "C" NOT NULL,
     done boolean NOT NULL DEFAULT false
   )`,
  `CREATE TABLE vault.legal_hold (
     hold text COLLATE "C" PRIMARY KEY,
     subject text COLLATE "C" NOT NULL
   )`,
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

/** Up to which position of the feed the vault is known to agree with the records of erasures: it is restored together with the vault. */
class AgreeWithErasures1763807000000 implements MigrationInterface {
  readonly name = 'AgreeWithErasures1763807000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(erasedUntil);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE vault.erased_until');
  }
}

const erasedUntil = `CREATE TABLE vault.erased_until (
  sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
  position bigint NOT NULL
)`;

/** The key of a phone whose subject was erased stays, and leads to nobody: with another subject it would join what the records say of the two. */
class KeepSpentPhoneKeys1763808000000 implements MigrationInterface {
  readonly name = 'KeepSpentPhoneKeys1763808000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(spentPhoneKeys);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM vault.phone_key WHERE subject IS NULL');
    await runner.query('ALTER TABLE vault.phone_key ALTER COLUMN subject SET NOT NULL');
  }
}

const spentPhoneKeys = 'ALTER TABLE vault.phone_key ALTER COLUMN subject DROP NOT NULL';

export const privacyMigrations = [
  CreateVault1763800003000,
  AddErasure1763800004000,
  AgreeWithErasures1763807000000,
  KeepSpentPhoneKeys1763808000000,
];

/** Makes the schema in an empty database, for programs and tests that bring no TypeORM. */
export async function createVault(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  await database.query([...tables, ...erasureTables, erasedUntil, spentPhoneKeys].join(';\n'));
}
