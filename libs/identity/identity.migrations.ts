import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What identity keeps beside the streams: all of it may be lost but `client_claim` and
 * `replay_memory`, which is logged so that a proof that was used before a crash is refused after
 * it.
 * - `replay_memory`: one-time values, as SHA-256 of purpose and value
 * - `request_rate`: requests of the current second, by client; unlogged, so that counting restarts
 *   after a crash
 * - `client_claim`: whose a public key (`key:` and its thumbprint) or an authority's credit code
 *   (`code:`) is, and names of departments (`department:`) with who had each first, as the clients'
 *   streams say
 * - `daily_holder`, `daily_holder_count`: distinct holders of a day (Asia/Shanghai), by window and
 *   by department; holders as salted hashes
 * - `hourly_question`: how often a window asked one holder in an hour, under a hash with the day's
 *   salt; unlogged
 * - `terminal_offer`: browsers that wait to become terminals, for a quarter of an hour; unlogged
 * - `passkey_challenge`: what an authenticator is to answer, once; unlogged
 * - `operator_passkey`: whose a passkey is, and how often it said that it was used
 * - `relying_party`: for which RP ID the first passkey was made; a lost row is told anew
 * - `sign_in_artifact`: what the token issuer keeps of a sign-in; unlogged, so that operators sign
 *   in anew after a crash
 * - `operator_of_department`: ids of operators, to list them by; a row without a record is ignored
 */
class CreateIdentity1763800100000 implements MigrationInterface {
  name = 'CreateIdentity1763800100000';

  async up(query: QueryRunner): Promise<void> {
    for (const statement of tables) await query.query(statement);
  }

  async down(query: QueryRunner): Promise<void> {
    await query.query(
      `DROP TABLE replay_memory, request_rate, client_claim, daily_salt, daily_holder, daily_holder_count, hourly_question, terminal_offer, operator_of_department, passkey_challenge, operator_passkey, relying_party, sign_in_artifact`,
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
  `CREATE TABLE client_claim (
     what text COLLATE "C" PRIMARY KEY,
     client text COLLATE "C" NOT NULL
   )`,
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
  `CREATE UNLOGGED TABLE hourly_question (
     hour text COLLATE "C" NOT NULL,
     asked_hash bytea NOT NULL,
     commands bytea[] NOT NULL,
     PRIMARY KEY (hour, asked_hash)
   ) WITH (fillfactor = 50)`,
  `CREATE UNLOGGED TABLE terminal_offer (
     handle text COLLATE "C" PRIMARY KEY,
     ticket_hash bytea NOT NULL UNIQUE,
     jkt text COLLATE "C" NOT NULL,
     jwk jsonb NOT NULL,
     details jsonb,
     proof text,
     expires timestamptz NOT NULL
   )`,
  `CREATE TABLE operator_of_department (
     operator text COLLATE "C" PRIMARY KEY,
     department text NOT NULL
   )`,
  `CREATE UNLOGGED TABLE passkey_challenge (
     waits text COLLATE "C" PRIMARY KEY,
     challenge_hash bytea NOT NULL,
     expires timestamptz NOT NULL
   )`,
  `CREATE TABLE operator_passkey (
     credential text COLLATE "C" PRIMARY KEY,
     operator text COLLATE "C" NOT NULL,
     sign_count bigint NOT NULL
   )`,
  `CREATE TABLE relying_party (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     rp_id text NOT NULL
   )`,
  `CREATE UNLOGGED TABLE sign_in_artifact (
     kind text COLLATE "C" NOT NULL,
     id text COLLATE "C" NOT NULL,
     payload jsonb NOT NULL,
     grant_id text COLLATE "C",
     consumed timestamptz,
     expires timestamptz NOT NULL,
     PRIMARY KEY (kind, id)
   )`,
  `CREATE INDEX sign_in_artifact_grant ON sign_in_artifact (grant_id)`,
  `CREATE INDEX sign_in_artifact_expires ON sign_in_artifact (expires)`,
];

/**
 * `operator_account`: whose an account at the operators' issuer is, under a keyed hash. Where a row
 * is lost, its operator is invited again.
 */
class CreateOperatorAccount1764806400000 implements MigrationInterface {
  name = 'CreateOperatorAccount1764806400000';

  async up(query: QueryRunner): Promise<void> {
    await query.query(operatorAccount);
  }

  async down(query: QueryRunner): Promise<void> {
    await query.query('DROP TABLE operator_account');
  }
}

const operatorAccount = `CREATE TABLE operator_account (
  account text COLLATE "C" PRIMARY KEY,
  operator text COLLATE "C" NOT NULL
)`;

/** `daily_limit_reached`: fails the statement that counted past the limit of a place. */
class CreateDailyLimit1764810000000 implements MigrationInterface {
  name = 'CreateDailyLimit1764810000000';

  async up(query: QueryRunner): Promise<void> {
    await query.query(dailyLimitReached);
  }

  async down(query: QueryRunner): Promise<void> {
    await query.query('DROP FUNCTION daily_limit_reached(text)');
  }
}

/** Its SQLSTATE where a place's limit is reached; the place is its detail. */
export const dailyLimitState = 'MZ002';

const dailyLimitReached = `CREATE FUNCTION daily_limit_reached(place text) RETURNS boolean
  LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'the daily limit is reached' USING ERRCODE = '${dailyLimitState}', DETAIL = place;
  END $$`;

export const identityMigrations = [
  CreateIdentity1763800100000,
  CreateOperatorAccount1764806400000,
  CreateDailyLimit1764810000000,
];

/** Makes the tables in an empty database, for tests that bring no TypeORM. */
export async function createIdentityTables(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  for (const statement of [...tables, operatorAccount, dailyLimitReached])
    await database.query(statement);
}
