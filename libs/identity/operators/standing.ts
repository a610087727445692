import type { KnownOperator } from './operator-directory.js';

/**
 * Whether what an operator signs in with counts now. Where an issuer elsewhere says who the
 * operators are, a passkey is for administrators alone: who runs that issuer could be any operator,
 * and what needs two administrators would be in one hand.
 * @param issuer the operators' issuer; null where passkeys sign everybody in
 */
export const maySignIn = (
  { passkey, account, roles }: Pick<KnownOperator, 'passkey' | 'account' | 'roles'>,
  issuer: string | null,
): boolean =>
  account === null
    ? passkey !== null && (issuer === null || roles.includes('administrator'))
    : account.issuer === issuer;
