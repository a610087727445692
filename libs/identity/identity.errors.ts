import { AbsentError, ConflictError, InvalidError, RefusedError } from '#libs/kernel';

/** A registration under which no client could act. */
export class ClientInvalid extends InvalidError<
  | 'client_sign_in_not_of_kind' // operators sign in at terminals alone
  | 'client_scope_not_of_kind'
  | 'client_window_missing'
  | 'client_authority_missing'
  | 'client_authority_unexpected'
  | 'client_authority_code_wrong'
  | 'client_authority_types_missing'
  | 'client_authority_types_too_many'
  | 'client_authority_type_unknown' // the catalogue has none of this code
  | 'client_keys_missing'
  | 'client_key_twice'
> {}
export class ClientConflict extends ConflictError<
  | 'client_exists'
  | 'client_key_retired'
  | 'client_disabled'
  | 'client_key_taken' // one public key is one client's, for ever
  | 'authority_code_taken' // one credit code is one authority's
> {}
export class ClientAbsent extends AbsentError<'client_unknown'> {}
export class ClientRefused extends RefusedError<
  | 'client_is_own'
  // its key and its standing are changed by itself, or from the ledger's machine
  | 'client_admitted_by_city'
  | 'client_key_not_current' // given up, or its client disabled, since the request was let in
  // an authority's new key, which neither its old one nor a second administrator vouches for
  | 'client_key_unapproved'
  | 'client_key_approver_unfit'
  | 'client_key_approvers_not_independent'
> {}
