import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { keyDigits } from './key-digits.js';

const jkt = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';

test('six digits follow from the key and its use', () => {
  const number = createHash('sha256').update(`phone-key ${jkt}`).digest().readUInt32BE();
  expect(keyDigits('phone', jkt)).toBe(String(number % 1_000_000).padStart(6, '0'));
  expect(keyDigits('terminal', jkt)).not.toBe(keyDigits('phone', jkt));
});

test('leading zeros are kept', () => {
  const digits = Array.from({ length: 40 }, (_, n) => keyDigits('phone', `key-${n}`));
  for (const one of digits) expect(one).toMatch(/^\d{6}$/);
  expect(digits.some((one) => one.startsWith('0'))).toBe(true);
});
