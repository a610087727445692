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
    readonly ruleVersion: number;
    readonly materials: readonly MaterialRule[];
    readonly window: string;
    readonly department: string;
    readonly terminal: string;
    readonly participants: readonly Participant[];
  }
>;
/** The applicant brought the paper after all; `reason` is a code. */
export type MaterialBrought = Fact<
  'MaterialBrought',
  { readonly material: string; readonly reason: string }
>;
export type CaseClosed = Fact<
  'CaseClosed',
  { readonly outcome: 'accepted' | 'rejected' | 'withdrawn' }
>;
export type CaseEvent = CaseOpened | MaterialBrought | CaseClosed;
