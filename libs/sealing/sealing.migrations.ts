import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createLeases } from '#libs/lease/postgres';

/**
 * `log_tile` holds full tiles, which never change, and of the levels above the leaves the incomplete ones; incomplete tiles of leaves are
 * read from the records. `log_sealed` is one row: its `epoch` fences sealers that were replaced. 36 bytes a record in all.
 */
const tables = [
  `CREATE TABLE log_tile (
     level smallint NOT NULL,
     tile bigint NOT NULL,
     hashes bytea NOT NULL,
     PRIMARY KEY (level, tile)
   )`,
  // SHA-256 does not compress.
  `ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL`,
  `CREATE TABLE log_sealed (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     epoch bigint NOT NULL,
     size bigint NOT NULL,
     root bytea NOT NULL,
     position bigint NOT NULL,
     tail bytea,
     note bytea
   ) WITH (fillfactor = 10)`,
  `INSERT INTO log_sealed (epoch, size, root, position)
     VALUES (0, 0, decode('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex'), 0)`,
];

/** One row while a refusal stands. Not in `log_sealed`: that row is written with each step. */
const refusals = `CREATE TABLE log_refusal (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     code text NOT NULL,
     since timestamptz NOT NULL DEFAULT now()
   )`;

export class CreateSealing1763800800000 implements MigrationInterface {
  readonly name = 'CreateSealing1763800800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_sealed');
    await runner.query('DROP TABLE log_tile');
  }
}

export class RefuseInEveryProcess1763803700000 implements MigrationInterface {
  readonly name = 'RefuseInEveryProcess1763803700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(refusals);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_refusal');
  }
}

/** Written only where the records are in a store of another kind; beside the records, their own table says all of this. */
const leaves = `CREATE TABLE log_leaf (
     index bigint PRIMARY KEY,
     position bigint NOT NULL,
     version integer NOT NULL,
     stream text COLLATE "C" NOT NULL,
     hash bytea NOT NULL,
     CONSTRAINT log_leaf_stream_version UNIQUE (stream, version)
   )`;

export class LeavesOfOtherStores1763806100000 implements MigrationInterface {
  readonly name = 'LeavesOfOtherStores1763806100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(leaves);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_leaf');
  }
}

/**
 * Beside the records: the leaf hashes from `first` on that a step put into the incomplete tile, until that tile is full. An auditor compares
 * the last records with them one by one, where without them he could tell no more than that one of up to 255 is another.
 */
const edge = `CREATE TABLE log_edge (
     first bigint PRIMARY KEY,
     hashes bytea NOT NULL
   )`;

export class LeavesOfTheLastTile1763806700000 implements MigrationInterface {
  readonly name = 'LeavesOfTheLastTile1763806700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(edge);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_edge');
  }
}

export const sealingMigrations = [
  CreateSealing1763800800000,
  RefuseInEveryProcess1763803700000,
  LeavesOfOtherStores1763806100000,
  LeavesOfTheLastTile1763806700000,
];

/** Makes the tables, and those of the sealer's lease, for programs and tests that bring no TypeORM. */
export async function createSealing(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  await createLeases(database);
  await database.query([...tables, refusals, leaves, edge].join(';\n'));
}
