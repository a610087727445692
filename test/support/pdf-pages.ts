import { PDFiumLibrary } from '@hyzyla/pdfium';
import { inflateSync } from 'node:zlib';
import type { Raster } from './gray-png.js';

let library: Promise<PDFiumLibrary> | undefined;

async function pagesOf<T>(
  pdf: Uint8Array,
  read: (page: ReturnType<Awaited<ReturnType<PDFiumLibrary['loadDocument']>>['getPage']>) => T,
): Promise<Awaited<T>[]> {
  library ??= PDFiumLibrary.init();
  const document = await (await library).loadDocument(pdf);
  try {
    const found: Awaited<T>[] = [];
    for (const page of document.pages()) found.push(await read(page));
    return found;
  } finally {
    document.destroy();
  }
}

/** What each page says, as a reader's copy has it. */
export const textsOfPages = (pdf: Uint8Array): Promise<string[]> =>
  pagesOf(pdf, (page) => page.getText());

/** Each page as PDFium draws it. @param dpi dots an inch */
export const rastersOfPages = (pdf: Uint8Array, dpi = 75): Promise<Raster[]> =>
  pagesOf(pdf, async (page) => {
    const { data, width, height } = await page.render({ scale: dpi / 72, render: 'bitmap' });
    const dots = new Uint8Array(width * height);
    for (let n = 0; n < dots.length; n++)
      dots[n] = Math.round((data[n * 4]! + data[n * 4 + 1]! + data[n * 4 + 2]!) / 3);
    return { width, height, dots };
  });

/**
 * The share of ink by which two rasters differ most in one square of a glyph's size; 1 where they
 * are not of one size.
 */
export function greatestDifference(a: Raster, b: Raster, square = 10): number {
  if (a.width !== b.width || a.height !== b.height) return 1;
  let greatest = 0;
  for (let top = 0; top < a.height; top += square)
    for (let left = 0; left < a.width; left += square) {
      let difference = 0;
      for (let y = top; y < Math.min(top + square, a.height); y++)
        for (let x = left; x < Math.min(left + square, a.width); x++)
          difference += a.dots[y * a.width + x]! - b.dots[y * a.width + x]!;
      greatest = Math.max(greatest, Math.abs(difference) / 255 / square ** 2);
    }
  return greatest;
}

/** The files that a PDF of ours carries, in their order. */
export function embeddedFiles(pdf: Uint8Array): Buffer[] {
  const bytes = Buffer.from(pdf);
  const text = bytes.toString('latin1');
  return [
    ...text.matchAll(
      /<<(?:(?!endobj)[^])*?\/Type \/EmbeddedFile(?:(?!endobj)[^])*?>>\s*stream\r?\n/g,
    ),
  ].map(({ 0: head, index }) => {
    const from = index + head.length;
    const length = Number(/\/Length (\d+)/.exec(head)?.[1]);
    const body = bytes.subarray(from, from + length);
    return head.includes('/FlateDecode') ? inflateSync(body) : Buffer.from(body);
  });
}
