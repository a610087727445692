import { AbsentError, ConflictError, InvalidError, RefusedError, TooManyError } from '#libs/kernel';

export class CaseAbsent extends AbsentError<'case_absent' | 'matter_absent' | 'material_absent'> {}
export class CaseInvalid extends InvalidError<
  | 'role_twice'
  | 'participant_missing'
  | 'participant_ambiguous'
  | 'participants_too_many'
  | 'materials_missing'
  | 'materials_of_matter'
> {}
export class CaseConflict extends ConflictError<
  | 'case_closed'
  | 'case_already_open'
  | 'case_already_taken'
  | 'case_not_taken'
  | 'case_not_online'
  | 'case_request_under_way'
  | 'case_in_hand'
  | 'case_self_service'
> {}

/**
 * The caller may not do this with the case. `participant_code_refused` is the one answer to a
 * wrong, expired or used QR code, so that responses do not reveal which codes exist.
 */
export class CaseNotAllowed extends RefusedError<
  | 'case_of_another_window'
  | 'window_required'
  | 'participant_code_refused'
  | 'matter_not_self_service' // a kiosk does no other matters
  | 'matter_self_service' // a kiosk does it, and no window
> {}

/** What a holder signed does not open this case. */
export class ApplicationRefused extends RefusedError<
  | 'application_malformed'
  | 'application_signature_refused'
  | 'application_stale'
  | 'application_out_of_date' // the matter has another name or department by now
  | 'application_of_other_kind' // the matter is for organisations, and the holder a person
> {}

/** A holder opened as many cases today as may be. */
export class ApplicationLimitReached extends TooManyError<'cases_of_holder'> {}
