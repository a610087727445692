import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lookalikes } from './lookalikes.js';

describe('names of departments that look alike are told', () => {
  test.each([
    ['人社', '入社'],
    ['公安', '公 安'],
    ['示例局A', '示例局Ａ'],
    ['示例局A', '示例局А'],
    ['土地', '士地'],
    ['自然资源', '⾃然资源'],
    ['市监', '巿监'],
    ['示例局0', '示例局o'],
  ])('%s and %s', (one, other) => {
    expect(lookalikes([one], [other])).toEqual([[one, other].sort()]);
    expect(lookalikes([one, other, one], [])).toEqual([[one, other].sort()]);
  });

  test('a name of compatibility characters is told beside its normal writing', () => {
    expect(lookalikes(['\uf9d1社'], [])).toEqual([['六社', '\uf9d1社']]);
    expect(lookalikes(['示例局Ａ'], [])).toEqual([['示例局A', '示例局Ａ']]);
  });

  test('the punctuation of Chinese texts is its normal writing', () => {
    expect(lookalikes(['乡镇（街道）村（社区）'], [])).toEqual([]);
  });

  test('and names that differ are not, nor are names that were there before', () => {
    expect(lookalikes(['公安', '民政', '人社'], ['自然资源', '住建'])).toEqual([]);
    expect(lookalikes(['民政'], ['人社', '入社'])).toEqual([]);
  });

  test('however they are written, each pair once, and no name with itself', () => {
    const name = fc.string({
      unit: fc.constantFrom('人', '入', '社', ' ', 'A', 'А', '公'),
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(name), fc.array(name), (fresh, known) => {
        const pairs = lookalikes(fresh, known);
        expect(new Set(pairs.map((pair) => pair.join('\0'))).size).toBe(pairs.length);
        for (const [one, other] of pairs) expect(one < other).toBe(true);
      }),
    );
  });
});
