import type { Fact } from '#libs/kernel';

/** What is asked of the holder for one material: any one of these types, these fields of it and no other. */
export interface Ask {
  readonly material: string;
  readonly answers: readonly { readonly type: string; readonly fields: readonly string[] }[];
}

/** Stream `book-<subject>`: all consents of one subject, and every access to its data. */
export type ConsentRequested = Fact<
  'ConsentRequested',
  {
    readonly consent: string;
    readonly case: string;
    readonly matter: string;
    readonly role: string;
    readonly window: string;
    readonly department: string;
    readonly terminal: string;
    /** RFC 7638 thumbprint of the terminal's key: the only one that may redeem. */
    readonly terminalKey: string;
    readonly purpose: string;
    readonly asks: readonly Ask[];
    readonly notice: { readonly version: number; readonly hash: string };
    readonly answerBy: string;
  }
>;

/** How a grant was given. `jws` keeps the signature of the holder's enrolled key over the hash of the text shown. */
export type GrantProof = { readonly method: 'jws'; readonly jws: string; readonly jkt: string };
export type Capacity = 'self' | 'legal-representative' | 'agent' | 'guardian';

export type ConsentGranted = Fact<
  'ConsentGranted',
  {
    readonly consent: string;
    readonly capacity: Capacity;
    readonly mandate: string | null;
    readonly proof: GrantProof;
    readonly redeemBy: string;
  }
>;
export type ConsentRefused = Fact<'ConsentRefused', { readonly consent: string }>;
export type ConsentWithdrawn = Fact<'ConsentWithdrawn', { readonly consent: string }>;

/** A certificate's version that was read for a release. */
export interface VersionRead {
  readonly material: string;
  readonly certificate: string;
  readonly type: string;
  readonly number: number;
  readonly streamVersion: number;
  readonly head: string;
  readonly fields: readonly string[];
}
/** The consent is spent. `commitment` is a salted SHA-256 over what is handed over; its salt goes to the receiver with the data. */
export type ConsentRedeemed = Fact<
  'ConsentRedeemed',
  {
    readonly consent: string;
    readonly case: string;
    readonly caseVersion: number;
    readonly read: readonly VersionRead[];
    readonly missing: readonly { readonly material: string; readonly reason: string }[];
    readonly commitment: string;
    readonly readAgainUntil: string;
  }
>;
/** Something moved between the redemption and the data: nothing left. `reason` is a code. */
export type ReleaseWithheld = Fact<
  'ReleaseWithheld',
  { readonly consent: string; readonly reason: string }
>;
export type ReleaseReadAgain = Fact<
  'ReleaseReadAgain',
  { readonly consent: string; readonly reading: number; readonly commitment: string }
>;
export type ConsentEvent =
  | ConsentRequested
  | ConsentGranted
  | ConsentRefused
  | ConsentWithdrawn
  | ConsentRedeemed
  | ReleaseWithheld
  | ReleaseReadAgain;
