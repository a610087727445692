import { RefusedError, UnauthenticatedError } from '#libs/kernel';

/**
 * Why the caller is not authenticated. Each check has its own code; nothing of token or proof is in
 * the error.
 */
export class CallerNotProved extends UnauthenticatedError<
  | 'token_missing'
  | 'token_scheme_wrong'
  | 'token_malformed'
  | 'token_signature_wrong'
  | 'token_issuer_wrong'
  | 'token_audience_wrong'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_lives_too_long'
  | 'token_unbound'
  | 'proof_missing'
  | 'proof_malformed'
  | 'proof_signature_wrong'
  | 'proof_key_wrong'
  | 'proof_method_wrong'
  | 'proof_url_wrong'
  | 'proof_stale'
  | 'proof_token_wrong'
  | 'proof_body_wrong'
  | 'proof_replayed'
  | 'client_unknown'
  | 'client_disabled'
  | 'client_key_unknown'
  | 'phone_unknown'
  | 'operator_signed_out' // disabled, or the passkey was taken away, since the sign-in
> {}

/** The caller is authenticated, and may not call this. */
export class AccessRefused extends RefusedError<
  // no operator is signed in at a terminal for operators
  'scope_missing' | 'route_closed' | 'operator_missing'
> {}
