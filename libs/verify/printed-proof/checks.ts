/**
 * - `passed`, `failed`: it was checked;
 * - `not-checked`: it could not be;
 * - `readers-task`: no program can.
 */
export type CheckState = 'passed' | 'failed' | 'not-checked' | 'readers-task';

/** A line for the reader; `why` where the state needs a reason. */
export interface CheckLine<Id extends string, Why extends string> {
  readonly check: Id;
  readonly state: CheckState;
  readonly why: Why | null;
}

export type CityLine = CheckLine<'city', 'city_other' | 'city_trial'>;
export type SignatureLine = CheckLine<
  'authority-signature',
  'city_other' | 'keys_missing' | 'keys_older_than_page' | 'key_unknown' | 'signature_wrong'
>;
export type KeyLine = CheckLine<
  'authority-key',
  'signature_not_checked' | 'keys_older_than_page' | 'key_not_in_force'
>;
export type LoggedLine = CheckLine<
  'logged',
  'policy_missing' | 'log_unknown' | 'not_included' | 'log_signature_wrong'
>;
export type WitnessedLine = CheckLine<
  'witnessed',
  | 'policy_missing'
  | 'log_unknown'
  | 'not_logged'
  | 'none_needed'
  | 'quorum_missing'
  | 'cosignature_wrong'
>;
/** Whether the time that the authority signed is that of the witnesses. */
export type IssuedTimeLine = CheckLine<
  'issued-time',
  'no_witness' | 'issued_after_witnessed' | 'issued_long_before_witnessed'
>;
/** The device's own clock. */
export type ClockLine = CheckLine<
  'clock',
  'clock_behind' | 'clock_corrected' | 'clock_not_compared'
>;
export type ValidityLine = CheckLine<'validity', 'clock_behind' | 'expired' | 'check_again'>;
/** What the city said last became of the page. */
export type StandingLine = CheckLine<
  'standing',
  | 'not_asked'
  | 'stale'
  | 'clock_behind'
  | 'revoked'
  | 'changed_since'
  | 'erased_since'
  | 'unknown_to_city'
>;
export type PaperLine = CheckLine<'paper-text', 'compare_the_facts'>;

export type PrintedCheck =
  | CityLine
  | SignatureLine
  | KeyLine
  | LoggedLine
  | WitnessedLine
  | IssuedTimeLine
  | ClockLine
  | ValidityLine
  | StandingLine
  | PaperLine;

/**
 * - `genuine`: every check passed, the page's standing among them, a moment ago;
 * - `changed-since`, `erased-since`, `revoked`, `expired`: genuine when issued, and over;
 * - `standing-unknown`: genuine when issued, and what became of it was not learned;
 * - `undecided`: keys are missing, so that nothing can be said yet;
 * - `not-issued-here`: it is not a page of this city as the city's log has it.
 */
export type PrintedVerdict =
  | 'genuine'
  | 'changed-since'
  | 'erased-since'
  | 'revoked'
  | 'expired'
  | 'standing-unknown'
  | 'undecided'
  | 'not-issued-here';
