import type { Schemas, Upcaster } from '#libs/event-store';
import type { ActingAdministrator } from '#libs/identity';
import { type Fact, type Instant, isObject, type JsonObject } from '#libs/kernel';

/**
 * Kinds of holder code, GB/T 36903: 001 unified social credit code, 111 resident id number, 411–414
 * passports, 511, 516 permits, 999 other.
 */
export const identifierKinds = [
  '001',
  '111',
  '411',
  '412',
  '413',
  '414',
  '511',
  '516',
  '999',
] as const;
export type IdentifierKind = (typeof identifierKinds)[number];

/**
 * How a person was identified: from a document, by face against the authority's portrait, or from
 * an issuing authority's own record.
 */
export const identityBases = ['document', 'face', 'authority'] as const;
export type IdentityBasis = (typeof identityBases)[number];

/**
 * Stream `subject-<subject>`. An unknown number got a subject; nothing is known of the person yet.
 */
export type SubjectNoted = Fact<
  'SubjectNoted',
  { readonly subject: string; readonly kind: IdentifierKind }
>;
/**
 * A department checked a person's identity. `at` is the time of the check, by which an enrolment is
 * decided.
 */
export type SubjectIdentified = Fact<
  'SubjectIdentified',
  {
    readonly by: string;
    readonly department: string;
    readonly basis: IdentityBasis;
    readonly at: string;
  }
>;
/**
 * `identifier` is the random id of the look-up row, and `pepper` names the pepper of its HMAC; the
 * number is nowhere in the ledger.
 */
export type IdentifierAdded = Fact<
  'IdentifierAdded',
  { readonly identifier: string; readonly kind: IdentifierKind; readonly pepper: string }
>;
export type SubjectsMerged = Fact<'SubjectsMerged', { readonly from: string }>;
/** A one-time code was issued (128 bits, 10 minutes). Only its SHA-256 (base64url) is stored. */
export type EnrolmentOpened = Fact<
  'EnrolmentOpened',
  {
    readonly enrolment: string;
    readonly codeHash: string;
    readonly expires: string;
    readonly by: string;
    readonly department: string;
  }
>;
/**
 * A phone showed the code and proved that it holds a key. `proof` is its JWS over the enrolment;
 * the terminal must confirm by `confirmBy`.
 */
export type PhoneKeyOffered = Fact<
  'PhoneKeyOffered',
  {
    readonly enrolment: string;
    readonly jkt: string;
    readonly jwk: JsonObject;
    readonly proof: string;
    readonly confirmBy: string;
  }
>;
/**
 * The department's terminal signed that this key is this subject's, so that a forged enrolment is
 * visible.
 */
export type PhoneEnrolled = Fact<
  'PhoneEnrolled',
  {
    readonly enrolment: string;
    readonly jkt: string;
    readonly statement: string;
    readonly by: string;
  }
>;
/** `caller` is the subject whose phone revoked the key, which may be the same phone. */
export type PhoneKeyRevoked = Fact<
  'PhoneKeyRevoked',
  { readonly jkt: string; readonly caller: string; readonly reason: string }
>;

/**
 * A phone made a passkey beside its own key (`phone`), which signed for it: `statement` is that
 * JWS (ADR 36). A passkey counts while its phone's key does.
 */
export type PasskeyEnrolled = Fact<
  'PasskeyEnrolled',
  {
    /** Thumbprint of the passkey's own key, Ed25519 or P-256. */
    readonly jkt: string;
    readonly jwk: JsonObject;
    /** The id by which the authenticator knows the key, base64url. */
    readonly credential: string;
    readonly phone: string;
    readonly rpId: string;
    readonly transports: readonly string[];
    /** Whether it is kept in more places than one device. */
    readonly backedUp: boolean;
    readonly statement: string;
  }
>;
/** `caller` is the subject whose phone took the passkey back. */
export type PasskeyRevoked = Fact<
  'PasskeyRevoked',
  { readonly jkt: string; readonly caller: string; readonly reason: string }
>;

/**
 * Reasons for an erasure, one for each case of article 47 of the Personal Information Protection
 * Law: purpose reached or unreachable, retention or service over, consent withdrawn, data held
 * unlawfully, another law.
 */
export const erasureReasons = [
  'purpose-ended',
  'retention-ended',
  'consent-withdrawn',
  'unlawful',
  'other-law',
] as const;
export type ErasureReason = (typeof erasureReasons)[number];

/** Reasons to keep data although their erasure was requested. */
export const holdBases = ['litigation', 'investigation', 'retention-by-law'] as const;
export type HoldBasis = (typeof holdBases)[number];
export const liftBases = ['ended', 'placed-in-error'] as const;
export type LiftBasis = (typeof liftBases)[number];

/**
 * An administrator (`by`) requests the erasure of all that is known of the subject. From `expires`
 * on the request has no effect.
 */
export type ErasureRequested = Fact<
  'ErasureRequested',
  {
    readonly erasure: string;
    readonly by: string;
    /** The requester's key: the approval is decided by its registrars at that time. */
    readonly requestedWith: ActingAdministrator;
    readonly reason: ErasureReason;
    readonly expires: Instant;
  }
>;
/** The requester withdrew it, before an approval. */
export type ErasureWithdrawn = Fact<
  'ErasureWithdrawn',
  { readonly erasure: string; readonly by: string }
>;
/**
 * Another administrator approved: from here on the erasure is carried out, whatever happens in
 * between.
 */
export type ErasureApproved = Fact<
  'ErasureApproved',
  { readonly erasure: string; readonly by: string; readonly approvedWith: ActingAdministrator }
>;
export type LegalHoldPlaced = Fact<
  'LegalHoldPlaced',
  { readonly hold: string; readonly by: string; readonly basis: HoldBasis }
>;
export type LegalHoldLifted = Fact<
  'LegalHoldLifted',
  { readonly hold: string; readonly by: string; readonly basis: LiftBasis }
>;
/**
 * The key is destroyed; look-up rows, phones and files are deleted. The last event of a subject.
 */
export type SubjectErased = Fact<'SubjectErased', { readonly erasure: string }>;
export type ErasureEvent =
  | ErasureRequested
  | ErasureWithdrawn
  | ErasureApproved
  | LegalHoldPlaced
  | LegalHoldLifted
  | SubjectErased;

export type SubjectEvent =
  | ErasureEvent
  | SubjectNoted
  | SubjectIdentified
  | IdentifierAdded
  | SubjectsMerged
  | EnrolmentOpened
  | PhoneKeyOffered
  | PhoneEnrolled
  | PhoneKeyRevoked
  | PasskeyEnrolled
  | PasskeyRevoked;

/** Schema 1: administrators acted as clients, with keys of their own. */
const byAClientItself =
  (member: 'requestedWith' | 'approvedWith'): Upcaster =>
  (data) => {
    const { [member]: key = null } = data;
    return { ...data, [member]: { ...(isObject(key) ? key : {}), operator: null } };
  };

/** The schemas that these events have had. */
export const subjectSchemas: Schemas<SubjectEvent['type']> = {
  ErasureRequested: [byAClientItself('requestedWith')],
  ErasureWithdrawn: [],
  ErasureApproved: [byAClientItself('approvedWith')],
  LegalHoldPlaced: [],
  LegalHoldLifted: [],
  SubjectErased: [],
  SubjectNoted: [],
  SubjectIdentified: [],
  IdentifierAdded: [],
  SubjectsMerged: [],
  EnrolmentOpened: [],
  PhoneKeyOffered: [],
  PhoneEnrolled: [],
  PhoneKeyRevoked: [],
  PasskeyEnrolled: [],
  PasskeyRevoked: [],
};
