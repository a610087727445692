import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import PdfKit from 'pdfkit';
import { drawOrderOf } from '#libs/proof/paper';
import { type Font, loadFonts } from '../../apps/renderer/fonts.js';
import { Typesetter } from '../../apps/renderer/typesetter.js';
import type { Raster } from '../support/gray-png.js';
import { rastersOfPages, textsOfPages } from '../support/pdf-pages.js';
import { sampleOwn } from '../support/papers.js';

/**
 * Characters of names that few fonts have, drawn with Debian's fonts-hanazono as a city has it, and
 * held against what another program draws with the same fonts.
 */
const rare = Array.from('䶮𠮷㼆𪨊𫖯𬱖㛃');
/** Of the paper's facts, in points; and dots an inch, so that a glyph is about 30 dots wide. */
const [size, dpi] = [11, 200];

let fonts: readonly Font[];
let typesetter: Typesetter;
beforeAll(async () => {
  fonts = await loadFonts(undefined);
  typesetter = new Typesetter(
    fileURLToPath(new URL('../../libs/proof/paper/templates', import.meta.url)),
    fonts,
  );
});

const paper = (text: string) =>
  sampleOwn('certificate', 'zh', { facts: { 备注: text }, labels: {}, purpose: '样品' });

function ours(text: string): Uint8Array {
  const drawn = typesetter.draw(drawOrderOf(paper(text)));
  if ('fault' in drawn) throw new Error(JSON.stringify(drawn.fault));
  return drawn.pdf;
}

/** Pages of the other program: on each a character alone, in the first font that has it. */
async function theirs(characters: readonly string[]): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  const ended = Promise.withResolvers<null>();
  const pages = new PdfKit({ autoFirstPage: false });
  pages.on('data', (chunk: Buffer) => chunks.push(chunk));
  pages.on('end', () => {
    ended.resolve(null);
  });
  for (const [n, { bytes }] of fonts.entries()) pages.registerFont(`font ${n}`, bytes);
  for (const character of characters) {
    const font = fonts.findIndex(({ bytes }) => hasGlyph(bytes, character));
    pages.addPage({ size: [60, 60], margin: 0 });
    pages.font(`font ${font}`).fontSize(size).text(character, 20, 20);
  }
  pages.end();
  await ended.promise;
  return Buffer.concat(chunks);
}

/** By the font's own table `cmap` of format 12 (OpenType, 1.9.1). */
function hasGlyph(font: Buffer, character: string): boolean {
  const code = character.codePointAt(0)!;
  const tables = font.readUInt16BE(4);
  for (let n = 0; n < tables; n++) {
    const entry = 12 + n * 16;
    if (font.toString('latin1', entry, entry + 4) !== 'cmap') continue;
    const cmap = font.readUInt32BE(entry + 8);
    for (let m = 0; m < font.readUInt16BE(cmap + 2); m++) {
      const sub = cmap + font.readUInt32BE(cmap + 4 + m * 8 + 4);
      if (font.readUInt16BE(sub) !== 12) continue;
      for (let group = 0; group < font.readUInt32BE(sub + 12); group++) {
        const at = sub + 16 + group * 12;
        if (code >= font.readUInt32BE(at) && code <= font.readUInt32BE(at + 4)) return true;
      }
    }
  }
  return false;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Where two rasters differ; where the second is none, all that is not white. A rule that a higher
 * line moves goes over half of the page, and is no part of a glyph.
 */
function differing(a: Raster, b: Raster | null): Box {
  let [left, top, right, bottom] = [a.width, a.height, 0, 0];
  for (let y = 0; y < a.height; y++) {
    const found: number[] = [];
    for (let x = 0; x < a.width; x++) {
      const at = y * a.width + x;
      if (Math.abs(a.dots[at]! - (b === null ? 255 : b.dots[at]!)) >= 96) found.push(x);
    }
    if (found.length === 0 || found.length > a.width / 2) continue;
    [left, top] = [Math.min(left, found[0]!), Math.min(top, y)];
    [right, bottom] = [Math.max(right, found.at(-1)! + 1), y + 1];
  }
  return { left, top, right, bottom };
}

/** The ink of a glyph in 12 times 12 squares, 0 to 1. */
function squares(raster: Raster, { left, top, right, bottom }: Box): number[] {
  const [wide, high] = [right - left, bottom - top];
  return Array.from({ length: 144 }, (_, n) => {
    const [column, row] = [n % 12, Math.floor(n / 12)];
    let [ink, dots] = [0, 0];
    for (
      let y = top + Math.floor((row * high) / 12);
      y < top + Math.ceil(((row + 1) * high) / 12);
      y++
    )
      for (
        let x = left + Math.floor((column * wide) / 12);
        x < left + Math.ceil(((column + 1) * wide) / 12);
        x++
      ) {
        ink += 255 - raster.dots[y * raster.width + x]!;
        dots += 255;
      }
    return ink / dots;
  });
}

const meanDifference = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, n) => sum + Math.abs(value - b[n]!), 0) / a.length;

describe('a rare character', () => {
  test('is the glyph that another program draws with the same font, and no other', async () => {
    const [blank] = await rastersOfPages(ours(''), dpi);
    const others = await rastersOfPages(await theirs(rare), dpi);
    const drawn: number[][] = [];
    const reference = others.map((their) => squares(their, differing(their, null)));
    for (const character of rare) {
      const [our] = await rastersOfPages(ours(character), dpi);
      const box = differing(our!, blank!);
      expect(box.right - box.left).toBeGreaterThan(18);
      drawn.push(squares(our!, box));
    }
    for (const [n, glyph] of drawn.entries()) {
      const distances = reference.map((other) => meanDifference(glyph, other));
      expect([rare[n], distances.indexOf(Math.min(...distances))]).toEqual([rare[n], n]);
      expect(Math.min(...distances)).toBeLessThan(0.15);
    }
  });

  test('can be copied from the page as what it is', async () => {
    const said = (await textsOfPages(ours(rare.join(' ')))).join('');
    for (const character of rare) expect(said).toContain(character);
  });

  test('is refused by its code point where the city has no such font', async () => {
    const without = new Typesetter(
      fileURLToPath(new URL('../../libs/proof/paper/templates', import.meta.url)),
      await loadFonts(''),
    );
    const drawn = without.draw(drawOrderOf(paper(rare.join(' '))));
    expect(drawn).toEqual({ fault: { kind: 'undrawable', codePoints: ['U+2AA0A'] } });
  });

  test('is in a font that is installed: apt-get install fonts-hanazono', () => {
    expect(fonts.map(({ family }) => family)).toContain('HanaMinB');
    expect(readFileSync('/usr/share/fonts/truetype/hanazono/HanaMinB.ttf').length).toBeGreaterThan(
      1e7,
    );
  });
});
