import type { Schemas } from '#libs/event-store';
import type { MaterialRule } from '#libs/catalogue';
import type { Fact } from '#libs/kernel';

/**
 * By the QR code on the participant's own phone, or by a number that a clerk read from a paper or
 * typed.
 */
export type IdentifiedBy = 'code' | 'number';

export interface Participant {
  readonly subject: string;
  readonly role: string;
  readonly identifiedBy: IdentifiedBy;
}

/**
 * Stream `case-<case>`. The rules in force are recorded with the case: a release is decided by
 * them, not by later ones.
 */
export type CaseOpened = Fact<
  'CaseOpened',
  {
    readonly case: string;
    readonly matter: string;
    readonly matterName: string;
    readonly matterNameEn: string;
    readonly ruleVersion: number;
    readonly materials: readonly MaterialRule[];
    readonly window: string;
    readonly department: string;
    /** Where the matter is of the same department, and the catalogue has its English name. */
    readonly departmentEn?: string;
    readonly town: string | null;
    readonly terminal: string;
    readonly participants: readonly Participant[];
    /**
     * By role: how many records the participant's book had. Records of the case come after them,
     * and only those are read for it.
     */
    readonly books: Readonly<Record<string, number>>;
  }
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
export type CaseEvent = CaseOpened | MaterialBrought | CaseClosed;

/** The schemas that these events have had. */
export const caseSchemas: Schemas<CaseEvent['type']> = {
  CaseOpened: [],
  MaterialBrought: [],
  CaseClosed: [],
};
