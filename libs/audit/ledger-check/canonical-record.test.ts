import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalize, type JsonValue, utf8Bytes } from '#libs/kernel';
import { readRecord, recordBytes, type RecordBody } from '#libs/log';
import { CanonicalRecord } from './canonical-record.js';
import { operatorIn, operatorOf, ruleInputIn, ruleInputOf } from './rule-input.js';

const word = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.constantFrom('', '"', '\\', '\u0000', '\u001f\n', '\u007f', '办件', '\u{1f4c4}', '/'),
);
const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      word.filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;
const digits = (length: number) =>
  fc.string({
    unit: fc.nat(15).map((digit) => digit.toString(16)),
    minLength: length,
    maxLength: length,
  });
const types = ['CaseOpened', 'ConsentRequested', 'ConsentGranted', 'CertificateIssued', 'Other'];
const said = fc.record(
  {
    consent: word,
    case: word,
    notice: fc.record({ hash: word, zh: word }),
    proof: fc.record({ jkt: word, jws: word, method: word, clientDataJSON: word, signature: word }),
    version: fc.record({ number: fc.nat(), signed: word, disclosures: fc.array(value) }),
  },
  { requiredKeys: [] },
);
const record: fc.Arbitrary<RecordBody> = fc
  .record({
    city: word,
    id: digits(32),
    stream: word.filter((name) => name !== ''),
    version: fc.nat(),
    type: fc.oneof(fc.constantFrom(...types), word),
    schema: fc.nat(),
    time: word,
    actor: fc.oneof(fc.record({ client: word }), fc.record({ client: word, operator: word })),
    data: fc
      .tuple(
        said,
        fc.dictionary(
          word.filter((name) => name !== '__proto__'),
          value,
          { maxKeys: 4, noNullPrototype: true },
        ),
      )
      .map(([some, others]) => ({ ...others, ...some })),
    hash: digits(64),
  })
  .map(({ hash, ...rest }) => ({ v: 1, ...rest, prev: rest.version === 0 ? null : hash }));

const reader = new CanonicalRecord();
/** Between other bytes, as rows of a table lie. */
const passes = (bytes: Uint8Array) => {
  const page = Buffer.concat([Buffer.from('"}'), bytes, Buffer.from('"}}')]);
  return reader.passes(page, 2, 2 + bytes.length) ? page : null;
};
const isCanonicalRecord = (bytes: Uint8Array) => {
  try {
    return Buffer.from(canonicalize(readRecord(bytes))).equals(bytes);
  } catch {
    return false;
  }
};
const plain = (name: string) => /^(?!__)[\x20\x21\x23-\x5b\x5d-\x7f]*$/.test(name);
const usual = (json: JsonValue): boolean => {
  if (typeof json === 'number') return Number.isInteger(json) && Math.abs(json) < 1e15;
  if (Array.isArray(json)) return (json as JsonValue[]).every(usual);
  if (typeof json !== 'object' || json === null) return true;
  return Object.entries(json).every(([name, inner]) => plain(name) && usual(inner));
};

describe('a record read in its bytes', () => {
  it('passes where it is of the usual form', () => {
    fc.assert(
      fc.property(record, (body) => {
        fc.pre(usual(body.data));
        expect(passes(recordBytes(body))).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('passes only where the strict reader takes it and would write it so', () => {
    fc.assert(
      fc.property(record, (body) => {
        const bytes = recordBytes(body);
        expect(passes(bytes) === null || isCanonicalRecord(bytes)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is not passed by bytes that were changed, where the strict reader refuses them', () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      remove: fc.nat(3),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc
          .constantFrom(' ', ',', '}', '{"a":1}', '"b":2,', '\\u0041', '\\/', '\\u000a', '\\u001F')
          .map((text) => utf8Bytes(text)),
        fc
          .constantFrom('01', '-0', '1.0', '1e2', '"__proto__":1,', ',"v":1')
          .map((text) => utf8Bytes(text)),
      ),
    });
    fc.assert(
      fc.property(record, change, (body, { at, remove, insert }) => {
        const bytes = recordBytes(body);
        const from = Math.floor(at * bytes.length);
        const changed = Buffer.concat([
          bytes.subarray(0, from),
          insert,
          bytes.subarray(from + remove),
        ]);
        expect(passes(changed) === null || isCanonicalRecord(changed)).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  const around = (data: string, ends = '"v":1,"version":0}') =>
    Buffer.concat([
      Buffer.from('{"actor":{"client":"c"},"city":"x","data":'),
      Buffer.from(data, 'latin1'),
      Buffer.from(
        `,"id":"${'0'.repeat(32)}","prev":null,"schema":1,"stream":"s","time":"t","type":"T",${ends}`,
      ),
    ]);
  it.each<[string, string]>([
    ['of names in another order', '{"b":1,"a":1}'],
    ['of a longer name before a shorter', '{"ab":1,"a":1}'],
    ['of a name twice', '{"a":1,"a":1}'],
    ['of a forbidden name', '{"__proto__":1}'],
    ['of a name with an escape', '{"\\u0061":1}'],
    ['of a minus zero', '{"a":-0}'],
    ['of a leading zero', '{"a":01}'],
    ['of a fraction of nothing', '{"a":1.0}'],
    ['of an exponent', '{"a":1e2}'],
    ['of a large exponent letter', '{"a":1E2}'],
    ['of a number without digits', '{"a":-}'],
    ['of a letter as an escape', '{"a":"\\u0041"}'],
    ['of a long escape that has a short one', '{"a":"\\u000a"}'],
    ['of an escape in large letters', '{"a":"\\u001F"}'],
    ['of an escaped stroke', '{"a":"\\/"}'],
    ['of an escape of another plane', '{"a":"\\u0110"}'],
    ['of a control character', '{"a":"\u0001"}'],
    ['of white space', '{"a": 1}'],
    ['of a comma too many', '{"a":[1,]}'],
    ['of a name without value', '{"a"}'],
    ['of a list', '[]'],
    ['of a surrogate', '{"a":"\xed\xa0\x80"}'],
    ['of two bytes where one would do', '{"a":"\xc1\x81"}'],
    ['of three bytes where two would do', '{"a":"\xe0\x9f\xbf"}'],
    ['of four bytes where three would do', '{"a":"\xf0\x8f\xbf\xbf"}'],
    ['behind the last character', '{"a":"\xf4\x90\x80\x80"}'],
    ['of half a character', '{"a":"\xe5\x8a"}'],
    ['of the second half of one', '{"a":"\x8a"}'],
    ['of a byte that begins nothing', '{"a":"\xf8\x80\x80\x80\x80"}'],
    ['of a text without end', '{"a":"b}'],
    ['of too many levels', `{"a":${'['.repeat(63)}${']'.repeat(63)}}`],
  ])('does not pass with data %s', (_, data) => {
    expect(isCanonicalRecord(around(data))).toBe(false);
    expect(passes(around(data))).toBeNull();
  });
  it.each([
    '"v":1,"version":0',
    '"v":1,"version":0} ',
    '"v":1,"version":0}}',
    '"v":2,"version":0}',
    '"v":1,"version":1}',
    '"v":1,"version":-0}',
    '"v":1,"version":0.0}',
  ])('does not pass when it ends with %s', (ends) => {
    expect(isCanonicalRecord(around('{}', ends))).toBe(false);
    expect(passes(around('{}', ends))).toBeNull();
  });
  it('passes with all that looks like it and is right', () => {
    const data =
      '{"":-1,"A":{"":0},"a":"\\u001f\\n/\x7f","aa":[[],{}],"b":"\xed\x9f\xbf\xf4\x8f\xbf\xbf"}';
    expect(isCanonicalRecord(around(data))).toBe(true);
    expect(passes(around(data))).not.toBeNull();
  });

  it('states what the parsed record states', () => {
    fc.assert(
      fc.property(record, (body) => {
        const page = passes(recordBytes(body));
        fc.pre(page !== null);
        for (const [read, parsed] of [
          [ruleInputIn(page, reader, 7), ruleInputOf(body, 7)],
          [operatorIn(page, reader, 7), operatorOf(body, 7)],
        ] as const)
          expect(read === null ? null : JSON.parse(read)).toEqual(
            parsed === null ? null : JSON.parse(parsed),
          );
      }),
      { numRuns: 300 },
    );
  });
});
