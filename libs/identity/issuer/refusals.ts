import type { KoaContextWithOIDC } from 'oidc-provider';
import { isObject } from '#libs/kernel';
import type { ClientDirectory } from '../caller.js';

/** Why a token was refused. Literal, for logs and programs; nothing of what was sent. */
export interface TokenRefusal {
  readonly code: string;
  /**
   * The registered client, or the id that was claimed where it has the form of one; null where
   * there is none.
   */
  readonly client: string | null;
  /** The OAuth error code that was answered. */
  readonly error: string;
}

/** A code of the product, carried in oidc-provider's errors as their detail. */
const ours = /^[a-z0-9_]{3,64}$/;

/** Internal messages of oidc-provider, in the version that package.json pins. */
const details: Readonly<Record<string, string>> = {
  'alg mismatch': 'assertion_algorithm_wrong',
  'expiration must be specified in the client_assertion JWT': 'assertion_times_missing',
  'unique jti (JWT ID) must be provided in the client_assertion JWT': 'assertion_jti_wrong',
  'iss (JWT issuer) must be provided in the client_assertion JWT': 'assertion_subject_wrong',
  'iss (JWT issuer) must be the client_id': 'assertion_subject_wrong',
  'sub (JWT subject) must be provided in the client_assertion JWT': 'assertion_subject_wrong',
  'aud (JWT audience) must be provided in the client_assertion JWT': 'assertion_audience_wrong',
  'list of audience (aud) must include the endpoint url, issuer identifier or token endpoint url':
    'assertion_audience_wrong',
  'audience (aud) must equal the endpoint url, issuer identifier or token endpoint url':
    'assertion_audience_wrong',
  'jwt expired': 'assertion_expired',
  'jwt not active yet': 'assertion_not_valid_yet',
  'jwt issued in the future': 'assertion_not_valid_yet',
  'client assertion tokens must only be used once': 'assertion_used',
  'client not found': 'client_unknown',
  'the provided authentication mechanism does not match the registered client authentication method':
    'assertion_missing',
};

/**
 * What the caller learns beside the OAuth code: it depends on the request alone, neither on the
 * register nor on a key.
 */
const hints: Readonly<Record<string, string>> = {
  assertion_audience_wrong:
    "`aud` must be the issuer's URL, exactly and alone: not the token endpoint, not a list",
  assertion_subject_wrong: '`iss` and `sub` must both be the client id',
  assertion_times_missing: '`iat` and `exp` must be there, as numbers of seconds',
  assertion_lives_too_long: '`exp` must be after `iat`, by 60 seconds at most',
  assertion_jti_wrong: '`jti` must have 16 to 256 letters, and be new each time',
  assertion_expired: "`exp` is past: is the caller's clock right?",
  assertion_not_valid_yet: "`iat` or `nbf` is to come: is the caller's clock right?",
  assertion_algorithm_wrong: '`alg` must be EdDSA, Ed25519 or ES256, as the key is',
  assertion_missing: 'a client proves itself by `client_assertion` (private_key_jwt, RFC 7523)',
  proof_key_not_of_client: "the DPoP proof must be signed by a key of the client's",
};

export interface OAuthError {
  readonly error: string;
  readonly error_detail?: string | undefined;
}

/** The reason of an error of the token endpoint. */
export async function refusalOf(
  ctx: KoaContextWithOIDC,
  error: OAuthError,
  clients: ClientDirectory,
): Promise<TokenRefusal> {
  const claimed = ctx.oidc.entities.Client?.clientId ?? claimedClient(ctx);
  const code = codeOf(error);
  const known =
    code === 'client_unknown' && claimed !== null
      ? await clients.find(claimed).catch(() => null)
      : null;
  return {
    code: known === null ? code : 'client_disabled',
    client: claimed,
    error: error.error,
  };
}

function codeOf({ error, error_detail: detail = '' }: OAuthError): string {
  if (ours.test(detail)) return detail;
  const known = details[detail];
  if (known !== undefined) return known;
  // What else fails while an assertion is verified is its signature, or a key id that the client
  // does not have.
  if (error === 'invalid_client') return 'assertion_not_verified';
  return error;
}

/** The words for the caller; undefined where the reason is for the operator's log alone. */
export const hintOf = (error: OAuthError): string | undefined => hints[codeOf(error)];

function claimedClient(ctx: KoaContextWithOIDC): string | null {
  const { client_id: said, client_assertion: assertion } = ctx.oidc.params ?? {};
  const claimed = typeof said === 'string' ? said : subjectOf(String(assertion));
  // The form of the ids that registration gives; other text may be a person's number.
  return claimed !== null && /^[A-Za-z0-9_-]{22}$/.test(claimed) ? claimed : null;
}

function subjectOf(assertion: string): string | null {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8'),
    );
    return isObject(claims) && typeof claims['sub'] === 'string' ? claims['sub'] : null;
  } catch {
    return null;
  }
}
