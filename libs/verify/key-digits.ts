import { sha256 } from '@noble/hashes/sha2.js';
import { utf8Bytes } from '#libs/kernel';

/** What the key is offered for: the same key has other digits for another use. */
export type OfferedKeyUse = 'terminal' | 'phone';

/**
 * Six digits that follow from an offered key. Two screens show them and people compare, so that the
 * key that is registered is that of the device before them.
 * @param jkt RFC 7638 thumbprint
 */
export function keyDigits(use: OfferedKeyUse, jkt: string): string {
  const digest = sha256(utf8Bytes(`${use}-key ${jkt}`));
  const first = new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  return String(first % 1_000_000).padStart(6, '0');
}
