import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { pngOf, type Raster, rasterOf } from '../support/gray-png.js';
import { greatestDifference, rastersOfPages } from '../support/pdf-pages.js';
import { sampleFacts, samplePapers, sampleProof } from '../support/papers.js';
import { pdfOf } from '../support/typesetter.js';

/**
 * Each layout in both languages, as it was looked at. `WRITE_RASTERS=1` writes them anew: look at
 * each that changed before it is committed.
 */
const folder = new URL('rasters/', import.meta.url);
const isWriting = process.env['WRITE_RASTERS'] !== undefined;

/** A glyph of the smallest size is 4 % of ink in a square of its own, and other smoothing 1 %. */
const most = 0.02;

async function first(pdf: Uint8Array): Promise<Raster> {
  const [raster] = await rastersOfPages(pdf);
  // In sixteen greys, as the golden one is.
  return { ...raster!, dots: raster!.dots.map((dot) => (dot >> 4) * 17) };
}

describe('a page looks as it did', () => {
  test.each(samplePapers())('%s', async (name, paper) => {
    const file = new URL(`${name}.png`, folder);
    const raster = await first(await pdfOf(paper));
    if (isWriting) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, pngOf(raster));
    }
    expect(existsSync(file)).toBe(true);
    expect(greatestDifference(raster, rasterOf(readFileSync(file)))).toBeLessThan(most);
  });

  test.each([
    ['a character of a name', { facts: { ...sampleFacts.ZM001, 姓名: '林示侧' } }],
    ['a digit of an amount', { facts: { ...sampleFacts.ZM001, 账户余额: 98231.58 } }],
    ['a letter of the code', { code: 'KDWA-7MXE-QTRP' }],
    ['a day', { checkAgain: '2027-02-27' }],
    [
      'a letter of the issuer',
      { issuer: { name: '示例市住房公积金管理中出', seal: { kind: 'sample' } } },
    ],
    ['that it is no trial', { trial: false }],
  ] as const)('and differs where it says another thing: %s', async (_, changes) => {
    const [a, b] = [
      await first(await pdfOf(sampleProof('ZM001', 'zh'))),
      await first(await pdfOf(sampleProof('ZM001', 'zh', changes))),
    ];
    expect(greatestDifference(a, b)).toBeGreaterThan(most);
  });
});
