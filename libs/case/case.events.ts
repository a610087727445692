import type { Schemas } from '#libs/event-store';
import type { MaterialRule } from '#libs/catalogue';
import type { Fact } from '#libs/kernel';

export interface Participant {
  readonly subject: string;
  readonly role: string;
}

/** Stream `case-<case>`. The rules in force are kept with the case: a release is judged by them, not by what the rules are later. */
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
    readonly town: string | null;
    readonly terminal: string;
    readonly participants: readonly Participant[];
  }
>;

/** Why the applicant brought the paper after all. Codes, never free text. */
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
