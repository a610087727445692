import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inclusionRanges } from '#libs/log';
import { maxPrintsTogether, placeOfPrints } from './places.js';

describe('the place of pages in the log of prints', () => {
  it('gives each of them a path of at most 12 hashes, in a log of any size', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(5000), fc.integer({ min: 0, max: 2 ** 31 })),
        fc.integer({ min: 1, max: maxPrintsTogether }),
        (size, count) => {
          const first = placeOfPrints(size, count) ?? -1;
          expect(first).toBeGreaterThanOrEqual(size);
          for (let n = 0; n < count; n++)
            expect(inclusionRanges(first + n, first + count).length).toBeLessThanOrEqual(12);
        },
      ),
    );
  });

  const bitsOf = (n: number) => n.toString(2).replaceAll('0', '').length;

  it('is, for a page by itself, the next index with at most 12 bits set', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(20_000), fc.nat(2 ** 31 - 1)), (size) => {
        const first = placeOfPrints(size, 1) ?? -1;
        expect(bitsOf(first)).toBeLessThanOrEqual(12);
        for (let n = size; n < Math.min(first, size + 1000); n++)
          expect(bitsOf(n)).toBeGreaterThan(12);
      }),
    );
    const used = Array.from({ length: 2 ** 20 }, (_, n) => n).filter((n) => bitsOf(n) <= 12);
    expect(used.length / 2 ** 20).toBeCloseTo(0.868, 3);
  });

  it('is nowhere in a log that is full', () => {
    expect(placeOfPrints(2 ** 32 - 1, 1)).toBeNull();
    expect(placeOfPrints(2 ** 32, 1)).toBeNull();
    expect(placeOfPrints(2 ** 32 - 3, 8)).toBeNull();
  });
});
