import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { SystemClock } from '#libs/kernel';
import { freshDatabase } from '../../../test/support/postgres.js';
import { createIdentityTables } from '../identity.migrations.js';
import { PostgresArtifacts } from './artifacts.js';

let pool: pg.Pool;
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  await createIdentityTables(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('of eight that consume a code at once, one gets on', async () => {
  const codes = new PostgresArtifacts(pool, new SystemClock(), 'AuthorizationCode');
  await codes.upsert('code', { grantId: 'grant' }, 60);
  expect(await codes.find('code')).toEqual({ grantId: 'grant' });
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => codes.consume('code')));
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await codes.find('code')).toEqual({ grantId: 'grant', consumed: true });
});

test('what is revoked, or has expired, is not there', async () => {
  const tokens = new PostgresArtifacts(pool, new SystemClock(), 'RefreshToken');
  await tokens.upsert('revoked', { grantId: 'one' }, 60);
  await tokens.upsert('other', { grantId: 'two' }, 60);
  await tokens.upsert('expired', { grantId: 'two' }, -1);
  await tokens.revokeByGrantId('one');
  expect(await Promise.all(['revoked', 'other', 'expired'].map((id) => tokens.find(id)))).toEqual([
    undefined,
    { grantId: 'two' },
    undefined,
  ]);
});
