import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hex, utf8Bytes } from '#libs/kernel';
import {
  chainLink,
  leafHash,
  readRecord,
  type RecordBody,
  recordBytes,
  RecordError,
} from './record.js';

const sample: RecordBody = {
  v: 1,
  city: 'city.example/log',
  id: '00112233445566778899aabbccddeeff',
  stream: 'case-AAAAAAAAAAAAAAAAAAAAAA',
  version: 1,
  type: 'CaseClosed',
  schema: 1,
  time: '2026-11-22T01:02:03.004Z',
  actor: { client: 'window-7' },
  data: { outcome: 'accepted' },
  prev: 'a'.repeat(64),
};

describe('a record', () => {
  it('is stored as its RFC 8785 bytes', () => {
    expect(Buffer.from(recordBytes(sample)).toString()).toBe(
      `{"actor":{"client":"window-7"},"city":"city.example/log","data":{"outcome":"accepted"},"id":"00112233445566778899aabbccddeeff",` +
        `"prev":"${'a'.repeat(64)}","schema":1,"stream":"case-AAAAAAAAAAAAAAAAAAAAAA","time":"2026-11-22T01:02:03.004Z","type":"CaseClosed","v":1,"version":1}`,
    );
    expect(readRecord(recordBytes(sample))).toEqual(sample);
  });
  it('is linked by its RFC 6962 leaf hash', () => {
    const bytes = recordBytes(sample);
    expect(chainLink(bytes)).toBe(createHash('sha256').update('\0').update(bytes).digest('hex'));
    // RFC 6962: the leaf hash of nothing is the hash of one zero byte.
    expect(hex(leafHash(new Uint8Array()))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });
  it('gets another hash with any flipped bit', () => {
    const bytes = recordBytes(sample);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const flipped = bytes.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(chainLink(flipped)).not.toBe(chainLink(bytes));
      }),
    );
  });
  it.each([
    ['no JSON', utf8Bytes('{')],
    ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, ...recordBytes(sample)])],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['an unknown member', recordBytes({ ...sample, extra: 1 } as RecordBody)],
    ['another format version', recordBytes({ ...sample, v: 2 } as unknown as RecordBody)],
    ['a first record with a link', recordBytes({ ...sample, version: 0 })],
    ['a later record without one', recordBytes({ ...sample, prev: null })],
    ['a negative version', recordBytes({ ...sample, version: -1 })],
    ['a short id', recordBytes({ ...sample, id: 'abc' })],
    ['an actor without a client', recordBytes({ ...sample, actor: {} } as unknown as RecordBody)],
    ['a list', utf8Bytes('[]')],
  ])('refuses %s', (_, bytes) => {
    expect(() => readRecord(bytes)).toThrow(RecordError);
  });
});
