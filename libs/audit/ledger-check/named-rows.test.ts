import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NamedRows } from './named-rows.js';

test('rows are what a map of texts would hold, however many there are', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.oneof(
            fc.string({ maxLength: 3, unit: 'binary' }),
            fc.string({ minLength: 63, maxLength: 66 }),
          ),
          fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        ),
        {
          maxLength: 3000,
        },
      ),
      (writes) => {
        const rows = new NamedRows(2);
        const map = new Map<string, number>();
        for (const [name, value] of writes) {
          expect(rows.find(name) >= 0).toBe(map.has(name));
          rows.set(rows.add(name), 1, value);
          map.set(name, value);
        }
        for (const [name, value] of map) {
          const row = rows.find(name);
          expect([rows.get(row, 0), rows.get(row, 1)]).toEqual([0, value]);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('a row of three numbers takes at most 60 bytes, however far the table has grown', () => {
  const rows = new NamedRows(3);
  const before = process.memoryUsage().arrayBuffers;
  for (let n = 0; n < 100_000; n++) rows.set(rows.add(`book-${n} consent-${n}`), 2, n);
  expect((process.memoryUsage().arrayBuffers - before) / 100_000).toBeLessThan(60);
  expect(rows.get(rows.find('book-99999 consent-99999'), 2)).toBe(99_999);
});
