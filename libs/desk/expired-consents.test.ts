import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { countExpiredConsents, deskMigrations } from './desk.module.js';

describe('consents that ran out', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
    const source = new DataSource({
      type: 'postgres',
      url: database.url,
      migrations: deskMigrations,
    });
    await source.initialize();
    await source.runMigrations();
    await source.destroy();
  });
  afterAll(() => database.drop());

  test('are counted once between two looks, whether they waited for an answer or for their use', async () => {
    const at = (minute: number) => `2026-11-22T10:0${minute}:00.000Z`;
    for (const [minute, state] of [
      [1, 'waiting'],
      [2, 'granted'],
      [3, 'waiting'],
    ] as const)
      await database.pool.query(
        `INSERT INTO board_consent (consent, case_id, role, materials, state, until)
         VALUES ($1, 'c', 'applicant', '{ZZ001}', $2, $3)`,
        [`consent-${minute}`, state, at(minute)],
      );
    const count = (after: string, upTo: string) => countExpiredConsents(database.pool, after, upTo);
    expect(await count(at(0), at(2))).toBe(2);
    expect(await count(at(2), at(3))).toBe(1);
    expect(await count(at(3), at(9))).toBe(0);
  });
});
