import { describe, expect, test } from '@jest/globals';
import { createPublicKey, hash, verify } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import fc from 'fast-check';
import type { FieldKind } from '#libs/catalogue';
import { canonicalize, type JsonValue, parseJson, ProductError } from '#libs/kernel';
import { newKey, open, seal } from '#libs/vault';
import { aType, TestAuthority } from '../../test/support/authority.js';
import { fieldSchema } from '../catalogue/field-schema.js';
import { checkContent } from './content.js';
import { readDisclosure, readSdJwt } from './sd-jwt.js';

const authority = new TestAuthority(['ZZ001']);
const kinds: readonly FieldKind[] = [
  'text',
  'date',
  'partial-date',
  'code',
  'number',
  'rows',
  'file',
];
const fields = kinds.map((kind) => ({ key: `字段-${kind}`, kind }));
const type = aType({ fields, schema: { ...fieldSchema('示例', fields), required: [] } });

const reader = new SDJwtInstance<Record<string, unknown>>({
  hasher: (data) => hash('sha256', Buffer.from(data as string), 'buffer'),
  hashAlg: 'sha-256',
  verifier: (data, signature) =>
    verify(
      null,
      Buffer.from(data),
      createPublicKey(authority.keys.signing.key),
      Buffer.from(signature, 'base64url'),
    ),
});

const odd = fc.constantFrom(
  '\ud800',
  '\udfff甲',
  '\ufffd',
  '\ufdd0',
  '甲\u202e乙',
  '甲\u200b',
  '甲\u200d乙',
  '\u2028',
  '\u{e0041}',
  '\u0000',
  '\u0085',
);
const texts = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 10 }) },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: fc.tuple(fc.string({ maxLength: 5 }), odd).map((both) => both.join('')) },
);
const days = fc
  .tuple(
    fc.integer({ min: 0, max: 9999 }),
    fc.integer({ min: 0, max: 13 }),
    fc.integer({ min: 0, max: 32 }),
  )
  .map(
    ([y, m, d]) =>
      `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`,
  );
const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 1e308, 5e-324, 0.1 + 0.2));
const file = fc.record({
  sha256: fc.oneof(fc.constant('0'.repeat(64)), texts),
  mediaType: fc.oneof(fc.constantFrom('application/pdf', 'image/png'), texts),
});
const valueOf: Readonly<Record<FieldKind, fc.Arbitrary<unknown>>> = {
  text: texts,
  lines: texts,
  date: fc.oneof(days, texts),
  'partial-date': fc.oneof(
    days,
    texts,
    fc.constantFrom('1977', '1977-00-00', '2026-03', '2026-02-30'),
  ),
  code: texts,
  number: fc.oneof(numbers, texts),
  rows: fc.array(fc.dictionary(texts, fc.oneof(texts, numbers), { maxKeys: 3 }), { maxLength: 3 }),
  image: file,
  file,
};
/** One field of each kind in turn, mostly of the kind that it should be. */
const given: fc.Arbitrary<Record<string, JsonValue>> = fc.oneof(
  ...fields.map(({ key, kind }) =>
    fc
      .oneof({ weight: 5, arbitrary: valueOf[kind] }, { weight: 1, arbitrary: fc.jsonValue() })
      .map((value) => ({ [key]: value as JsonValue })),
  ),
);

describe('only certificates that can be released are accepted', () => {
  test('what is taken is canonicalised, sealed, opened, released and read by others, exactly', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(given, async (values) => {
        const sdJwt = await authority.sign(authority.content({ fields: values }));
        const accepted = refusable(() => {
          const read = readSdJwt(sdJwt, () => authority.keys.registered.jwk);
          checkContent(read, type, '2026-11-22');
          return read;
        });
        if (accepted === null) return;
        taken++;
        const key = newKey();
        for (const { name, value, text } of accepted.disclosures) {
          expect(parseJson(canonicalize(value))).toEqual(value);
          const sealed = seal(key, Buffer.from(text, 'base64url'), 'aad');
          const opened = open(key, sealed, 'aad').toString('base64url');
          expect(opened).toBe(text);
          const answer = parseJson(JSON.stringify({ disclosures: [opened] })) as {
            disclosures: [string];
          };
          expect(canonicalize(readDisclosure(answer.disclosures[0]))).toBe(
            canonicalize({ name, value }),
          );
        }
        const payload = (await reader.verify(sdJwt)).payload as Record<string, unknown>;
        for (const { name, value } of accepted.disclosures)
          expect(canonicalize(payload[name])).toBe(canonicalize(value));
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  test.each([
    ['half of a surrogate pair by an escape', '"\\ud800"'],
    ['a number without end', '1e400'],
    ['a number of more digits than a double', '12345678901234567890'],
    ['a digit that is lost', '0.12345678901234567890123'],
  ])('refuses %s', async (_, json) => {
    const honest = await authority.sign(authority.content({ fields: { '字段-number': 4711 } }));
    const [, ...disclosures] = honest.split('~');
    const one = disclosures.find((text) => Buffer.from(text, 'base64url').includes('4711')) ?? '';
    const forged = Buffer.from(one, 'base64url').toString().replace('4711', json);
    expect(() => readDisclosure(Buffer.from(forged).toString('base64url'))).toThrow(
      expect.objectContaining({ code: 'disclosure_malformed' }),
    );
  });
});

function refusable<Result>(act: () => Result): Result | null {
  try {
    return act();
  } catch (error) {
    if (error instanceof ProductError) return null;
    throw error;
  }
}
