import { AbsentError, ConflictError, InvalidError, RefusedError } from '#libs/kernel';

/**
 * What came in as a certificate is not one. Facts name claims of the format and fields of the
 * catalogue; of what was written they show the picture, never the value.
 */
export class CertificateMalformed extends InvalidError<
  | 'line_malformed'
  | 'line_too_long'
  | 'sd_jwt_malformed'
  | 'sd_jwt_too_large'
  | 'disclosure_malformed'
  | 'disclosure_unknown' // its digest is not in the signed part
  | 'disclosure_missing' // a digest of the signed part that no disclosure answers
  | 'disclosure_repeated'
  | 'claim_unknown'
  | 'claim_wrong'
  | 'validity_wrong'
  | 'as_of_to_come'
  | 'holders_wrong'
  | 'holder_kind_wrong'
  | 'type_unknown'
  | 'field_unknown'
  | 'field_wrong'
  | 'field_contradicts' // the holder's number, or another field, says something else
  | 'text_refused'
  | 'file_missing'
  | 'file_wrong'
> {}

/**
 * Who calls may not issue this: an issuing authority issues its own types, in its own name, with a
 * key that it registered.
 */
export class IssuerRefused extends RefusedError<
  | 'caller_not_issuing_authority'
  | 'issuer_not_caller'
  | 'type_not_of_authority'
  | 'key_not_of_caller'
> {}

/** No such certificate, or none that the caller may know of. */
export class CertificateAbsent extends AbsentError<'certificate_unknown'> {
  constructor(certificate: string) {
    super('certificate_unknown', 'no certificate of yours has this id', { certificate });
  }
}

/** The certificate's standing, or what it already holds, does not allow the change. */
export class CertificateConflict extends ConflictError<
  | 'certificate_exists'
  // the same words, but their holder is another subject now: the first one was erased
  | 'holders_changed'
  | 'certificate_valid'
  | 'certificate_suspended'
  | 'certificate_revoked'
  | 'certificate_cancelled'
  | 'version_not_next'
  | 'version_supersedes_other'
  | 'version_outdated' // as of before what stands
  | 'as_of_missing'
  | 'as_of_repeated' // as of the same time as what stands, and says something else
  | 'number_changed'
  | 'type_changed'
> {}

/** A malformed batch. Faults of one line are in that line's result instead. */
export class BatchMalformed extends InvalidError<
  'batch_empty' | 'batch_too_long' | 'batch_column_missing' | 'batch_not_text'
> {}
