import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { breakingProxy } from '../../test/support/breaking-proxy.js';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import {
  type Database,
  inTransaction,
  migrationNames,
  openDatabase,
  type Schema,
} from './database.js';
import { openLog } from './log.js';

const log = openLog('silent');

/** The first release's tables: each migration records its run, so that a second run is seen. */
class CreateThings1700000000001 implements MigrationInterface {
  readonly name = 'CreateThings1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE thing (name text)');
    await runner.query(`INSERT INTO thing VALUES ('from the first release')`);
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}
class ColourThings1700000000002 implements MigrationInterface {
  readonly name = 'ColourThings1700000000002';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE thing ADD COLUMN colour text DEFAULT 'grey'`);
    await runner.query('SELECT pg_sleep(0.3)'); // the others are all there by then
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}
class Broken1700000000003 implements MigrationInterface {
  readonly name = 'Broken1700000000003';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`INSERT INTO thing VALUES ('half')`);
    await runner.query('ALTER TABLE nothing ADD COLUMN colour text');
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

const release = (...migrations: Schema['migrations']): Schema => ({ migrations, entities: [] });
const first = release(CreateThings1700000000001);
const second = release(CreateThings1700000000001, ColourThings1700000000002);
const failing = release(CreateThings1700000000001, ColourThings1700000000002, Broken1700000000003);

describe('the tables of a release', () => {
  let database: TestDatabase;
  let open: Database[];
  beforeEach(async () => {
    database = await freshDatabase();
    open = [];
  });
  afterEach(async () => {
    await Promise.all(open.map((one) => one.close()));
    await database.drop();
  });
  const start = async (schema: Schema) => {
    const opened = await openDatabase(database.url, schema, log);
    open.push(opened);
    return opened;
  };
  const things = async () => (await database.pool.query('SELECT * FROM thing')).rows as unknown[];
  const remembered = async () =>
    (
      await database.pool.query<{ name: string }>('SELECT name FROM migrations ORDER BY id')
    ).rows.map(({ name }) => name);

  test('are made once, by one of the processes that start at once on an empty database; the others wait', async () => {
    await Promise.all([start(second), start(second), start(second), start(second)]);
    expect(await things()).toEqual([{ name: 'from the first release', colour: 'grey' }]);
    expect(await remembered()).toEqual(migrationNames(second));
  });

  test('are changed once, by one of the processes that start at once on those of an older release', async () => {
    await start(first);
    await database.pool.query(`INSERT INTO thing VALUES ('kept')`);
    await Promise.all([start(second), start(second), start(second), start(second)]);
    expect(await things()).toEqual([
      { name: 'from the first release', colour: 'grey' },
      { name: 'kept', colour: 'grey' },
    ]);
    expect(await remembered()).toEqual(migrationNames(second));
  });

  test('stay those of the release before when one of the changes fails, whose name is told; that release goes on', async () => {
    await start(first);
    await expect(start(failing)).rejects.toMatchObject({
      code: 'migration_failed',
      message: 'the migration Broken1700000000003 failed (SQLSTATE 42P01)',
      facts: { migration: 'Broken1700000000003' },
    });
    expect(await things()).toEqual([{ name: 'from the first release' }]);
    expect(await remembered()).toEqual(migrationNames(first));
    await start(first);
  });

  test('of a later release are not worked on by an earlier one', async () => {
    await start(second);
    await expect(start(first)).rejects.toMatchObject({
      code: 'schema_newer',
      facts: { migrations: ['ColourThings1700000000002'] },
    });
    expect(await things()).toEqual([{ name: 'from the first release', colour: 'grey' }]);
  });

  test('are not worked on while a backup is being restored', async () => {
    await start(first);
    await database.pool.query('CREATE TABLE restore_under_way ()');
    await expect(start(second)).rejects.toMatchObject({ code: 'restore_unfinished' });
    expect(await remembered()).toEqual(migrationNames(first));
    open.push(await openDatabase(database.url, second, log, { unfinished: true }));
    expect(await remembered()).toEqual(migrationNames(second));
  });
});

/** Takes longer than a statement of a serving program may take. */
class TakeLong1700000000004 implements MigrationInterface {
  readonly name = 'TakeLong1700000000004';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('SELECT pg_sleep(2.4)');
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}

describe('a database whose host vanished without a word', () => {
  test('holds nobody for longer than a statement may take, and is worked with again when it is back; what changes tables may take longer', async () => {
    const database = await freshDatabase();
    const proxy = await breakingProxy(database.url);
    const opened = await openDatabase(proxy.url, release(TakeLong1700000000004), log, {
      answerMs: 2100,
    });
    const ask = () => [opened.pool.query('SELECT 1'), opened.dataSource.query('SELECT 1')];
    await Promise.all(ask());
    await expect(opened.pool.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
    proxy.hang(true);
    for (const asked of await Promise.allSettled(ask())) expect(asked.status).toBe('rejected');
    proxy.hang(false);
    // An abandoned transaction does not leave its connection to the next caller.
    const given = inTransaction(opened.pool, async (client) => {
      proxy.hang(true);
      await client.query('SELECT 1');
    });
    await expect(given).rejects.toThrow();
    proxy.hang(false);
    expect(opened.pool.totalCount).toBe(0);
    // Connections that were given up get no further queries.
    for (let n = 0; n < 5; n++) await Promise.all(ask());
    await opened.close();
    await proxy.close();
    await database.drop();
  });
});
