import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { newSigningKeys, publicJwks, readSigningKeys, rotateSigningKeys } from './signing-keys.js';

const kidsOf = (text: string) => {
  const { keys, retired } = readSigningKeys(text);
  return { signs: keys[0]?.kid, announced: keys[1]?.kid, retired: retired.map(({ kid }) => kid) };
};

describe('a signing key that is rotated', () => {
  test('gives way to a new one; only its public half stays, and it is still published', () => {
    const before = newSigningKeys();
    const { signs } = kidsOf(before);
    const { text, kid, retired } = rotateSigningKeys(before);
    expect(kidsOf(text)).toEqual({ signs: kid, announced: undefined, retired: [signs] });
    expect(retired).toBe(signs);
    expect(text.match(/"d":/g)).toHaveLength(1);
    expect(publicJwks(readSigningKeys(text)).keys.map((key) => key['kid'])).toEqual([kid, signs]);
  });

  test('may be announced first: it is published, does not sign, and is the one that signs next', () => {
    const before = newSigningKeys();
    const { signs } = kidsOf(before);
    const announced = rotateSigningKeys(before, { announce: true });
    expect(announced.retired).toBeNull();
    expect(kidsOf(announced.text)).toEqual({ signs, announced: announced.kid, retired: [] });
    const { text } = rotateSigningKeys(announced.text);
    expect(kidsOf(text)).toEqual({ signs: announced.kid, announced: undefined, retired: [signs] });
    // Announced again, it stays the one that was announced.
    const again = rotateSigningKeys(announced.text, { announce: true });
    expect(JSON.parse(again.text)).toEqual(JSON.parse(announced.text));
  });

  test('is never lost, and never alone able to sign: any rotations keep one that signs and every public half', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 12 }), (steps) => {
        let text = newSigningKeys();
        const seen = new Set<unknown>();
        for (const announce of steps) {
          for (const { kid } of publicJwks(readSigningKeys(text)).keys as { kid: string }[])
            seen.add(kid);
          ({ text } = rotateSigningKeys(text, { announce }));
          const { keys } = readSigningKeys(text);
          expect(keys.length).toBeLessThanOrEqual(2);
          const now = new Set(publicJwks(readSigningKeys(text)).keys.map((key) => key['kid']));
          for (const kid of seen) expect(now).toContain(kid);
        }
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    '{}',
    '{"keys":[]}',
    '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}',
  ])('is not made of a file that holds none: %s', (text) => {
    expect(() => rotateSigningKeys(text)).toThrow(
      expect.objectContaining({ code: 'signing_keys_invalid' }),
    );
  });
});
