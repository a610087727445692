import { createHmac } from 'node:crypto';
import { canonicalize } from '#libs/kernel';

/**
 * How records name an account: HMAC-SHA-256 over the canonical JSON of issuer and `sub`, base64url,
 * under a key that stands in no record. A `sub` may be a number of staff, which could be guessed.
 */
export const accountOfSubject = (key: Buffer, issuer: string, subject: string): string =>
  createHmac('sha256', key)
    .update(canonicalize([issuer, subject]))
    .digest('base64url');
