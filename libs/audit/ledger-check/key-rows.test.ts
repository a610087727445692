import { expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import { TestKey } from '../../../test/support/keys.js';
import { KeyRows } from './key-rows.js';

test('keys come back as they were kept, and what is none verifies nothing', () => {
  const rows = new KeyRows();
  const keys = Array.from(
    { length: 2000 },
    (_, n) => new TestKey(n % 2 === 0 ? 'Ed25519' : 'P-256'),
  );
  for (const { jkt, jwk } of keys) rows.set(jkt, jwk as JsonObject);
  for (const { jkt, jwk } of keys) expect(rows.get(jkt)).toEqual({ ...jwk });
  expect(rows.get('nobody')).toBeNull();
  for (const none of [
    undefined,
    null,
    {},
    { crv: 'Ed25519', x: 'AA' },
    { crv: 'P-256', x: keys[0]!.jwk.x! },
  ]) {
    rows.set('none', none);
    expect(rows.get('none')).toEqual({ kty: 'none' });
  }
});
