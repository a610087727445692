import decodeQR from 'qr/decode.js';
import { expect, test } from '@jest/globals';
import type { QrCode } from './ports.js';
import { maxQrBytes, qrSvg } from './qr.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Reads the symbol as a reader of our pages does: eight dots a module, a quiet zone of four. */
function read(svg: string): string {
  const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  const [scale, quiet] = [8, 4];
  const side = (size + 2 * quiet) * scale;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let top = 0; top < scale; top++)
      for (let left = 0; left < Number(width) * scale; left++) {
        const dot = ((Number(y) + quiet) * scale + top) * side + (Number(x) + quiet) * scale + left;
        data.fill(0, dot * 4, dot * 4 + 3);
      }
  return decodeQR({ width: side, height: side, data });
}

test('a URL as bytes and a proof as digits are one code, which a reader reads as one text', () => {
  const digits = '0123456789'.repeat(180);
  const code: QrCode = {
    correction: 'L',
    segments: [
      { mode: 'bytes', bytes: bytes('https://a.example/p#') },
      { mode: 'numeric', digits },
    ],
  };
  expect(read(qrSvg(code))).toBe(`https://a.example/p#${digits}`);
});

test('digits take less room as digits than as bytes', () => {
  const digits = '7'.repeat(600);
  const size = (svg: string) => Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  const numeric = qrSvg({ correction: 'M', segments: [{ mode: 'numeric', digits }] });
  const plain = qrSvg({ correction: 'M', segments: [{ mode: 'bytes', bytes: bytes(digits) }] });
  expect(size(numeric)).toBeLessThan(size(plain));
});

test('the level of error correction is the one asked for, not a better one that fits', () => {
  const size = (correction: QrCode['correction']) =>
    Number(
      /viewBox="0 0 (\d+)/.exec(
        qrSvg({ correction, segments: [{ mode: 'bytes', bytes: bytes('x'.repeat(500)) }] }),
      )?.[1],
    );
  expect(size('L')).toBeLessThan(size('M'));
  expect(size('M')).toBeLessThan(size('Q'));
});

test.each([
  ['nothing', { segments: [] }, 'paper_part_wrong'],
  ['letters as digits', { segments: [{ mode: 'numeric', digits: '12a' }] }, 'paper_part_wrong'],
  [
    'more than survives on paper',
    { segments: [{ mode: 'bytes', bytes: new Uint8Array(maxQrBytes + 1) }] },
    'paper_too_long',
  ],
] as const)('%s is refused', (_, { segments }, code) => {
  expect(() => qrSvg({ correction: 'L', segments })).toThrow(expect.objectContaining({ code }));
});
