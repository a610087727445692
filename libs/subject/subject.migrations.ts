import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateQrCode1763800610000 implements MigrationInterface {
  name = 'CreateQrCode1763800610000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`
      CREATE TABLE qr_code (
        code_hash text COLLATE "C" PRIMARY KEY,
        subject text NOT NULL,
        jkt text NOT NULL,
        expires text COLLATE "C" NOT NULL,
        used_by text
      )`);
    await queries.query('CREATE INDEX qr_code_expires ON qr_code (expires)');
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE qr_code');
  }
}

/**
 * In the schema of the vault, because it must be able to disappear with the subject's key.
 * `lookup.noted` says that the subject's stream is known to hold the identifier: a row without it
 * is left of an interrupted command, which the next one that meets it finishes.
 */
export class CreateSubject1763800004500 implements MigrationInterface {
  name = 'CreateSubject1763800004500';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of vaultTables) await queries.query(statement);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(
      `DROP TABLE vault.erased_until, vault.legal_hold, vault.erasure, vault.phone_key,
         vault.enrolment_code, vault.lookup`,
    );
  }
}

const vaultTables = [
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
  // The key of a phone whose subject was erased stays, with no subject: enrolled for another person
  // it would link the records of both.
  `CREATE TABLE vault.phone_key (
     jkt text COLLATE "C" PRIMARY KEY,
     subject text COLLATE "C",
     claimed timestamptz NOT NULL DEFAULT now()
   )`,
  `CREATE INDEX phone_key_subject ON vault.phone_key (subject)`,
  // `done`: nothing of the erasure is left to do.
  `CREATE TABLE vault.erasure (
     erasure text COLLATE "C" PRIMARY KEY,
     subject text COLLATE "C" NOT NULL,
     done boolean NOT NULL DEFAULT false
   )`,
  `CREATE TABLE vault.legal_hold (
     hold text COLLATE "C" PRIMARY KEY,
     subject text COLLATE "C" NOT NULL
   )`,
  // Up to which position of the feed the vault is known to agree with the records of erasures: it
  // is restored together with the vault.
  `CREATE TABLE vault.erased_until (
     sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
     position bigint NOT NULL
   )`,
];

const typedCodes = `CREATE TABLE vault.typed_code (
     enrolment text COLLATE "C" PRIMARY KEY,
     handle text COLLATE "C" NOT NULL,
     sealed bytea NOT NULL,
     tries smallint NOT NULL DEFAULT 0,
     expires timestamptz NOT NULL
   )`;

export class CreateTypedCode1764547200000 implements MigrationInterface {
  name = 'CreateTypedCode1764547200000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(typedCodes);
    await queries.query('CREATE INDEX typed_code_handle ON vault.typed_code (handle)');
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE vault.typed_code');
  }
}

export const subjectMigrations = [
  CreateSubject1763800004500,
  CreateQrCode1763800610000,
  CreateTypedCode1764547200000,
];

/** Makes the tables beside those of the vault, for tests that bring no TypeORM. */
export async function createSubject(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  await database.query([...vaultTables, typedCodes].join(';\n'));
}
