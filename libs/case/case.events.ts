import type { Schemas } from '#libs/event-store';
import type { MaterialRule, SelfService } from '#libs/catalogue';
import type { Fact } from '#libs/kernel';

/**
 * By the QR code on the participant's own phone, by a number that a clerk read from a paper or
 * typed, or by the participant's own key, which signed the opening of the case.
 */
export type IdentifiedBy = 'code' | 'number' | 'key';

export interface Participant {
  readonly subject: string;
  readonly role: string;
  readonly identifiedBy: IdentifiedBy;
}

/**
 * What a case is about. The rules in force are recorded with it: a release is decided by them, not
 * by later ones.
 */
export interface CaseTerms {
  readonly case: string;
  readonly matter: string;
  readonly matterName: string;
  readonly matterNameEn: string;
  /** Whose matter it is; null in records of schema 1, which do not say it. */
  readonly matterDepartment: string | null;
  readonly matterDepartmentEn?: string;
  readonly ruleVersion: number;
  /** Those of the matter; of a self-service matter, those that the kiosk named. */
  readonly materials: readonly MaterialRule[];
  /** What the kiosk that opened it does for its matter; absent at windows. */
  readonly selfService?: SelfService;
  /** Whose windows handle the case. */
  readonly department: string;
  /** Where the matter is of the same department, and the catalogue has its English name. */
  readonly departmentEn?: string;
  readonly participants: readonly Participant[];
  /**
   * By role: how many records the participant's book had. Records of the case come after them,
   * and only those are read for it.
   */
  readonly books: Readonly<Record<string, number>>;
}

/** The window that handles a case. */
export interface CasePlace {
  readonly window: string;
  readonly town: string | null;
  readonly terminal: string;
}

/** Stream `case-<case>`. `queueNumber` is the one called in the hall, as `A023`. */
export type CaseOpened = Fact<
  'CaseOpened',
  CaseTerms & CasePlace & { readonly queueNumber: string | null }
>;

/** How a case was opened: a compact JWS (`applicationType`) of the holder's enrolled key. */
export interface ApplicationProof {
  readonly method: 'jws';
  readonly jws: string;
  readonly jkt: string;
}

/**
 * A holder applied online, at no window: the case belongs to the department, until one of its
 * windows takes it. `caller` is the subject whose key signed.
 */
export type CaseOpenedOnline = Fact<
  'CaseOpenedOnline',
  CaseTerms & { readonly caller: string; readonly proof: ApplicationProof }
>;

/** From here on it is this window's case, like one that was opened there. */
export type CaseTaken = Fact<'CaseTaken', CasePlace & { readonly case: string }>;

/**
 * The window that had taken it gave it back: it is on the board of its department again. `window`
 * is where it was.
 */
export type CaseReturned = Fact<'CaseReturned', { readonly case: string; readonly window: string }>;

/** The applicant withdrew the application; `caller` is the subject whose phone did. */
export type CaseWithdrawn = Fact<
  'CaseWithdrawn',
  { readonly case: string; readonly caller: string }
>;

/** Why the applicant brought the paper although it was exemptible. Codes, never free text. */
export const broughtReasons = [
  'no_rule',
  'no_phone',
  'refused',
  'not_answered',
  'holder_has_none',
  'certificate_not_valid',
  'holder_prefers_paper',
] as const;
export type BroughtReason = (typeof broughtReasons)[number];

export const caseOutcomes = ['accepted', 'rejected', 'withdrawn'] as const;
export type CaseOutcome = (typeof caseOutcomes)[number];

export type MaterialBrought = Fact<
  'MaterialBrought',
  { readonly case: string; readonly material: string; readonly reason: BroughtReason }
>;
export type CaseClosed = Fact<
  'CaseClosed',
  { readonly case: string; readonly outcome: CaseOutcome }
>;
export type CaseEvent =
  | CaseOpened
  | CaseOpenedOnline
  | CaseTaken
  | CaseReturned
  | CaseWithdrawn
  | MaterialBrought
  | CaseClosed;

/** The schemas that these events have had. */
export const caseSchemas: Schemas<CaseEvent['type']> = {
  CaseOpened: [(data) => ({ ...data, matterDepartment: null, queueNumber: null })],
  CaseOpenedOnline: [],
  CaseTaken: [],
  CaseReturned: [],
  CaseWithdrawn: [],
  MaterialBrought: [],
  CaseClosed: [],
};
