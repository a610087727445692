import { ConflictError, InvalidError, RefusedError, AbsentError } from '#libs/kernel';

/** A number that cannot be one of its kind. Facts name the kind and never the number. */
export class IdentifierInvalid extends InvalidError<
  | 'identifier_kind_unknown'
  | 'identifier_malformed'
  | 'identifier_check_failed'
  | 'identifier_birth_impossible'
  | 'identifier_issuer_missing'
  | 'identifier_issuer_unknown'
  | 'identifier_issuer_unwanted'
> {}

/** The subject's history does not allow it. */
export class SubjectRefused extends RefusedError<'subject_not_identified' | 'subject_erased'> {}

export const subjectErased = (): SubjectRefused =>
  new SubjectRefused(
    'subject_erased',
    'the subject was erased; the next request with the number creates a new one',
  );

/** No subject is known by this number or id. */
export class SubjectAbsent extends AbsentError<'subject_absent'> {}

/** An erasure that cannot proceed, or cannot be withdrawn. */
export class ErasureRefused extends RefusedError<
  | 'erasure_on_legal_hold'
  | 'erasure_needs_second_administrator' // one administrator alone would decide
  | 'erasure_administrators_not_independent' // one of two has, or gave, the other's key
  | 'erasure_requester_changed' // the requester was disabled, or given a key by another, since
  | 'erasure_expired' // not approved in time
  | 'erasure_withdrawn'
  | 'erasure_of_another_administrator' // only the requester can withdraw
> {}

/**
 * `subject_erased_before`: completed for good. `erasure_under_way`: approved, so that a hold comes
 * too late.
 */
export class ErasureConflict extends ConflictError<'subject_erased_before' | 'erasure_under_way'> {}

export class ErasureAbsent extends AbsentError<'erasure_absent' | 'legal_hold_absent'> {}

/** A request names its subject by exactly one of number and subject id. */
export class WhomInvalid extends InvalidError<'whom_ambiguous'> {}

export class SubjectConflict extends ConflictError<'subject_merge_with_itself'> {}

/**
 * An enrolment that cannot proceed. A wrong, an expired and a used code are refused alike, so that
 * responses do not reveal which codes exist.
 */
export class EnrolmentRefused extends RefusedError<
  | 'enrolment_code_refused'
  | 'enrolment_not_offered'
  | 'enrolment_expired'
  | 'phone_key_proof_refused'
  | 'enrolment_statement_refused'
> {}

export class EnrolmentAbsent extends AbsentError<'enrolment_absent'> {}

/** A key belongs to one subject, once: a phone makes a new key for each enrolment. */
export class PhoneKeyConflict extends ConflictError<'phone_key_taken'> {
  constructor() {
    super(
      'phone_key_taken',
      'the key is, or was, offered or enrolled already',
      {},
      {
        hint: 'Make a new key on the phone for each enrolment.',
      },
    );
  }
}

export class PhoneKeyAbsent extends AbsentError<'phone_key_absent'> {}

export class PasskeyConflict extends ConflictError<'passkeys_too_many'> {}

/** The phone did not sign for the passkey. */
export class PasskeyStatementRefused extends RefusedError<'passkey_statement_refused'> {}

export class PasskeyAbsent extends AbsentError<'passkey_absent'> {}
