import { AbsentError, ConflictError, InternalError, RefusedError } from '#libs/kernel';

export class ConsentAbsent extends AbsentError<
  'consent_absent' | 'participant_absent' | 'material_absent'
> {}

/** A consent is asked for what the matter's rule does not allow, or again while the holder still thinks. */
export class ConsentConflict extends ConflictError<
  | 'consent_already_waiting'
  | 'consent_already_granted'
  | 'consent_already_requested'
  | 'material_already_brought'
  | 'material_already_answered'
> {}

/** The consent cannot be used as the caller wants to: not granted, no longer, by nobody else, for nothing else. */
export class ConsentNotUsable extends RefusedError<
  | 'consent_not_granted'
  | 'consent_refused'
  | 'consent_withdrawn'
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
> {}

/** The holder's signed yes is not one to this text by this phone. */
export class GrantRefused extends RefusedError<
  | 'grant_malformed'
  | 'grant_signature_refused'
  | 'grant_stale'
  | 'grant_for_another_consent'
  | 'grant_for_another_text'
  | 'capacity_not_supported'
> {}

/** The consent token is not one that this ledger minted for this caller, now, for this consent. */
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

/** A book holds what the rules cannot have written. */
export class BookDamaged extends InternalError<'book_without_request'> {}
