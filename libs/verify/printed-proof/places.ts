import { inclusionRanges } from '#libs/log';
import { printLogLimits } from './proof.js';

/** Pages that are logged under one checkpoint, at most: their paths would be longer. */
export const maxPrintsTogether = 8;

/**
 * The index of the first of `count` pages that are logged together in a log of `size` leaves, under
 * a checkpoint that ends with the last of them: the first from `size` on at which each has a path
 * of at most 12 hashes, where all before `size` is ended at powers of two. A page that is the last
 * leaf of its tree has one hash for each bit of its index that is set; so of the 2^32 indices
 * 462,000,000 are good for a page by itself, and of the first million seven in eight.
 * @returns null where the log is full
 */
export function placeOfPrints(size: number, count: number): number | null {
  let first = size;
  while (first + count <= printLogLimits.leaves) {
    const end = first + count;
    const fits = Array.from({ length: count }, (_, n) => inclusionRanges(first + n, end)).every(
      ({ length }) => length <= printLogLimits.path,
    );
    if (fits) return first;
    // With its lowest bit carried, an index has no more bits set than before.
    first += lowestBit(first);
  }
  return null;
}

function lowestBit(n: number): number {
  let bit = 1;
  while (n % (bit * 2) === 0) bit *= 2;
  return bit;
}
