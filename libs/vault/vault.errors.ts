import {
  ConflictError,
  InternalError,
  RefusedError,
  AbsentError,
  TooLargeError,
  TooManyError,
  UnavailableError,
} from '#libs/kernel';

/** There is no key to open with: it was destroyed, or never made. */
export class SubjectKeyAbsent extends AbsentError<'subject_key_destroyed' | 'subject_key_absent'> {}

/** The data were not sealed by this key for this purpose, or were changed since. */
export class SealBroken extends InternalError<'seal_broken'> {}

/** The master key cannot be rotated now; no key in use was lost. */
export class RotationRefused extends RefusedError<
  | 'master_key_in_environment' // only a key in a file can be rotated
  | 'city_running'
  | 'rotation_under_way'
  | 'vault_not_in_use' // no city was ever started on this database
> {}

/** The vault cannot be used with the keys that this process was given. */
export class KeysRefused extends InternalError<
  | 'key_file_open_to_others' // run chmod 600, and find out who has read it
  | 'key_file_unreadable'
  | 'key_file_missing' // a missing file is not replaced, because the database names the lost key
  | 'key_malformed'
  | 'key_missing' // rows name a key that is not in the ring
  | 'master_key_rotating' // a start waits for its end
> {}

export class BlobTooLarge extends TooLargeError<'blob_too_large'> {}

/** A client stored more files than may wait for a certificate that names them. */
export class BlobsUnnamed extends TooManyError<'files_unnamed_too_many'> {}

export class BlobIdTaken extends ConflictError<'blob_id_taken'> {}

/**
 * A number's row was erased between two steps of one look-up. A retry creates a new subject, as for
 * any unknown number.
 */
export class LookupBroken extends UnavailableError<'lookup_row_vanished'> {}
