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
  ])('refuses %s', (_, text, code) => {
    expect(codeOf(() => parseJson(text))).toBe(code);
  });
  it('takes the same name in two objects, braces in strings, and 20 levels', () => {
    expect(parseJson('[{"a":"}{\\"a"},{"a":","}]')).toEqual([{ a: '}{"a' }, { a: ',' }]);
    expect(codeOf(() => parseJson('['.repeat(20) + ']'.repeat(20)))).toBe('accepted');
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
