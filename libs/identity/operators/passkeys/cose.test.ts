import { type createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { coseOf, jwkOf } from './cose.js';

const publicJwk = (key: ReturnType<typeof createPublicKey>) => ({
  ...key.export({ format: 'jwk' }),
});

test.each([
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
  ['Ed25519', generateKeyPairSync('ed25519').publicKey],
  ['RSA of 2048 bits', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey],
])('a key of %s is the same after it was read', (_, key) => {
  const jwk = publicJwk(key);
  expect(jwkOf(coseOf(jwk))).toEqual(jwk);
});

test.each([
  ['RSA of 1024 bits', { modulusLength: 1024 }],
  ['RSA with a small exponent', { modulusLength: 2048, publicExponent: 3 }],
])('%s is refused', (_, options) => {
  const { publicKey } = generateKeyPairSync('rsa', options);
  expect(() => jwkOf(coseOf(publicJwk(publicKey)))).toThrow(
    expect.objectContaining({ code: 'passkey_algorithm_unsupported' }),
  );
});

test('a point that is not on the curve is refused', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicJwk(publicKey), y: Buffer.alloc(32, 1).toString('base64url') };
  expect(() => jwkOf(coseOf(jwk))).toThrow(expect.objectContaining({ code: 'key_malformed' }));
});
