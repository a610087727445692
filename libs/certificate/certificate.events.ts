import type { Schemas } from '#libs/event-store';
import type { Fact } from '#libs/kernel';
import type { IdentifierFlag } from './identifier.js';
import type {
  AmendReason,
  CancelReason,
  ReinstateReason,
  RevokeReason,
  SuspendReason,
} from './reasons.js';

/**
 * A holder in a certificate, by subject id, with `holder` as role where there is one, or such as
 * `spouse-a`, `spouse-b`.
 */
export interface Holder {
  readonly subject: string;
  readonly role: string;
}

/**
 * One disclosure of the SD-JWT (RFC 9901, section 4.2), sealed on its own: A256GCM under the
 * version's key, `base64url(iv ‖ ciphertext ‖ tag)`, bound to certificate, version and `digest`.
 * `name` is the claim's name: a field key of the type, or `holder.<n>`, `number`, …
 */
export interface SealedDisclosure {
  readonly name: string;
  readonly digest: string;
  readonly sealed: string;
}

/**
 * A file of a certificate, at `blob` under a key of its own: `key` is that key, sealed under the
 * version's. Its SHA-256 stands in the disclosure of the same name.
 */
export interface SealedFile {
  /** The claim's name: a field of kind image or file, or `file.<name>`. */
  readonly name: string;
  readonly blob: string;
  readonly mediaType: string;
  readonly key?: string;
}

/**
 * What one version of a certificate is. `signed` is the authority's JWS without any disclosure; it
 * stands in clear.
 */
export interface CertificateVersion {
  /** Counts from 1. */
  readonly number: number;
  readonly signed: string;
  readonly disclosures: readonly SealedDisclosure[];
  /** The version's own key, wrapped (A256KW) for each holder's subject key. */
  readonly keys: readonly { readonly subject: string; readonly wrapped: string }[];
  readonly holders: readonly Holder[];
  /** Days of Asia/Shanghai, `YYYY-MM-DD`; both inclusive; null for no expiry. */
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly files: readonly SealedFile[];
  /**
   * Of when the authority says that this holds, as it signed it (`isAsOf`); absent where it did not
   * say.
   */
  readonly asOf?: string;
  /** What is odd about its identifier; absent where nothing is. */
  readonly flags?: readonly IdentifierFlag[];
}

/** A consent, in the book of its holder. */
export interface Demand {
  readonly book: string;
  readonly consent: string;
}

/** Stream `certificate-<certificate>`. */
export type CertificateIssued = Fact<
  'CertificateIssued',
  {
    readonly certificate: string;
    readonly type: string;
    readonly authority: string;
    readonly version: CertificateVersion;
    /**
     * The consent on which its authority was asked for it at this moment; absent where the
     * authority handed it in by itself.
     */
    readonly demandedBy?: Demand;
  }
>;
/** A new version that supersedes the one before it. `reason` is a code, never free text. */
export type CertificateAmended = Fact<
  'CertificateAmended',
  {
    readonly supersedes: number;
    readonly reason: AmendReason;
    readonly version: CertificateVersion;
  }
>;
export type CertificateSuspended = Fact<'CertificateSuspended', { readonly reason: SuspendReason }>;
export type CertificateReinstated = Fact<
  'CertificateReinstated',
  { readonly reason: ReinstateReason }
>;
export type CertificateRevoked = Fact<'CertificateRevoked', { readonly reason: RevokeReason }>;
export type CertificateCancelled = Fact<'CertificateCancelled', { readonly reason: CancelReason }>;
export type CertificateEvent =
  | CertificateIssued
  | CertificateAmended
  | CertificateSuspended
  | CertificateReinstated
  | CertificateRevoked
  | CertificateCancelled;

/** The schemas that these events have had. */
export const certificateSchemas: Schemas<CertificateEvent['type']> = {
  CertificateIssued: [],
  CertificateAmended: [],
  CertificateSuspended: [],
  CertificateReinstated: [],
  CertificateRevoked: [],
  CertificateCancelled: [],
};
