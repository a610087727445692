import { expect, test } from '@jest/globals';
import { partsOf, textOf } from './catalogue-parts.ts';

test('a file is cut between lines, with the header in each part and the lines of a matter together', () => {
  const text = 'matter\tmaterial\nSX0001\tZZ001\nSX0001\tZZ002\nSX0002\tZZ001\n';
  expect(partsOf(text, 20)).toEqual([
    { content: 'matter\tmaterial\nSX0001\tZZ001\nSX0001\tZZ002\n', lineOffset: 0 },
    { content: 'matter\tmaterial\nSX0002\tZZ001\n', lineOffset: 2 },
  ]);
  expect(partsOf(text)).toEqual([{ content: text, lineOffset: 0 }]);
  expect(partsOf('')).toEqual([]);
});

test('a file is read as UTF-8, or as GB 18030 where it is none', () => {
  expect(textOf(new TextEncoder().encode('居民身份证').buffer)).toBe('居民身份证');
  expect(textOf(Uint8Array.from([0xbe, 0xd3, 0xc3, 0xf1]).buffer)).toBe('居民');
});
