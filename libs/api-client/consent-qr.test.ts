import { describe, expect, test } from '@jest/globals';
import { consentQrText, readConsentQr } from './consent-qr.js';

const page = 'https://city.example/phone';
const consent = 'Zk3nT0bqVxS8hHqY2cJ4Rw';

describe('the QR code of a waiting consent', () => {
  test('names the consent and its number behind the #, and reads back', () => {
    const text = consentQrText(page, { consent, number: '07' });
    expect(text).toBe(`${page}#consent=${consent}&number=07`);
    expect(readConsentQr(text)).toEqual({ consent, number: '07' });
  });

  test('has no number where the window shows none', () => {
    const text = consentQrText(page, { consent, number: null });
    expect(readConsentQr(text)).toEqual({ consent, number: null });
  });

  test.each([
    page,
    `${page}#`,
    `${page}#consent=short&number=07`,
    `${page}#consent=${consent}&number=7`,
    `${page}#consent=${consent}&number=007`,
    `${page}#consent=${consent}&number=07&more=1`,
    'q2m0bR7cV1xJ3kYt8wZ5dA',
    '',
  ])('is none of a window: %s', (text) => {
    expect(readConsentQr(text)).toBeNull();
  });
});
