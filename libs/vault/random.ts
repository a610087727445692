import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(16_384);
let used = pool.length;

/**
 * Random bytes for keys and nonces. Small requests are cut from a pool, because a system call for
 * each costs several times the sealing itself; bytes that were handed out are wiped from the pool.
 */
export function randomPooled(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (length > pool.length) return randomFillSync(bytes);
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  pool.copy(bytes, 0, used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}
