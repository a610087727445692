import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { base64url, fromBase64url, fromHex, hex } from './bytes.js';

describe('encodings', () => {
  it('come back as the same bytes, and agree with Node', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64url(base64url(bytes))).toEqual(bytes);
        expect(fromHex(hex(bytes))).toEqual(bytes);
      }),
    );
  });
  it('take one text for one value: no padding, no other letters, no loose bits, no impossible length', () => {
    for (const text of ['QQ==', 'Q+', 'Q/', 'Q', 'QR', 'QUJ', 'Q Q', 'QQ\n'])
      expect(fromBase64url(text)).toBeNull();
    expect(fromBase64url('QQ')).toEqual(new Uint8Array([65]));
    for (const text of ['a', 'AB', '0g']) expect(fromHex(text)).toBeNull();
  });
});
