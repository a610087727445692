import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  base64url,
  fromBase64url,
  fromHex,
  hex,
  portableEncodings,
  utf8Bytes,
  utf8Text,
  withoutBom,
} from './bytes.js';

describe('text', () => {
  it('has one spelling in bytes: what is read is written back as it was, byte order marks too', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (tail) => {
        for (const bytes of [tail, new Uint8Array([0xef, 0xbb, 0xbf, ...tail])]) {
          let text: string;
          try {
            text = utf8Text(bytes);
          } catch {
            continue;
          }
          expect(utf8Bytes(text)).toEqual(bytes);
        }
      }),
    );
  });
  it('of a file may stand behind one byte order mark', () => {
    expect(withoutBom('\ufeff\ufeffa')).toBe('\ufeffa');
    expect(withoutBom('a\ufeff')).toBe('a\ufeff');
  });
});

describe.each([
  ['on a server', { base64url, fromBase64url, fromHex, hex }],
  ['in a browser', portableEncodings],
])('encodings %s', (_, encodings) => {
  it('come back as the same bytes, and agree with Node', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(encodings.base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(encodings.fromBase64url(encodings.base64url(bytes))).toEqual(bytes);
        expect(encodings.fromHex(encodings.hex(bytes))).toEqual(bytes);
      }),
    );
  });
  it('write a part of a larger buffer as that part alone', () => {
    const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect(encodings.hex(part)).toBe('0203');
    expect(encodings.base64url(part)).toBe('AgM');
  });
  it('take one text for one value: no padding, no other letters, no loose bits, no impossible length', () => {
    for (const text of ['QQ==', 'Q+', 'Q/', 'Q', 'QR', 'QUJ', 'Q Q', 'QQ\n'])
      expect(encodings.fromBase64url(text)).toBeNull();
    expect(encodings.fromBase64url('QQ')).toEqual(new Uint8Array([65]));
    for (const text of ['a', 'AB', '0g', '00g0']) expect(encodings.fromHex(text)).toBeNull();
  });
});

describe('encodings', () => {
  it('take and refuse the same texts on servers and in browsers', () => {
    const letters = fc.constantFrom(...Array.from('AQgwBCab019-_=+/ \n\0é测'));
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 12 }), (text) => {
        expect(fromBase64url(text)).toEqual(portableEncodings.fromBase64url(text));
        expect(fromHex(text)).toEqual(portableEncodings.fromHex(text));
      }),
      { numRuns: 2000 },
    );
  });
});
