import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeWithVectors, vectorsFolder } from '../../test/support/vectors.js';
import { hex, utf8Bytes } from './bytes.js';
import { canonicalize, JsonError, parseJson } from './json.js';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof JsonError) return error.code;
    throw error;
  }
  return 'accepted';
};

describeWithVectors('canonical JSON agrees with the RFC 8785 data', () => {
  const folder = join(vectorsFolder, 'jcs');
  for (const file of readdirSync(join(folder, 'input')))
    it(file, () => {
      const canonical = canonicalize(parseJson(readFileSync(join(folder, 'input', file), 'utf8')));
      expect(canonical).toBe(readFileSync(join(folder, 'output', file), 'utf8').trimEnd());
      const bytes = readFileSync(join(folder, 'outhex', file.replace('.json', '.txt')), 'utf8');
      expect(hex(utf8Bytes(canonical))).toBe(bytes.replaceAll(/\s/g, ''));
    });
});

describe('canonical JSON', () => {
  it('is the same for the same value, whatever the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalize(shuffled)).toBe(canonicalize(value));
      }),
    );
  });
  it('reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const text = canonicalize(value);
        expect(canonicalize(JSON.parse(text))).toBe(text);
      }),
    );
  });
  it('puts members whose names look like integers in text order', () => {
    expect(canonicalize({ 10: 'b', 9: 'a', a: 1 })).toBe('{"10":"b","9":"a","a":1}');
  });
  it('refuses lone surrogates, infinities and values without a JSON form', () => {
    for (const value of ['\ud800', { '\udfff': 1 }, Infinity, NaN, [undefined], 1n])
      expect(codeOf(() => canonicalize(value))).toBe('json_not_canonical');
  });
});

describe('JSON as the ledger takes it', () => {
  it.each([
    ['a member twice', '{"a":1,"a":2}', 'json_duplicate_member'],
    ['a member twice, once escaped', '{"a":1,"\\u0061":2}', 'json_duplicate_member'],
    ['a member twice, deep inside', '[{"x":{"b":[],"b":0}}]', 'json_duplicate_member'],
    ['a member named __proto__', '{"__proto__":{}}', 'json_forbidden_member'],
    ['__proto__ written with escapes', '{"\\u005f_proto__":{}}', 'json_forbidden_member'],
    ['21 levels', '['.repeat(21) + ']'.repeat(21), 'json_too_deep'],
    ['200,000 levels', '['.repeat(200_000), 'json_too_deep'],
    ['no JSON', '{"a":}', 'json_malformed'],
    ['an open string', '{"a', 'json_malformed'],
    ['nothing', '', 'json_malformed'],
    ['a trailing comma', '{"a":1,}', 'json_malformed'],
    ['a lone surrogate', '["\\ud800"]', 'json_not_canonical'],
    ['a lone surrogate in a name', '{"a\\udfffb":1}', 'json_not_canonical'],
    ['a pair the wrong way round', '["\\udc00\\ud800"]', 'json_not_canonical'],
    ['a number beyond a double', '[1e400]', 'json_not_canonical'],
    ['as many digits as nobody means', `[${'9'.repeat(401)}]`, 'json_not_canonical'],
  ])('refuses %s', (_, text, code) => {
    expect(codeOf(() => parseJson(text))).toBe(code);
  });
  it('takes the same name in two objects, braces in strings, and 20 levels', () => {
    expect(parseJson('[{"a":"}{\\"a"},{"a":","}]')).toEqual([{ a: '}{"a' }, { a: ',' }]);
    expect(codeOf(() => parseJson('['.repeat(20) + ']'.repeat(20)))).toBe('accepted');
  });
  it('refuses U+0000 and numbers that would be rounded where it is told to', () => {
    const door = { nul: 'refused', numbers: 'exact' } as const;
    for (const [text, code] of [
      ['["a\\u0000"]', 'json_nul'],
      ['{"\\u0000":1}', 'json_nul'],
      ['[12345678901234567890]', 'json_number_inexact'],
      ['[9007199254740993]', 'json_number_inexact'],
      ['[0.10000000000000001]', 'json_number_inexact'],
      ['[1e-400]', 'json_number_inexact'],
      ['[0.10, 1.0e3, -0.0e0, 9007199254740991, 1E30, 123456789012345.60]', 'accepted'],
    ] as const) {
      expect(codeOf(() => parseJson(text, door))).toBe(code);
      expect(codeOf(() => parseJson(text))).toBe('accepted');
    }
  });
  it('takes every double as it is written, and no two texts of different numbers for one', () => {
    const exact = { numbers: 'exact' } as const;
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.bigInt(-(10n ** 30n), 10n ** 30n),
        (double, integer) => {
          expect(parseJson(JSON.stringify([double]), exact)).toEqual(
            JSON.parse(JSON.stringify([double])),
          );
          if (codeOf(() => parseJson(`[${integer}]`, exact)) === 'accepted')
            expect(BigInt(Number(integer).toLocaleString('fullwide', { useGrouping: false }))).toBe(
              integer,
            );
        },
      ),
    );
  });
  it('is bounded in members, elements, and both together, and says which', () => {
    const bounds = { membersOfAnObject: 3, elementsOfAnArray: 4, values: 12, lettersOfAName: 4 };
    const members = (n: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: n }, (_, i) => [`m${i}`, 0])));
    for (const [text, facts] of [
      [members(3), null],
      [members(4), { of: 'members', limit: 3 }],
      ['[1,2,3,4]', null],
      ['{"\\u4e2d\\u4e2d\\u4e2d":0}', null],
      [`{"${'x'.repeat(25)}":0}`, { of: 'letters of a name', limit: 4 }],
      ['[1,2,3,4,5]', { of: 'elements', limit: 4 }],
      ['[[1,2,3],[1,2,3],[1,2,3]]', null],
      ['[[1,2,3],[1,2,3],[1,2,3],[1]]', { of: 'values', limit: 12 }],
    ] as const) {
      let refused: unknown = null;
      try {
        parseJson(text, bounds);
      } catch (error) {
        refused = (error as JsonError).facts;
      }
      expect(refused).toEqual(facts);
    }
  });
  it('takes what JSON.parse takes, and gives the same', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        fc.pre(codeOf(() => parseJson(text)) === 'accepted');
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});
