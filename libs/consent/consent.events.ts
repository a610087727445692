import type { Schemas } from '#libs/event-store';
import type { Fact } from '#libs/kernel';

/** What is asked of the holder for one material: any one of these types, these fields of it and no other. */
export interface Ask {
  readonly material: string;
  readonly answers: readonly { readonly type: string; readonly fields: readonly string[] }[];
}

/**
 * The text that the holder is shown, in both languages, and the SHA-256 (base64url) of RFC 8785 of `{version, zh, en, consent}`. It is kept
 * whole: what was agreed to can be read from the record, whatever names the catalogue has later. Nothing in it is personal.
 */
export interface Notice {
  readonly version: number;
  readonly zh: string;
  readonly en: string;
  readonly hash: string;
}

/** Stream `book-…`, see `bookOf`: all consents of one subject, and every access to its data. */
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
    readonly notice: Notice;
    readonly answerBy: string;
  }
>;

/** How a grant was given. `jws` keeps the signature of the holder's enrolled key over the hash of the text shown. */
export interface GrantProof {
  readonly method: 'jws';
  readonly jws: string;
  readonly jkt: string;
}
export const capacities = ['self', 'legal-representative', 'agent', 'guardian'] as const;
export type Capacity = (typeof capacities)[number];

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

/** Where a release happened, for lists and statistics that must not look elsewhere. */
export interface Place {
  readonly matter: string;
  readonly window: string;
  readonly department: string;
  readonly town: string | null;
}

/** Which certificate answered a material. */
export type CertificateUsed = Pick<VersionRead, 'material' | 'certificate' | 'type'>;

/** Why a material could not be answered though its holder said yes. Told only after a grant. */
export type MissingReason =
  | 'holder_has_none'
  | 'certificate_suspended'
  | 'certificate_revoked'
  | 'certificate_cancelled'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'
  | 'fields_absent';

/** The consent is spent. `commitment` is a salted SHA-256 over what is handed over; its salt goes to the receiver with the data. */
export type ConsentRedeemed = Fact<
  'ConsentRedeemed',
  {
    readonly consent: string;
    readonly case: string;
    readonly caseVersion: number;
    readonly place: Place;
    readonly read: readonly VersionRead[];
    readonly missing: readonly { readonly material: string; readonly reason: MissingReason }[];
    readonly commitment: string;
    readonly readAgainUntil: string;
  }
>;
/** `subject_erased`: the erasure of the holder was approved meanwhile. */
export type WithheldReason = 'case_moved' | 'certificate_moved' | 'subject_erased';
/**
 * Something moved between the record and the data: nothing left. `reading` is 0 for the release itself, and n for its n-th second reading;
 * `used` are the certificates that were not used after all, `counted` the time under which they had been counted.
 */
export type ReleaseWithheld = Fact<
  'ReleaseWithheld',
  {
    readonly consent: string;
    readonly reading: number;
    readonly reason: WithheldReason;
    readonly place: Place;
    readonly used: readonly CertificateUsed[];
    readonly counted: string;
  }
>;
export type ReleaseReadAgain = Fact<
  'ReleaseReadAgain',
  {
    readonly consent: string;
    readonly reading: number;
    readonly place: Place;
    readonly used: readonly CertificateUsed[];
    readonly commitment: string;
  }
>;
export type ConsentEvent =
  | ConsentRequested
  | ConsentGranted
  | ConsentRefused
  | ConsentWithdrawn
  | ConsentRedeemed
  | ReleaseWithheld
  | ReleaseReadAgain;

/** The schemas that these events have had. */
export const consentSchemas: Schemas<ConsentEvent['type']> = {
  ConsentRequested: [],
  ConsentGranted: [],
  ConsentRefused: [],
  ConsentWithdrawn: [],
  ConsentRedeemed: [],
  ReleaseWithheld: [],
  ReleaseReadAgain: [],
};
