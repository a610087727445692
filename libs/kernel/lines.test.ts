import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineCutter, type LineFeed } from './lines.js';

function cut(bytes: Uint8Array, cuts: readonly number[], maxBytes = 1000, feed?: LineFeed) {
  const cutter = new LineCutter(maxBytes, feed);
  const places = [0, ...cuts.map((n) => n % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  const lines = places.flatMap((place, n) =>
    n === 0 ? [] : cutter.push(bytes.subarray(places[n - 1], place)),
  );
  return [...lines, ...cutter.end()];
}
const cuts = fc.array(fc.nat());
const encode: Record<LineFeed, (text: string) => Uint8Array> = {
  byte: (text) => Buffer.from(text, 'utf8'),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'utf-16be': (text) => Buffer.from(text, 'utf16le').swap16(),
};
/** Letters whose bytes look like line feeds, and line ends of every kind. */
const letters = fc.constantFrom('a', '\n', '\r', '\r\n', '\u0a00', '\u0a0a', '\u000a', '示', '\0');

describe('lines of bytes', () => {
  it.each<LineFeed>(['byte', 'utf-16le', 'utf-16be'])(
    'are the same wherever the chunks end, and all bytes are accounted for (%s)',
    (feed) => {
      fc.assert(
        fc.property(fc.array(letters, { maxLength: 60 }), cuts, (parts, places) => {
          const text = parts.join('');
          const bytes = encode[feed](text);
          const lines = cut(bytes, places, 1000, feed);
          const expected = text.split('\n');
          if (expected.at(-1) === '') expected.pop();
          expect(lines.map(({ line }) => line)).toEqual(expected.map((_, n) => n + 1));
          expect(lines.map((one) => Buffer.from(one.bytes).toString('hex'))).toEqual(
            expected.map((line, n) => {
              const ended = n < expected.length - 1 || text.endsWith('\n');
              const said = ended ? line.replace(/\r$/, '') : line;
              return Buffer.from(encode[feed](said)).toString('hex');
            }),
          );
          if (bytes.length > 0) expect(lines.at(-1)?.upTo).toBe(bytes.length);
        }),
      );
    },
  );

  it('that are too long are told and not kept, and those behind them keep their numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 })), cuts, (lengths, places) => {
        const bytes = Buffer.from(lengths.map((n) => `${'x'.repeat(n)}\n`).join(''));
        const lines = cut(bytes, places, 10);
        expect(lines.map(({ tooLong, bytes: kept }) => (tooLong ? null : kept.length))).toEqual(
          lengths.map((n) => (n > 10 ? null : n)),
        );
        expect(lines.map(({ line }) => line)).toEqual(lengths.map((_, n) => n + 1));
      }),
    );
  });
});
