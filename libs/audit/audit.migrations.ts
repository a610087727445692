import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `authority_key`: keys of issuing authorities, folded from the clients' streams; `since` and
 * `until` are versions there, `until` null while it lasts.
 */
class CreateAuthorityKey1763800700000 implements MigrationInterface {
  name = 'CreateAuthorityKey1763800700000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`
      CREATE TABLE authority_key (
        client text COLLATE "C" NOT NULL,
        kid text COLLATE "C" NOT NULL,
        since integer NOT NULL,
        until integer,
        authority text COLLATE "C" NOT NULL,
        alg text COLLATE "C" NOT NULL,
        jwk text COLLATE "C" NOT NULL,
        retired boolean NOT NULL,
        PRIMARY KEY (client, kid, since)
      )`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE authority_key');
  }
}

export const auditMigrations = [CreateAuthorityKey1763800700000];
