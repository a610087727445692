import { AbsentError, ConflictError, InvalidError, RefusedError } from '#libs/kernel';

/** What came in as a certificate is not one. Facts name claims of the format and fields of the catalogue, never what was written in them. */
export class CertificateMalformed extends InvalidError<
  | 'line_malformed'
  | 'sd_jwt_malformed'
  | 'sd_jwt_too_large'
  | 'disclosure_malformed'
  | 'disclosure_unknown' // its digest is not in the signed part
  | 'disclosure_missing' // a digest of the signed part that no disclosure answers
  | 'disclosure_repeated'
  | 'claim_unknown'
  | 'claim_wrong'
  | 'validity_wrong'
  | 'holders_wrong'
  | 'holder_kind_wrong'
  | 'type_unknown'
  | 'field_unknown'
  | 'field_wrong'
  | 'file_missing'
  | 'file_wrong'
> {}

/** Who calls may not issue this: an issuing authority issues its own types, in its own name, with a key that it registered. */
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
  | 'holders_changed' // the same words, but their holder is another subject now: the first one was erased
  | 'certificate_valid'
  | 'certificate_suspended'
  | 'certificate_revoked'
  | 'certificate_cancelled'
  | 'version_not_next'
  | 'version_supersedes_other'
  | 'type_changed'
> {}

/** A batch that is no batch. What is wrong with one line is told in that line's result instead. */
export class BatchMalformed extends InvalidError<
  'batch_empty' | 'batch_too_long' | 'batch_column_missing' | 'batch_not_text'
> {}
