import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { epochSeconds, isObject, TooManyError } from '#libs/kernel';
import { type Jwk, JwsRefused, readCompactJws } from '../jws.js';
import type { RegisteredClient } from '../caller.js';
import { allScopes } from '../scopes.js';
import { type IssuerStores, issuerAdapter } from './adapter.js';
import { signInConfiguration, type SignInStores, signInTtl } from './sign-in.js';
import type { SigningKeys } from './signing-keys.js';

export interface IssuerOptions extends IssuerStores, SignInStores {
  /** The issuer identifier: its URL without a slash at the end. */
  readonly issuer: string;
  /** The one audience that tokens are for: the origin of the pages, too. */
  readonly audience: string;
  readonly signingKeys: SigningKeys;
  /** Counts a request of an authenticated client. @throws where it asks too often */
  readonly admit: (client: string) => Promise<void>;
}

/** Seconds. */
const tokenLife = 300;
const maxAssertionSeconds = 60;
/** Seconds by which a client's clock may be ahead. */
const skewSeconds = 5;
const algorithms = ['EdDSA', 'Ed25519', 'ES256'] as const;

/**
 * The issuer of access tokens: OAuth 2 client credentials and, for operators at terminals, the code
 * flow, with private_key_jwt (RFC 7523), for DPoP-bound tokens (RFC 9449) in JWT form (RFC 9068).
 */
export function makeProvider(options: IssuerOptions): Provider {
  const { issuer, audience, signingKeys } = options;
  const off = { enabled: false } as const;
  const configuration: Configuration = {
    adapter: issuerAdapter(options),
    jwks: { keys: signingKeys.keys.map((key) => ({ ...key })) },
    clientAuthMethods: ['private_key_jwt'],
    ...signInConfiguration(options, options),
    scopes: [...allScopes, 'openid'],
    claims: {},
    // The sign-in page offers what it names here.
    ...(options.operatorsIssuer !== null && {
      discovery: { operators_issuer: options.operatorsIssuer },
    }),
    clientBasedCORS: () => false,
    clientDefaults: { id_token_signed_response_alg: 'EdDSA' },
    clockTolerance: skewSeconds,
    enabledJWA: {
      clientAuthSigningAlgValues: [...algorithms],
      dPoPSigningAlgValues: [...algorithms],
      idTokenSigningAlgValues: ['EdDSA'],
    },
    features: {
      clientCredentials: { enabled: true },
      dPoP: { enabled: true, allowReplay: false },
      devInteractions: off,
      userinfo: off,
      rpInitiatedLogout: off,
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      pushedAuthorizationRequests: off,
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== audience) throw new errors.InvalidTarget();
          return {
            audience,
            scope: allScopes.join(' '),
            accessTokenFormat: 'jwt',
            accessTokenTTL: tokenLife,
            jwt: { sign: { alg: 'EdDSA', ...kidOf(signingKeys) } },
          };
        },
      },
    },
    ttl: {
      AccessToken: tokenLife,
      AuthorizationCode: 60,
      ClientCredentials: tokenLife,
      IdToken: tokenLife,
      ...signInTtl(options.longest),
    },
    renderError: (ctx, out) => {
      if (ctx.oidc.route === 'authorization' || ctx.oidc.route === 'resume') {
        // A person is there: the page says it.
        ctx.status = 303;
        ctx.redirect(`${audience}/sign-in#error=${encodeURIComponent(out.error)}`);
        return;
      }
      ctx.type = 'application/json';
      ctx.body = JSON.stringify(out);
    },
    assertJwtClientAuthClaimsAndHeader: async (ctx, claims) => {
      const now = epochSeconds(options.clock.now());
      const client = await options.clients.find(checkAssertionClaims(claims, issuer, now));
      if (client === null) throw refusal('client_unknown');
      checkTokens(ctx, client);
      await admit(options, ctx, client.client);
      if (ctx.oidc.params?.['grant_type'] === 'client_credentials') askForScopes(ctx, client);
    },
  };
  const provider = new Provider(issuer, configuration);
  // The mount pins host and scheme: only what it sets is believed.
  provider.proxy = true;
  // No page of another origin requests tokens, and programs fetch the keys, so that the issuer's
  // CORS headers are removed.
  provider.use(async (ctx, next) => {
    await next();
    for (const name of Object.keys(ctx.response.headers))
      if (name.startsWith('access-control-')) ctx.remove(name);
    // No session is kept, so no browser keeps its id.
    const cookies = [ctx.response.headers['set-cookie'] ?? []].flat();
    const others = cookies.filter((cookie) => !cookie.startsWith('_session'));
    if (others.length < cookies.length) ctx.remove('set-cookie');
    if (others.length > 0) ctx.set('set-cookie', others);
  });
  return provider;
}

/**
 * A client that asks too often hears so in OAuth's words (RFC 6749, 4.1.2.1 has the code), and
 * after how long to come back.
 */
async function admit(
  options: IssuerOptions,
  ctx: KoaContextWithOIDC,
  client: string,
): Promise<void> {
  try {
    await options.admit(client);
  } catch (error) {
    if (!(error instanceof TooManyError)) throw error;
    ctx.set('Retry-After', String(error.retryAfterSeconds ?? 1));
    const late = new errors.CustomOIDCProviderError('temporarily_unavailable', error.message);
    throw Object.assign(late, { status: 429, statusCode: 429 });
  }
}

/** @param code for the log; the caller gets what refusals.ts has for it */
const refusal = (code: string) => new errors.InvalidClientAuth(code);

/**
 * A request without scopes asks for all of the client's (RFC 6749, section 3.3, leaves that to us);
 * one with a scope that does not exist is refused.
 */
function askForScopes(ctx: KoaContextWithOIDC, client: RegisteredClient): void {
  const { params } = ctx.oidc;
  if (params === undefined) return;
  const { scope: said } = params;
  const asked = (typeof said === 'string' ? said : '').split(' ').filter((scope) => scope !== '');
  const known: readonly string[] = allScopes;
  const unknown = asked.filter((scope) => !known.includes(scope));
  if (unknown.length > 0)
    throw new errors.InvalidScope('there is no such scope', unknown.join(' '));
  params['scope'] = asked.length === 0 ? client.scopes.join(' ') : asked.join(' ');
}

const kidOf = ({ keys: [first] }: SigningKeys) => (first === undefined ? {} : { kid: first.kid });

/**
 * RFC 7523, section 3, tightened: made for this issuer alone, now, and for a minute at most.
 * Answers the client.
 */
function checkAssertionClaims(
  claims: Record<string, unknown>,
  issuer: string,
  now: number,
): string {
  const { aud, iat, exp, jti, sub, iss } = claims;
  if (aud !== issuer) throw refusal('assertion_audience_wrong');
  if (typeof sub !== 'string' || sub !== iss) throw refusal('assertion_subject_wrong');
  if (typeof iat !== 'number' || typeof exp !== 'number') throw refusal('assertion_times_missing');
  if (exp - iat > maxAssertionSeconds || exp <= iat) throw refusal('assertion_lives_too_long');
  // oidc-provider checks it only where there is no `exp`, and would keep a one-time value until
  // then.
  if (iat > now + skewSeconds) throw refusal('assertion_not_valid_yet');
  if (typeof jti !== 'string' || jti.length < 16 || jti.length > 256)
    throw refusal('assertion_jti_wrong');
  return sub;
}

/**
 * Assertion and proof once more through our own reader, which is stricter than the issuer's; and
 * the proof's key must be the client's.
 */
function checkTokens(ctx: KoaContextWithOIDC, client: RegisteredClient): void {
  try {
    readCompactJws(String(ctx.oidc.params?.['client_assertion']), {
      typ: null,
      algorithms,
      keyOf: ({ kid }) => keyOf(client, kid),
    });
  } catch (error) {
    if (error instanceof JwsRefused) throw refusal(`assertion_${error.code}`);
    throw error;
  }
  const proof = ctx.get('DPoP');
  if (proof === '') return; // the issuer itself refuses a request without one
  try {
    const { header } = readCompactJws(proof, { typ: 'dpop+jwt', algorithms, embeddedKey: true });
    const registered = client.keys.some(({ jwk }) => sameKey(jwk, header['jwk']));
    if (!registered)
      throw new errors.InvalidDpopProof('the key is not one of the client', {
        detail: 'proof_key_not_of_client',
      });
  } catch (error) {
    if (error instanceof JwsRefused)
      throw new errors.InvalidDpopProof('the proof is refused', { detail: `proof_${error.code}` });
    throw error;
  }
}

function keyOf(client: RegisteredClient, kid: unknown): Jwk | null {
  const [only, ...others] = client.keys;
  if (kid === undefined) return others.length === 0 ? (only?.jwk ?? null) : null;
  return client.keys.find((key) => key.kid === kid)?.jwk ?? null;
}

const sameKey = (registered: Jwk, shown: unknown): boolean =>
  isObject(shown) && shown['x'] === registered['x'] && shown['y'] === registered['y'];
