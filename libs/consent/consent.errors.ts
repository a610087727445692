import { AbsentError, ConflictError, InternalError, RefusedError } from '#libs/kernel';

export class ConsentAbsent extends AbsentError<
  'consent_absent' | 'participant_absent' | 'material_absent'
> {}

export const consentAbsent = () => new ConsentAbsent('consent_absent', 'there is no such consent');

/** The matter's rule does not permit the request, or another one is pending. */
export class ConsentConflict extends ConflictError<
  | 'consent_already_waiting'
  | 'consent_already_granted'
  | 'consent_already_requested'
  | 'material_already_brought'
  | 'material_already_answered'
> {}

/**
 * The consent does not permit this use: not granted, no longer valid, or granted to another
 * terminal or for another purpose.
 */
export class ConsentNotUsable extends RefusedError<
  | 'consent_not_granted'
  | 'consent_refused'
  | 'consent_withdrawn'
  | 'consent_ended'
  | 'consent_expired'
  | 'consent_spent'
  | 'consent_not_redeemed'
  | 'consent_of_another_terminal'
  | 'consent_of_another_case'
  | 'material_not_exemptible'
  | 'ask_beyond_rule'
  | 'fields_beyond_consent'
  | 'nothing_to_release'
  | 'release_withheld'
  | 'reading_again_over'
  | 'action_not_of_case'
  | 'consent_for_other_action'
  | 'basis_not_supported'
  | 'number_mismatched_twice'
> {}

/** The grant is not a signature of this phone, or its passkey, over this text. */
export class GrantRefused extends RefusedError<
  | 'grant_malformed'
  | 'grant_signature_refused'
  | 'grant_stale'
  | 'grant_for_another_consent'
  | 'grant_for_another_text'
  | 'grant_passkey_unknown' // no passkey in use of the phone that sends it
  | 'grant_from_elsewhere' // used on a page of another site
  | 'grant_user_not_verified'
  | 'grant_counter_behind' // the passkey may have been copied
  | 'capacity_not_supported'
  | 'proof_not_supported'
  | 'number_missing'
  | 'number_not_asked'
  | 'number_mismatched'
> {}

/** The consent token was not minted by this ledger for this caller, this consent and this time. */
export class TokenRefused extends RefusedError<
  | 'token_malformed'
  | 'token_signature_refused'
  | 'token_issuer_wrong'
  | 'token_audience_wrong'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_lives_too_long'
  | 'token_of_another_client'
  | 'token_of_another_key'
  | 'token_for_another_release'
> {}

/** A book holds events that the rules cannot have written. */
export class BookDamaged extends InternalError<'book_without_request' | 'match_not_opened'> {}
