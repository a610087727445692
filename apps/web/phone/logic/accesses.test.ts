import { describe, expect, test } from '@jest/globals';
import { type Access, type AccessList, withPage } from './accesses.ts';

const page = (from: number, to: number): AccessList => ({
  accesses: Array.from({ length: to - from }, (_, n) => ({ version: from + n }) as Access),
  earlier: from === 0 ? null : from,
});
const versions = ({ accesses, earlier }: AccessList) => ({
  of: [accesses[0]?.version, accesses.at(-1)?.version, accesses.length],
  earlier,
});

describe('the list of accesses, page by page', () => {
  test('grows at its beginning, and its end is replaced by what is read anew', () => {
    const end = withPage(null, page(500, 1000));
    const longer = withPage(end, page(0, 500));
    expect(versions(longer)).toEqual({ of: [0, 999, 1000], earlier: null });
    expect(versions(withPage(longer, page(503, 1003)))).toEqual({
      of: [0, 1002, 1003],
      earlier: null,
    });
    expect(versions(withPage(end, page(503, 1003)))).toEqual({
      of: [500, 1002, 503],
      earlier: 500,
    });
  });

  test('never has a gap: a page that does not follow begins it anew', () => {
    expect(versions(withPage(page(0, 500), page(700, 1200)))).toEqual({
      of: [700, 1199, 500],
      earlier: 700,
    });
    expect(versions(withPage(page(700, 1200), page(0, 500)))).toEqual({
      of: [700, 1199, 500],
      earlier: 700,
    });
    expect(withPage(page(0, 3), page(0, 0))).toEqual(page(0, 0));
  });
});
