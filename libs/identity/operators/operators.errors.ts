import {
  AbsentError,
  ConflictError,
  InvalidError,
  RefusedError,
  UnauthenticatedError,
} from '#libs/kernel';

export class OperatorInvalid extends InvalidError<
  'operator_roles_missing' | 'passkey_malformed' | 'passkey_algorithm_unsupported'
> {}
export class OperatorConflict extends ConflictError<
  'operator_exists' | 'operator_not_enabled' | 'operator_account_taken'
> {}
export class OperatorAbsent extends AbsentError<'operator_unknown'> {}
export class OperatorRefused extends RefusedError<
  // an operator changes nothing of its own standing
  | 'operator_is_own'
  // passkeys are made and used at enrolled terminals, and at no other client
  | 'passkey_needs_terminal'
  // a terminal is for the operators of its own department
  | 'operator_of_other_department'
  // administrators sign in with passkeys, where other operators have accounts elsewhere
  | 'operator_administers_by_passkey'
  // and the others with those accounts
  | 'operator_signs_in_at_issuer'
> {}
/**
 * No such invitation is open: unknown, used, replaced or expired, which whoever asks is not told
 * apart.
 */
export class InvitationRefused extends RefusedError<'operator_invitation_unusable'> {}
/** Who signs in is not proved by this passkey. */
export class PasskeyRefused extends UnauthenticatedError<
  | 'passkey_challenge_unusable' // expired, used before, or made for another sign-in
  | 'passkey_not_verified' // signature, origin, relying party or user verification
  | 'passkey_unknown' // no enabled operator has it now
  | 'passkey_sample_refused' // the sample passkey of trials, elsewhere
  | 'passkey_counter_behind' // the authenticator may have been copied
> {}
