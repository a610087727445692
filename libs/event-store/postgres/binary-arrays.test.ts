import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { hexByteaArray, int4Array, leafByteaArray, textArray } from './binary-arrays.js';

describe('arrays in PostgreSQL’s binary format', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  test('the server reads every text, number and byte string as it was, in its place', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
    const row = fc.tuple(
      text,
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      text,
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const result = await database.pool.query<{ t: string; n: number; b: Buffer; h: Buffer }>(
          `SELECT t, n, b, h FROM unnest($1::text[], $2::int4[], $3::bytea[], $4::bytea[])
             WITH ORDINALITY AS u (t, n, b, h, place) ORDER BY place`,
          [
            textArray(rows.map(([t]) => t)),
            int4Array(rows.map(([, n]) => n)),
            leafByteaArray(rows.map(([, , b]) => `\0${b}`)),
            hexByteaArray(
              rows.map(([, , , h]) => Buffer.from(h).toString('hex')),
              32,
            ),
          ],
        );
        expect(result.rows.map(({ t, n, b, h }) => [t, n, [...b], [...h]])).toEqual(
          rows.map(([t, n, b, h]) => [t, n, [...Buffer.from(b)], [...h]]),
        );
      }),
      { numRuns: 60 },
    );
  });
});
