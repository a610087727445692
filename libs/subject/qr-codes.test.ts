import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { CreateQrCode1763800610000 } from './subject.migrations.js';
import { PostgresQrCodes } from './qr-codes.postgres.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  const { pool } = database;
  await new CreateQrCode1763800610000().up({
    query: (statement: string) => pool.query(statement),
  } as unknown as QueryRunner);
});
afterAll(() => database.drop());

describe('a QR code', () => {
  const somebody = { subject: 'somebody', jkt: 'a-phone' };
  const now = '2026-11-22T08:00:00.000Z';
  const codes = () => new PostgresQrCodes(database.pool);

  test('is good for one use within 60 seconds; a retry of the same use is answered alike', async () => {
    expect(await codes().issue('code-1', somebody, now)).toEqual({
      expires: '2026-11-22T08:01:00.000Z',
    });
    expect(await codes().use('code-1', 'first', '2026-11-22T08:01:00.000Z')).toEqual(somebody);
    expect(await codes().use('code-1', 'second', '2026-11-22T08:00:30.000Z')).toBeNull();
    expect(await codes().use('code-1', 'first', '2026-11-22T08:09:00.000Z')).toEqual(somebody);
  });

  test('is looked at without being used up, as whoever would use it finds it', async () => {
    await codes().issue('code-7', somebody, now);
    expect(await codes().find('code-7', 'first', now)).toEqual(somebody);
    expect(await codes().use('code-7', 'second', now)).toEqual(somebody);
    expect(await codes().find('code-7', 'first', now)).toBeNull();
    expect(await codes().find('code-7', 'second', '2026-11-22T08:09:00.000Z')).toEqual(somebody);
    expect(await codes().find('never issued', 'first', now)).toBeNull();
  });

  test('that expired, or that nobody issued, is nobody’s', async () => {
    await codes().issue('code-2', somebody, now);
    expect(await codes().use('code-2', 'first', '2026-11-22T08:01:00.001Z')).toBeNull();
    expect(await codes().use('never issued', 'first', now)).toBeNull();
  });

  test('issued again by a retry keeps its time', async () => {
    await codes().issue('code-3', somebody, now);
    expect(await codes().issue('code-3', somebody, '2026-11-22T08:00:20.000Z')).toEqual({
      expires: '2026-11-22T08:01:00.000Z',
    });
  });

  test('used by many at once is used by one', async () => {
    await codes().issue('code-4', somebody, now);
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, n) => codes().use('code-4', `user-${n}`, now)),
    );
    expect(results.filter((subject) => subject !== null)).toHaveLength(1);
  });

  test('is kept by hash only, and forgotten an hour after its end', async () => {
    await codes().issue('code-5', somebody, now);
    const { rows } = await database.pool.query('SELECT * FROM qr_code');
    expect(JSON.stringify(rows)).not.toContain('code-5');
    await codes().issue('code-6', somebody, '2026-11-22T09:02:00.000Z');
    expect((await database.pool.query('SELECT * FROM qr_code')).rowCount).toBe(1);
  });
});
