import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '#libs/kernel';
import { chainLink, recordBytes } from '#libs/log';
import { bytesOf, EMPTY, formRecords, recordText, storedHash } from './forming.js';

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
