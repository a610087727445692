import {
  ConflictError,
  InternalError,
  InvalidError,
  RefusedError,
  AbsentError,
  TooLargeError,
  UnavailableError,
} from '#libs/kernel';

/** A number that cannot be one of its kind. Facts name the kind; the number itself is told to nobody. */
export class IdentifierInvalid extends InvalidError<
  'identifier_kind_unknown' | 'identifier_malformed' | 'identifier_check_failed'
> {}

/** There is no key to open with: it was destroyed, or never made. */
export class SubjectKeyAbsent extends AbsentError<'subject_key_destroyed' | 'subject_key_absent'> {}

/** What was to be opened was not sealed by this key for this purpose, or was changed since. */
export class SealBroken extends InternalError<'seal_broken'> {}

/** The master key cannot be rotated now; no key that anything stands under was lost. */
export class RotationRefused extends RefusedError<
  | 'master_key_in_environment' // only one in a file can be rotated
  | 'city_running'
  | 'rotation_under_way'
  | 'vault_not_in_use' // no city was ever started on this database
> {}

/** The vault cannot be used with the keys that this process was given. */
export class KeysRefused extends InternalError<
  | 'key_file_open_to_others' // chmod 600, and think about who has read it
  | 'key_file_unreadable'
  | 'key_file_missing' // and is not made anew, for the database names the lost key
  | 'key_malformed'
  | 'key_missing' // rows name a key that is not in the ring
  | 'master_key_rotating' // a start has to wait for the end of it
> {}

export class BlobTooLarge extends TooLargeError<'blob_too_large'> {}
export class BlobIdTaken extends ConflictError<'blob_id_taken'> {}

/** The subject's own history does not allow it. */
export class SubjectRefused extends RefusedError<'subject_not_identified' | 'subject_erased'> {}
export const subjectErased = (): SubjectRefused =>
  new SubjectRefused(
    'subject_erased',
    'the subject was erased; whoever asks for the number again gets a new one',
  );
/** Nobody is known by this number or id. */
export class SubjectAbsent extends AbsentError<'subject_absent'> {}

/** An erasure that may not go on, or not be withdrawn. */
export class ErasureRefused extends RefusedError<
  | 'erasure_on_legal_hold'
  | 'erasure_needs_second_administrator' // one administrator alone would decide
  | 'erasure_administrators_not_independent' // one of two has, or gave, the other's key
  | 'erasure_expired' // nobody approved it in time
  | 'erasure_withdrawn'
  | 'erasure_of_another_administrator' // who did not ask cannot withdraw
> {}
/** `subject_erased_before`: it is done, for good. `erasure_under_way`: it was approved, and a hold comes too late. */
export class ErasureConflict extends ConflictError<'subject_erased_before' | 'erasure_under_way'> {}
export class ErasureAbsent extends AbsentError<'erasure_absent' | 'legal_hold_absent'> {}
/** Exactly one of number and subject id says whom a request is about. */
export class WhomInvalid extends InvalidError<'whom_ambiguous'> {}
export class SubjectConflict extends ConflictError<'subject_merge_with_itself'> {}

/**
 * An enrolment that does not go on. A code that is wrong, expired or used is refused in one way only, so that nobody learns which codes
 * there are.
 */
export class EnrolmentRefused extends RefusedError<
  | 'enrolment_code_refused'
  | 'enrolment_not_offered'
  | 'enrolment_expired'
  | 'phone_key_proof_refused'
  | 'enrolment_statement_refused'
> {}
export class EnrolmentAbsent extends AbsentError<'enrolment_absent'> {}
/** A key speaks for one subject, once: a phone makes a new key for each enrolment. */
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

/** A number's row was erased between two steps of one look-up. Asking again makes a new subject, as for any unknown number. */
export class LookupBroken extends UnavailableError<'lookup_row_vanished'> {}
