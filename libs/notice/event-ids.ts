import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Position } from '#libs/event-store';
import type { LedgerSecrets } from '#libs/vault';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const positionBytes = 8;
const tagBytes = 16;

/**
 * Ids of events: positions of the feed, sealed for one caller. A position in clear would tell how
 * much everybody else does, and one caller's id opens nothing for another.
 */
export class EventIds {
  constructor(private readonly secrets: LedgerSecrets) {}

  /** @returns 48 letters of base64url */
  seal(caller: string, position: Position): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#keyOf(caller), nonce);
    const plain = Buffer.alloc(positionBytes);
    plain.writeBigUInt64BE(position);
    return Buffer.concat([
      nonce,
      cipher.update(plain),
      cipher.final(),
      cipher.getAuthTag(),
    ]).toString('base64url');
  }

  /** @returns the position; null for anything that was not sealed for this caller */
  open(caller: string, id: string): Position | null {
    const bytes = Buffer.from(id, 'base64url');
    if (bytes.length !== nonceBytes + positionBytes + tagBytes) return null;
    const decipher = createDecipheriv(
      algorithm,
      this.#keyOf(caller),
      bytes.subarray(0, nonceBytes),
      { authTagLength: tagBytes },
    );
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    try {
      const plain = Buffer.concat([
        decipher.update(bytes.subarray(nonceBytes, -tagBytes)),
        decipher.final(),
      ]);
      return plain.readBigUInt64BE();
    } catch {
      return null;
    }
  }

  #keyOf(caller: string): Uint8Array {
    return this.secrets.of('event id', caller);
  }
}
