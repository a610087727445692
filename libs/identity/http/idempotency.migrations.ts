import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The request of each Idempotency-Key of a client, and the seed from which its ids derive. Rows are
 * kept for two days.
 */
class CreateIdempotency1763700000000 implements MigrationInterface {
  name = 'CreateIdempotency1763700000000';

  async up(query: QueryRunner): Promise<void> {
    await query.query(`
      CREATE TABLE idempotency (
        client text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        request_hash bytea NOT NULL,
        seed bytea NOT NULL,
        created timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (client, key)
      )`);
    await query.query('CREATE INDEX idempotency_created ON idempotency (created)');
  }

  async down(query: QueryRunner): Promise<void> {
    await query.query('DROP TABLE idempotency');
  }
}

export const idempotencyMigrations = [CreateIdempotency1763700000000];
