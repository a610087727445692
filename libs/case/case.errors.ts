import { AbsentError, ConflictError, InvalidError, RefusedError } from '#libs/kernel';

export class CaseAbsent extends AbsentError<'case_absent' | 'matter_absent' | 'material_absent'> {}
export class CaseInvalid extends InvalidError<
  'role_twice' | 'participant_missing' | 'participant_ambiguous'
> {}
export class CaseConflict extends ConflictError<'case_closed' | 'case_already_open'> {}

/**
 * The caller may not do this with the case. `participant_code_refused` is the one answer to a
 * wrong, expired or used QR code, so that responses do not reveal which codes exist.
 */
export class CaseNotAllowed extends RefusedError<
  'case_of_another_window' | 'window_required' | 'participant_code_refused'
> {}
