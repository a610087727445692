import type { Instant } from '#libs/kernel';
import type { ReceiptOrPlace } from '#libs/sealing';
import type { HandedOver } from './handing-over.js';

/**
 * The answer to a release. `record` says where in the ledger it stands: stream, version and leaf hash (hexadecimal), with the commitment
 * that it holds and the salt (both base64url) that only the receiver gets.
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
    readonly commitment: string;
    readonly salt: string;
  };
  /** Proof that the record is in the sealed log, or where it will be. */
  readonly receipt: ReceiptOrPlace;
}
