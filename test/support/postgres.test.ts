import { expect, test } from '@jest/globals';
import { freshDatabase } from './postgres.js';

test('every test gets an empty database of its own', async () => {
  const [a, b] = await Promise.all([freshDatabase(), freshDatabase()]);
  await a.pool.query('CREATE TABLE mine (n int)');
  const seen = await b.pool.query("SELECT 1 FROM pg_tables WHERE tablename = 'mine'");
  expect(seen.rowCount).toBe(0);
  await Promise.all([a.drop(), b.drop()]);
});
