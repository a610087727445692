import type { Instant } from '#libs/kernel';

/**
 * QR codes that phones show: opaque values of 128 random bits, for 60 seconds, for one use. Only
 * hashes are kept; `use` must be atomic across processes.
 */
export abstract class QrCodes {
  /** Idempotent by `code`: a retry returns what the first attempt issued. */
  abstract issue(code: string, shown: ShownBy, now: Instant): Promise<{ expires: Instant }>;
  /** What `use` would return, without using the code up. */
  abstract find(code: string, user: string, now: Instant): Promise<ShownBy | null>;
  /**
   * Returns the code's owner, once; null for one that is unknown, expired or used, without
   * distinguishing them. A retry by the same `user` gets the same result, and the caller checks
   * whether the phone's key is still valid.
   */
  abstract use(code: string, user: string, now: Instant): Promise<ShownBy | null>;
}

/** The principal, and the thumbprint of the caller's key that showed the code. */
export interface ShownBy {
  readonly subject: string;
  readonly jkt: string;
}
