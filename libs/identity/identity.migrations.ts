import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What identity keeps beside the streams: none of it is the ledger's, and all of it may be lost but for `replay_memory`, which is logged
 * so that a proof that was used before a crash is refused after it.
 *
 * - `replay_memory`: one-time values, as SHA-256 of purpose and value.
 * - `request_rate`: requests of the current second, by client. Unlogged: after a crash everybody starts anew.
 * - `daily_holder`, `daily_holder_count`: distinct holders of a day (Asia/Shanghai), by window and by department; holders as salted hashes.
 * The token issuer keeps nothing but used ids: its access tokens are signed, and its clients are streams.
 */
class CreateIdentity1763800100000 implements MigrationInterface {
  name = 'CreateIdentity1763800100000';

  async up(query: QueryRunner): Promise<void> {
    for (const statement of tables) await query.query(statement);
  }

  async down(query: QueryRunner): Promise<void> {
    await query.query(
      `DROP TABLE replay_memory, request_rate, daily_salt, daily_holder, daily_holder_count`,
    );
  }
}

const tables = [
  `CREATE TABLE replay_memory (
     value_hash bytea PRIMARY KEY,
     expires timestamptz NOT NULL
   )`,
  `CREATE INDEX replay_memory_expires ON replay_memory (expires)`,
  `CREATE UNLOGGED TABLE request_rate (
     client text COLLATE "C" PRIMARY KEY,
     second bigint NOT NULL,
     taken integer NOT NULL
   ) WITH (fillfactor = 50)`,
  `CREATE TABLE daily_salt (
     day date PRIMARY KEY,
     salt bytea NOT NULL
   )`,
  `CREATE TABLE daily_holder (
     day date NOT NULL,
     place text COLLATE "C" NOT NULL,
     holder_hash bytea NOT NULL,
     PRIMARY KEY (day, place, holder_hash)
   )`,
  `CREATE TABLE daily_holder_count (
     day date NOT NULL,
     place text COLLATE "C" NOT NULL,
     holders integer NOT NULL,
     PRIMARY KEY (day, place)
   )`,
];

export const identityMigrations = [CreateIdentity1763800100000];

/** Makes the tables in an empty database, for tests that bring no TypeORM. */
export async function createIdentityTables(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  for (const statement of tables) await database.query(statement);
}
