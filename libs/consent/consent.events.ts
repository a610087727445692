import type { Schemas } from '#libs/event-store';
import type { SelfService } from '#libs/catalogue';
import type { Fact } from '#libs/kernel';
import type { Action, Basis, NumberMatch } from '#libs/verify';

export { type Action, actions, type Basis, bases } from '#libs/verify';

/**
 * What is requested of the holder for one material: any one of these types, these fields of it and
 * no other.
 */
export interface Ask {
  readonly material: string;
  readonly answers: readonly { readonly type: string; readonly fields: readonly string[] }[];
}

/**
 * The text that the holder is shown, in both languages, and the SHA-256 (base64url) of RFC 8785 of
 * `{version, zh, en, consent}`; nothing in it is personal. It is recorded whole, so that it can be
 * read whatever names the catalogue has later.
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
    readonly action: Action;
    readonly basis: Basis;
    readonly asks: readonly Ask[];
    readonly notice: Notice;
    /**
     * The number that the holder has to type, as `matchCommitment` of its digits and salt; null
     * where the holder's own QR code was scanned.
     */
    readonly match: { readonly commitment: string } | null;
    readonly answerBy: string;
  }
>;

/** A compact JWS (`grantType`) of the holder's enrolled key. */
export interface JwsProof {
  readonly method: 'jws';
  readonly jws: string;
  readonly jkt: string;
}

/**
 * An assertion of WebAuthn, level 3, each part in base64url as the browser gave it. The challenge
 * in `clientDataJSON` is the SHA-256 of the members that a `jws` signs.
 */
export interface WebAuthnProof {
  readonly method: 'webauthn';
  readonly credentialId: string;
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
  /** Thumbprint of the credential's public key, as it was enrolled. */
  readonly jkt: string;
}

/**
 * The face verifier's statement that the face at this terminal is the holder's, for this consent
 * and text. It holds no image and no template.
 */
export interface FaceProof {
  readonly method: 'face';
  readonly verifier: string;
  /** Compact JWS of the verifier. */
  readonly result: string;
}

/** Why a person without a usable phone consents at the window. Codes, never free text. */
export const inPersonReasons = [
  'no_phone',
  'phone_out_of_power',
  'face_not_recognised',
  'face_declined',
] as const;

/** One operator's signature, by the operator's own key at one terminal, over the same text. */
export interface OperatorSignature {
  readonly operator: string;
  readonly terminal: string;
  readonly jkt: string;
  readonly jws: string;
}

export interface InPersonProof {
  readonly method: 'in-person';
  readonly reason: (typeof inPersonReasons)[number];
  /** Of the operator at the window. */
  readonly first: OperatorSignature;
  /** Of another operator, at another terminal. */
  readonly second: OperatorSignature;
  /** The holder's signature on the text: the file in the vault, and the SHA-256 of its bytes. */
  readonly signed: { readonly file: string; readonly sha256: string };
}

/** How a grant was given. */
export type GrantProof = JwsProof | WebAuthnProof | FaceProof | InPersonProof;
export const proofMethods = [
  'jws',
  'webauthn',
  'face',
  'in-person',
] as const satisfies GrantProof['method'][];

export const capacities = ['self', 'legal-representative', 'agent', 'guardian'] as const;
export type Capacity = (typeof capacities)[number];

export type ConsentGranted = Fact<
  'ConsentGranted',
  {
    readonly consent: string;
    /** The subject whose key signed; in which capacity it acted for the book's subject. */
    readonly caller: string;
    readonly capacity: Capacity;
    readonly mandate: string | null;
    readonly proof: GrantProof;
    /**
     * Opens the commitment of the request, so that the signed digits can be verified from the
     * record.
     */
    readonly match: NumberMatch | null;
    readonly redeemBy: string;
  }
>;
/** `caller` is the subject whose phone refused. */
export type ConsentRefused = Fact<
  'ConsentRefused',
  { readonly consent: string; readonly caller: string }
>;
/** `caller` is the subject whose phone withdrew the grant. */
export type ConsentWithdrawn = Fact<
  'ConsentWithdrawn',
  { readonly consent: string; readonly caller: string }
>;

/**
 * The holder typed another number than the window shows, which is not recorded; `caller` is the
 * subject whose phone sent it. Where `ends` is true, that was the last try and closed the request.
 */
export type NumberMismatched = Fact<
  'NumberMismatched',
  { readonly consent: string; readonly caller: string; readonly ends: boolean }
>;

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
  /** What a kiosk did for the holder itself: no material was answered by it. */
  readonly selfService?: SelfService;
}

/** Which certificate answered a material. */
export type CertificateUsed = Pick<VersionRead, 'material' | 'certificate' | 'type'>;

/** Why a material could not be answered in spite of a grant. Disclosed only after a grant. */
export const missingReasons = [
  'holder_has_none',
  'fields_absent',
  'certificate_suspended',
  'certificate_revoked',
  'certificate_cancelled',
  'certificate_expired',
  'certificate_not_yet_valid',
  'record_absent', // the issuing department has no such record of the holder
] as const;
export type MissingReason = (typeof missingReasons)[number];

/**
 * The consent is spent. `commitment` is a salted SHA-256 over the released data; its salt goes to
 * the receiver with the data.
 */
export type ConsentRedeemed = Fact<
  'ConsentRedeemed',
  {
    readonly consent: string;
    readonly case: string;
    readonly caseVersion: number;
    readonly action: Action;
    readonly basis: Basis;
    readonly place: Place;
    readonly read: readonly VersionRead[];
    readonly missing: readonly MissingMaterial[];
    readonly commitment: string;
    readonly readAgainUntil: string;
  }
>;
/** One material that could not be answered, and why. */
export interface MissingMaterial {
  readonly material: string;
  readonly reason: MissingReason;
}
/**
 * A terminal learned, after the grant, that nothing can be released, and why, which counts as an
 * access. `reading` is 0 for the release itself, and n for the n-th second reading; where `ends` is
 * true this ended the consent.
 */
export type NothingReleased = Fact<
  'NothingReleased',
  {
    readonly consent: string;
    readonly reading: number;
    readonly place: Place;
    readonly missing: readonly MissingMaterial[];
    readonly ends: boolean;
  }
>;
/**
 * The paper was brought, the holder revoked the granting key, or the requesting terminal withdrew
 * its request.
 */
export const endReasons = ['material_brought', 'phone_key_revoked', 'request_withdrawn'] as const;
export type EndReason = (typeof endReasons)[number];
/**
 * A consent that was pending, granted, or could still be read again ended without an act of the
 * holder on it.
 */
export type ConsentEnded = Fact<
  'ConsentEnded',
  { readonly consent: string; readonly reason: EndReason }
>;
/** `subject_erased`: the erasure of the holder was approved meanwhile. */
export const withheldReasons = [
  'material_brought',
  'phone_key_revoked',
  'consent_withdrawn',
  'caller_disabled',
  'caller_key_replaced',
  'case_moved',
  'certificate_moved',
  'subject_erased',
] as const;
export type WithheldReason = (typeof withheldReasons)[number];
/**
 * A precondition changed between the record and the release: no data left. `reading` is 0 for the
 * release itself, and n for its n-th second reading; `used` are the certificates that were not used
 * after all, `counted` the time under which they had been counted.
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
  | NumberMismatched
  | ConsentEnded
  | ConsentRedeemed
  | NothingReleased
  | ReleaseWithheld
  | ReleaseReadAgain;

/** The schemas that these events have had. */
export const consentSchemas: Schemas<ConsentEvent['type']> = {
  ConsentRequested: [],
  ConsentGranted: [],
  ConsentRefused: [],
  ConsentWithdrawn: [],
  NumberMismatched: [],
  ConsentEnded: [],
  ConsentRedeemed: [],
  NothingReleased: [],
  ReleaseWithheld: [],
  ReleaseReadAgain: [],
};
