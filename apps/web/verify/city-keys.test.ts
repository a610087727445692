import { describe, expect, test } from '@jest/globals';
import { cosign, formatCheckpoint, leafHash, signCheckpoint, withSignature } from '#libs/log';
import { cityOf, keysNote, noon, policyOfPrints } from '../../../test/support/printed-pages.js';
import { seed, witnesses } from '../../../test/support/small-log.js';
import {
  type CityKeys,
  type KeptKeys,
  keysIn,
  KeysRefused,
  readKeys,
  replaceKeys,
} from './city-keys.ts';

const city = 'ledger.city.example';

/** What a city serves when its log has so many leaves. */
function served(size = 2000, name = city, signer = cityOf({ city: name })): KeptKeys {
  const signed = signCheckpoint({ origin: name, size, root: leafHash(seed(size % 256)) }, signer);
  const checkpoint = witnesses
    .slice(0, 2)
    .reduce((so, one) => withSignature(so, cosign(signed, noon, one)), signed);
  return {
    v: 1,
    policy: policyOfPrints(name),
    authorityKeys: keysNote(size, name),
    checkpoint: formatCheckpoint(checkpoint),
    at: noon * 1000,
    cityTime: noon * 1000,
  };
}

describe('keys that a city serves', () => {
  test('are read, with the city and how long its log was', () => {
    expect(readKeys(served())).toMatchObject({ city, size: 2000 });
  });

  test.each<[string, Partial<KeptKeys>]>([
    ['a policy that is none', { policy: 'hello' }],
    [
      'keys of authorities that the log did not sign',
      { authorityKeys: keysNote().replace('2000', '2001') },
    ],
    ['a checkpoint of another log', { checkpoint: served(2000, 'other.example').checkpoint }],
    [
      'a checkpoint with too few witnesses',
      {
        checkpoint: formatCheckpoint(
          signCheckpoint({ origin: city, size: 2000, root: leafHash(seed(9)) }, cityOf({ city })),
        ),
      },
    ],
  ])('are refused with %s', (_, other) => {
    expect(() => readKeys({ ...served(), ...other })).toThrow(KeysRefused);
  });
});

describe('newer keys', () => {
  const before: CityKeys = readKeys(served());

  test('take the place of older ones, and not the other way round', () => {
    const next = readKeys(served(2100));
    expect(replaceKeys(null, next)).toBe(next);
    expect(replaceKeys(before, next)).toBe(next);
    expect(replaceKeys(next, before)).toBe(next);
  });

  test('are refused where the log is another one', () => {
    const other = readKeys(served(2100, 'other.example'));
    expect(() => replaceKeys(before, other)).toThrow(KeysRefused);
  });
});

test('a file of keys is what was saved, and nothing else', () => {
  expect(keysIn(JSON.stringify(served()))).toMatchObject({ city });
  for (const text of [
    '',
    '{}',
    '[]',
    JSON.stringify({ ...served(), v: 2 }),
    JSON.stringify({ ...served(), at: '1' }),
  ])
    expect(() => keysIn(text)).toThrow();
});
