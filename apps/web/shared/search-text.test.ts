import { describe, expect, test } from '@jest/globals';
import { mayBeNumberOrCode } from './search-text.ts';

describe('what is typed where a matter is searched', () => {
  test.each([
    '110101199003070011',
    '1101 0119 9003',
    'sx0001110101199003070011',
    '91430100MA4L0ABC1D1234567',
    'Ab3dEf6hIj9lMn2pQr5tUv',
    'https://city.example/phone#Ab3dEf6hIj9lMn2pQr5tUv',
  ])('may be a number or a code, and is not sent: %s', (typed) => {
    expect(mayBeNumberOrCode(typed)).toBe(true);
  });

  test.each(['', 'SX0001', 'sx 0001', '灵活就业', 'lhjy', 'flexible employment', '110101'])(
    'is words, and is sent: %s',
    (typed) => {
      expect(mayBeNumberOrCode(typed)).toBe(false);
    },
  );
});
