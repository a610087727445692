import type { Instant } from '#libs/kernel';
import type { ReceiptOrPlace } from '#libs/sealing';
import type { HandedOver } from './handed-over.js';

/**
 * The response to a release, which with its receipt is the input of `verifyRelease` of the offline
 * verifier. `record` is its place (stream, version, leaf hash in hexadecimal), with the bytes
 * stored there (UTF-8 text), the commitment in them and the salt (both base64url) that only the
 * receiver gets.
 */
export interface Released {
  readonly handedOver: HandedOver;
  /** 0 for the release itself, n for the n-th time it was read again. */
  readonly reading: number;
  readonly readAgainUntil: Instant;
  readonly record: {
    readonly stream: string;
    readonly version: number;
    readonly hash: string;
    readonly bytes: string;
    readonly commitment: string;
    readonly salt: string;
  };
  /** Proof that the record is in the sealed log, or where it will be. */
  readonly receipt: ReceiptOrPlace;
}
