import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { int4Array, textArray } from './binary-arrays.js';

describe('arrays in PostgreSQL’s binary format', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  test('the server reads every text and number as it was, in its place', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
    const row = fc.tuple(text, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const result = await database.pool.query<{ t: string; n: number }>(
          `SELECT t, n FROM unnest($1::text[], $2::int4[]) WITH ORDINALITY AS u (t, n, place) ORDER BY place`,
          [textArray(rows.map(([t]) => t)), int4Array(rows.map(([, n]) => n))],
        );
        expect(result.rows.map(({ t, n }) => [t, n])).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });
});
