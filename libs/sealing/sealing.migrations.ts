import type { MigrationInterface, QueryRunner } from 'typeorm';
import { nextEpochOf } from '#libs/event-store/postgres';
import { createLeases } from '#libs/lease/postgres';

/**
 * `log_tile` holds full tiles, which never change, and the incomplete ones of the levels above the
 * leaves; incomplete tiles of leaves are computed from the records. `log_sealed` is one row, whose
 * `epoch` fences replaced sealers: 36 bytes a record in all.
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

/**
 * One row while a refusal is in force. Not in `log_sealed`, because that row is written with each
 * step.
 */
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

/**
 * Written only where the records are in a store of another kind; otherwise the records' own table
 * has all of this.
 */
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
 * Only where the records are in the same database: the leaf hashes from `first` on in the
 * incomplete tile, until it is full. They let an auditor compare the last records one by one,
 * instead of learning only that one of up to 255 differs.
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

const place = 'ALTER TABLE log_refusal ADD COLUMN place jsonb';

/**
 * Where a sealer's finding is: reported by processes that did not find it themselves, and after a
 * restart.
 */
export class PlaceOfRefusal1764720000000 implements MigrationInterface {
  readonly name = 'PlaceOfRefusal1764720000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(place);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE log_refusal DROP COLUMN place');
  }
}

export const sealingMigrations = [
  CreateSealing1763800800000,
  RefuseInEveryProcess1763803700000,
  LeavesOfOtherStores1763806100000,
  LeavesOfTheLastTile1763806700000,
  PlaceOfRefusal1764720000000,
];

/**
 * Makes the tables, and those of the sealer's lease, for programs and tests that bring no TypeORM.
 */
export async function createSealing(database: {
  query(statement: string): Promise<unknown>;
}): Promise<void> {
  await createLeases(database);
  await database.query([...tables, refusals, leaves, edge, place].join(';\n'));
}

/** What the log keeps in tables beside the records: the sealer makes all of it anew from them. */
export const logTables = ['log_tile', 'log_sealed', 'log_leaf', 'log_edge'];

/**
 * After the rows of a backup were loaded: sealers of before are fenced, and nothing is taken before
 * the ledger was compared with its witnesses. A refusal of the backup stays.
 */
export const sealingAfterRestore = [
  nextEpochOf('log_sealed'),
  `INSERT INTO public.log_refusal (code) VALUES ('restored') ON CONFLICT DO NOTHING`,
];
