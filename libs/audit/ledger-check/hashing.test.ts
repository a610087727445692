import { expect, test } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import { HASH_BYTES } from '#libs/log';
import { tagOf } from './hashing.js';

const tag = (hash: Uint8Array) => {
  const to = new Int32Array(2);
  tagOf(Buffer.concat([Buffer.alloc(3), hash]), 3, to);
  return [...to];
};

test('a tag is that of a hash, and of none with any byte changed', () => {
  for (let n = 0; n < 500; n++) {
    const hash = randomBytes(HASH_BYTES);
    const other = Buffer.from(hash);
    const at = randomInt(HASH_BYTES);
    other[at] = (other[at] ?? 0) ^ randomInt(1, 256);
    expect(tag(hash)).toEqual(tag(Buffer.from(hash)));
    expect(tag(other)).not.toEqual(tag(hash));
  }
});

test('no hash has the tag of none', () => {
  expect(tag(new Uint8Array(HASH_BYTES))).toEqual([0, 0]);
  expect(tag(randomBytes(HASH_BYTES))).not.toEqual([0, 0]);
});
