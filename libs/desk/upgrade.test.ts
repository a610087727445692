import { expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { feedMigrations } from '#libs/feed/runner';
import { freshDatabase } from '../../test/support/postgres.js';
import { deskMigrations } from './desk.migrations.js';

test('boards that 0.1.0 folded are folded again from the first record', async () => {
  const database = await freshDatabase();
  const migrate = async (migrations: DataSource['options']['migrations']) => {
    const source = new DataSource({
      type: 'postgres',
      url: database.url,
      ...(migrations !== undefined && { migrations }),
    });
    await source.initialize();
    await source.runMigrations();
    await source.destroy();
  };
  const [asBefore] = deskMigrations;
  await migrate([...feedMigrations, asBefore!]);
  await database.pool.query(
    `INSERT INTO board_case VALUES ('c', '人社', 'w', 'SX0001', '', '', '', 1, 0)`,
  );
  for (const name of ['board', 'wallet'])
    await database.pool.query('INSERT INTO projection_checkpoint VALUES ($1, 7)', [name]);
  await migrate([...feedMigrations, ...deskMigrations]);
  expect((await database.pool.query('SELECT * FROM board_case')).rows).toEqual([]);
  expect((await database.pool.query('SELECT name FROM projection_checkpoint')).rows).toEqual([
    { name: 'wallet' },
  ]);
  await database.drop();
});
