import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { looksLike } from './files.js';
import { isOfd } from './ofd.js';
import { zip } from '../../test/support/zip.js';

const document = Buffer.from('<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>');

describe('an OFD', () => {
  test('is a ZIP with the entry document in its root', () => {
    for (const options of [{}, { comment: 'PK\u0005\u0006 within a comment' }])
      expect(isOfd(zip({ 'OFD.xml': document, 'Doc_0/Document.xml': document }, options))).toBe(
        true,
      );
    expect(looksLike('application/ofd', zip({ 'OFD.xml': document }))).toBe(true);
  });

  test.each([
    ['another ZIP, such as a spreadsheet', zip({ '[Content_Types].xml': document })],
    ['one with the document elsewhere', zip({ 'a/OFD.xml': document })],
    ['one whose document is empty', zip({ 'OFD.xml': Buffer.alloc(0) })],
    ['one whose document is encrypted', zip({ 'OFD.xml': document }, { flags: 1 })],
    ['one that is cut off', zip({ 'OFD.xml': document }).subarray(0, -1)],
    ['one with something behind it', Buffer.concat([zip({ 'OFD.xml': document }), Buffer.of(0)])],
    ['one that says to have more entries', zip({ 'OFD.xml': document }, { entries: 2 })],
    ['the first bytes of a ZIP alone', Buffer.from([0x50, 0x4b, 0x03, 0x04])],
    ['nothing', Buffer.alloc(0)],
  ])('is not %s', (_, bytes) => {
    expect(isOfd(bytes)).toBe(false);
  });

  test('is told from any bytes without reading behind them', () => {
    const whole = zip({ 'OFD.xml': document, 'Doc_0/Document.xml': document });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ change;
        expect(typeof isOfd(changed)).toBe('boolean');
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(isOfd(bytes)).toBe(false);
      }),
    );
  });
});
