import { SignJWT } from 'jose';
import { type ClientCaller, JwsRefused, readCompactJws } from '#libs/identity';
import { canonicalize, epochSeconds, type Instant, isObject, type JsonObject } from '#libs/kernel';
import { type Book, type Consent, consentIn } from './book.js';
import { ConsentAbsent, TokenRefused } from './consent.errors.js';
import type { ConsentRequested } from './consent.events.js';
import { assuranceOf } from './proof.js';
import type { LedgerKeys } from './ports.js';

export const tokenType = 'consent+jwt';
/**
 * Longest life of a token, and largest difference of two of the ledger's own clocks, in seconds.
 */
export const tokenSeconds = 60;
const clockSeconds = 2;

/** RFC 9396: exactly what the token permits. Bound to the request in the book. */
export function authorizationDetails(request: ConsentRequested['data']): JsonObject {
  const types = request.asks.flatMap(({ answers }) => answers.map(({ type }) => type));
  return {
    type: 'certificate_release',
    actions: [request.action],
    locations: [request.window],
    datatypes: [...new Set(types)].sort(),
    identifier: request.case,
    purpose: request.purpose,
    notice_version: request.notice.version,
  };
}

/**
 * The content of a verified token. `subject` is the calling department's pairwise id of the holder.
 */
export interface ConsentToken {
  readonly consent: string;
  readonly case: string;
  readonly subject: string;
  readonly noticeHash: string;
  readonly details: JsonObject;
}

/**
 * Mints the token by which a terminal redeems a granted consent (design: "Consent token"). It adds
 * only a proof to the grant: the book decides whether it is spent.
 */
export async function mintConsentToken(
  keys: LedgerKeys,
  consent: Extract<Consent, { status: 'granted' }>,
  facts: { readonly subject: string; readonly grantRecord: string; readonly now: Instant },
): Promise<{ readonly token: string; readonly expires: Instant }> {
  const { request, grant } = consent;
  const iat = epochSeconds(facts.now);
  const exp = Math.min(iat + tokenSeconds, epochSeconds(grant.redeemBy) + 1);
  const { kid, privateKey } = await keys.current();
  const token = await new SignJWT({
    client_id: request.terminal,
    ...assuranceOf(grant.proof),
    txn: facts.grantRecord,
    cnf: { jkt: request.terminalKey },
    notice_hash: request.notice.hash,
    authorization_details: [authorizationDetails(request)],
  })
    .setProtectedHeader({ typ: tokenType, alg: 'EdDSA', kid })
    .setIssuer(keys.issuer)
    .setAudience(keys.audience)
    .setSubject(facts.subject)
    .setJti(request.consent)
    .setIssuedAt(iat)
    .setNotBefore(iat)
    .setExpirationTime(exp)
    .sign(privateKey);
  return { token, expires: new Date(exp * 1000).toISOString() };
}

const claims = [
  'acr',
  'amr',
  'aud',
  'authorization_details',
  'client_id',
  'cnf',
  'exp',
  'iat',
  'iss',
  'jti',
  'nbf',
  'notice_hash',
  'sub',
  'txn',
];

/**
 * Verifies a consent token that a terminal presents: signature, exact profile, times, and that it
 * was minted for this caller and its key. The book decides whether the consent can still be used;
 * `checkTokenAgainst` compares the token with the book's request.
 * @throws TokenRefused
 */
export async function readConsentToken(
  token: string,
  keys: LedgerKeys,
  caller: Pick<ClientCaller, 'client' | 'jkt'>,
  now: Instant,
): Promise<ConsentToken> {
  const payload = await verified(token, keys);
  const { iat, nbf, exp, jti, sub, cnf, notice_hash: noticeHash, authorization_details } = payload;
  if (Object.keys(payload).sort().join() !== claims.join()) throw malformed('claims');
  if (payload['iss'] !== keys.issuer)
    throw new TokenRefused('token_issuer_wrong', 'the token is of another issuer');
  // One audience, as a text: a list is refused even where it holds this ledger's alone.
  if (payload['aud'] !== keys.audience)
    throw new TokenRefused('token_audience_wrong', 'the token is for another audience');
  if (!isCount(iat) || !isCount(nbf) || !isCount(exp)) throw malformed('times');
  if (!(iat <= nbf && nbf < exp)) throw malformed('times');
  if (exp - iat > tokenSeconds)
    throw new TokenRefused('token_lives_too_long', 'the token lives longer than a minute');
  const second = epochSeconds(now);
  if (second >= exp)
    throw new TokenRefused(
      'token_expired',
      'the token is no longer valid',
      {},
      {
        hint: 'Ask for a new one while the grant lasts.',
      },
    );
  if (nbf > second + clockSeconds || iat > second + clockSeconds)
    throw new TokenRefused('token_not_yet_valid', 'the token is not valid yet');
  if (payload['client_id'] !== caller.client)
    throw new TokenRefused('token_of_another_client', 'the token was made for another terminal');
  if (!isObject(cnf) || Object.keys(cnf).join() !== 'jkt' || cnf['jkt'] !== caller.jkt)
    throw new TokenRefused('token_of_another_key', 'the token was made for another key');
  if (typeof jti !== 'string' || typeof sub !== 'string' || typeof noticeHash !== 'string')
    throw malformed('claims');
  if (!Array.isArray(authorization_details) || authorization_details.length !== 1)
    throw malformed('authorization_details');
  const details: unknown = authorization_details[0];
  if (!isObject(details) || typeof details['identifier'] !== 'string')
    throw malformed('authorization_details');
  return { consent: jti, case: details['identifier'], subject: sub, noticeHash, details };
}

/**
 * The token must match the book's request: another case, type, window, purpose or text is refused.
 * @throws ConsentAbsent, TokenRefused
 */
export function checkTokenAgainst(token: ConsentToken, book: Book): Consent {
  const consent = consentIn(book, token.consent);
  if (consent === null) throw new ConsentAbsent('consent_absent', 'there is no such consent');
  const { request } = consent;
  if (
    canonicalize(token.details) !== canonicalize(authorizationDetails(request)) ||
    token.noticeHash !== request.notice.hash
  )
    throw new TokenRefused('token_for_another_release', 'the token is not for what was granted');
  return consent;
}

async function verified(token: string, keys: LedgerKeys): Promise<JsonObject> {
  const known = await keys.published();
  try {
    return readCompactJws(token, {
      typ: tokenType,
      algorithms: ['EdDSA'],
      keyOf: ({ kid }) => known.find((key) => key.kid === kid)?.jwk ?? null,
    }).payload;
  } catch (cause) {
    if (!(cause instanceof JwsRefused)) throw cause;
    const code =
      cause.code === 'jws_malformed' || cause.code === 'jws_payload_malformed'
        ? 'token_malformed'
        : 'token_signature_refused';
    throw new TokenRefused(
      code,
      'the token is not one of this ledger',
      { check: cause.code },
      {
        cause,
      },
    );
  }
}

const malformed = (member: string) =>
  new TokenRefused('token_malformed', 'the token is not of the form of a consent token', {
    member,
  });

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
