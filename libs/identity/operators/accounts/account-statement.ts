import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { epochSeconds, type Instant } from '#libs/kernel';
import type { JwksSource } from '../../guards/jwks-source.js';
import type { SigningKeys } from '../../issuer/signing-keys.js';
import { JwsRefused, readCompactJws, unverifiedHeader } from '../../jws.js';
import type { BoundAccount } from '../operators.events.js';
import { AccountInvalid } from './accounts.errors.js';

/**
 * What the city's issuer states to its ledger: who opened this invitation, at this terminal, signed
 * in under this account.
 */
export interface AccountStatement {
  readonly operator: string;
  /** SHA-256 of the invitation's secret, base64url. */
  readonly invitation: string;
  readonly terminal: string;
  readonly account: BoundAccount;
}

/** Between whom: the issuer of access tokens, and the origin of the ledger. */
interface Parties {
  readonly issuer: string;
  readonly audience: string;
}

const typ = 'operator-account+jwt';
/** Seconds: the page hands it in at once. */
const holds = 120;

export function signAccountStatement(
  { keys: [key] }: SigningKeys,
  { issuer, audience }: Parties,
  { operator, invitation, terminal, account }: AccountStatement,
  now: Instant,
): Promise<string> {
  const iat = epochSeconds(now);
  return new SignJWT({ client_id: terminal, invitation, account: { ...account } })
    .setProtectedHeader({ typ, alg: 'EdDSA', kid: key?.kid ?? '' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(operator)
    .setIssuedAt(iat)
    .setExpirationTime(iat + holds)
    .sign(createPrivateKey({ key: { ...key }, format: 'jwk' }));
}

/** @throws AccountInvalid, IssuerUnreachable */
export async function readAccountStatement(
  token: string,
  keys: JwksSource,
  { issuer, audience }: Parties,
  now: Instant,
): Promise<AccountStatement> {
  const {
    iss,
    aud,
    sub,
    exp,
    client_id: terminal,
    invitation,
    account,
  } = await verified(token, keys);
  if (iss !== issuer || aud !== audience) throw refused('it is of another city');
  if (typeof exp !== 'number' || exp <= epochSeconds(now)) throw refused('it is expired');
  // Signed by our own issuer, which writes no other form.
  return { operator: sub, invitation, terminal, account } as AccountStatement;
}

async function verified(token: string, keys: JwksSource) {
  try {
    const { kid } = unverifiedHeader(token);
    const key = typeof kid === 'string' ? await keys.find(kid) : null;
    return readCompactJws(token, { typ, algorithms: ['EdDSA'], keyOf: () => key }).payload;
  } catch (cause) {
    if (cause instanceof JwsRefused) throw refused('it is not signed by the issuer', cause);
    throw cause;
  }
}

const refused = (why: string, cause?: unknown) =>
  new AccountInvalid(
    'account_statement_refused',
    `the statement about the account is not taken: ${why}`,
    {},
    { cause, hint: 'Open the invitation again.' },
  );
