import { InvalidError, UnauthenticatedError, UnavailableError } from '#libs/kernel';

/** The operators' issuer did not answer, or not as OpenID Connect has it. */
export class OperatorsIssuerAway extends UnavailableError<'operators_issuer_unreachable'> {}

/** Who signs in is not proved by the operators' issuer. */
export class AccountRefused extends UnauthenticatedError<
  | 'account_answer_foreign' // of another sign-in, another browser or issuer, used before, or late
  | 'account_not_confirmed' // the issuer itself refused, or took no code
  | 'account_token_not_verified' // algorithm, key or signature of the ID token, or its form
  | 'account_token_foreign' // issued by another issuer, or for another client
  | 'account_token_expired'
  | 'account_token_replayed' // its nonce is of another sign-in
  | 'account_sign_in_old' // signed in there before this sign-in began
  | 'account_method_weak' // `acr` or `amr` are not those that the city asks for
  | 'account_unknown' // no enabled operator has this account now
> {}

/** What a terminal hands in of a sign-in at the operators' issuer. */
export class AccountInvalid extends InvalidError<
  | 'account_answer_malformed'
  // not signed by this city's issuer for this terminal, or expired
  | 'account_statement_refused'
> {}
