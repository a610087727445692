import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalize, JsonError, type JsonObject } from '#libs/kernel';
import { chainLink, recordBytes } from '#libs/log';
import { bytesOf, EMPTY, formRecords, recordText, storedHash } from './forming.js';

const plainEvent = {
  id: '0'.repeat(32),
  type: 'CaseOpened',
  schema: 1,
  time: '2026-01-01T00:00:00.000Z',
  actor: { client: 'window-1' },
};
const text = fc.string({ unit: 'grapheme' });
const event = fc.record({
  id: fc.stringMatching(/^[0-9a-f]{32}$/),
  type: text,
  schema: fc.nat(),
  time: text,
  actor: fc.oneof(fc.record({ client: text }), fc.record({ client: text, operator: text })),
  data: fc
    .dictionary(text, fc.jsonValue({ stringUnit: 'grapheme' }))
    .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject),
});

test('a stored record is its canonical JSON, whatever its content', () => {
  fc.assert(
    fc.property(text, text, fc.nat(), event, (city, stream, version, made) => {
      const prev = version === 0 ? null : 'ab'.repeat(32);
      const bytes = recordBytes({ v: 1, city, stream, version, prev, ...made });
      expect(recordText(city, stream, version, made, prev)).toBe(Buffer.from(bytes).toString());
    }),
  );
});

class Told extends Array<number> {
  toJSON(): string {
    return 'something else';
  }
}

test.each<[string, object]>([
  ['members out of order', { b: 1, a: { d: [{ f: 1, e: 2 }], c: 3 } }],
  ['names that look like numbers', { 10: 'ten', 9: 'nine', '01': 'one' }],
  ['names beyond the first plane', { '\u{1f600}': 1, '\ufb33': 2, ö: 3 }],
  ['a member without a value', { a: 1, b: undefined }],
  ['an object that would say something else', { a: new Date(0) }],
  ['a list that would say something else', { a: new Told(1, 2) }],
  ['a negative zero, and numbers large and small', { a: -0, b: 1e21, c: 1e-7, d: 0.1 }],
])('a record with %s is written in canonical form', (_what, data) => {
  const made = { ...plainEvent, data: data as JsonObject };
  expect(recordText('city.example', 'case-1', 0, made, null)).toContain(
    `"data":${canonicalize(data)},"id"`,
  );
});

test.each<[string, object]>([
  ['half of a surrogate pair', { a: ['\ud800'] }],
  ['half of a surrogate pair in a name', { '\udc00': 1 }],
  ['a number that is not finite', { a: { b: NaN } }],
  ['a list with nothing in a place', { a: [1, undefined] }],
  ['a function', { toJSON: () => 'something else' }],
])('a record with %s is refused', (_what, data) => {
  const made = { ...plainEvent, data: data as JsonObject };
  expect(() => recordText('city.example', 'case-1', 0, made, null)).toThrow(JsonError);
});

test('each record carries the leaf hash of the one before, and its own is that of its bytes', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), (events) => {
      const records = formRecords('city.example', 'case-1', EMPTY, events);
      for (const [n, record] of records.entries()) {
        expect(record.hash).toBe(chainLink(bytesOf(record)));
        expect(record.hash).toBe(storedHash(bytesOf(record)));
        const { prev } = JSON.parse(Buffer.from(bytesOf(record)).toString()) as { prev: string };
        expect(prev).toBe(records[n - 1]?.hash ?? null);
      }
    }),
  );
});
