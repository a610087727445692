import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { isObject, TooManyError } from '#libs/kernel';
import { type Jwk, JwsRefused, readCompactJws } from '../jws.js';
import type { RegisteredClient } from '../caller.js';
import { allScopes } from '../scopes.js';
import { type IssuerStores, issuerAdapter } from './adapter.js';
import type { SigningKeys } from './signing-keys.js';

export interface IssuerOptions extends IssuerStores {
  /** The issuer identifier: its URL without a slash at the end. */
  readonly issuer: string;
  /** The one audience that tokens are for. */
  readonly audience: string;
  readonly signingKeys: SigningKeys;
  /** Counts a request of an authenticated client. @throws where it asks too often */
  readonly admit: (client: string) => Promise<void>;
}

/** Seconds. */
const tokenLife = 300;
const longestAssertion = 60;
const algorithms = ['EdDSA', 'Ed25519', 'ES256'] as const;

/**
 * The issuer of access tokens: OAuth 2 client credentials with private_key_jwt (RFC 7523), for DPoP-bound tokens (RFC 9449) in JWT form
 * (RFC 9068). Nothing else of oidc-provider is open.
 */
export function makeProvider(options: IssuerOptions): Provider {
  const { issuer, audience, signingKeys } = options;
  const off = { enabled: false } as const;
  const configuration: Configuration = {
    adapter: issuerAdapter(options),
    jwks: { keys: signingKeys.keys.map((key) => ({ ...key })) },
    clientAuthMethods: ['private_key_jwt'],
    responseTypes: [],
    scopes: [...allScopes],
    claims: {},
    clientBasedCORS: () => false,
    clientDefaults: { id_token_signed_response_alg: 'EdDSA' },
    clockTolerance: 5,
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
      Grant: tokenLife,
      IdToken: tokenLife,
      Interaction: tokenLife,
      RefreshToken: tokenLife,
      Session: tokenLife,
    },
    renderError: (ctx, out) => {
      ctx.type = 'application/json';
      ctx.body = JSON.stringify(out);
    },
    assertJwtClientAuthClaimsAndHeader: async (ctx, claims) => {
      const client = await options.clients.find(checkAssertionClaims(claims, issuer));
      if (client === null) throw refusal('the client is not registered');
      checkTokens(ctx, client);
      await admit(options, ctx, client.client);
    },
  };
  const provider = new Provider(issuer, configuration);
  // The mount pins host and scheme: only what it sets is believed.
  provider.proxy = true;
  return provider;
}

/** A client that asks too often hears so in OAuth's words (RFC 6749, 4.1.2.1 has the code), and after how long to come back. */
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

const refusal = (detail: string) => new errors.InvalidClientAuth(detail);

const kidOf = ({ keys: [first] }: SigningKeys) => (first === undefined ? {} : { kid: first.kid });

/** RFC 7523, section 3, tightened: made for this issuer alone, now, and for a minute at most. Answers the client. */
function checkAssertionClaims(claims: Record<string, unknown>, issuer: string): string {
  const { aud, iat, exp, jti, sub, iss } = claims;
  if (aud !== issuer) throw refusal('the audience must be the issuer, and nothing else');
  if (typeof sub !== 'string' || sub !== iss)
    throw refusal('issuer and subject must be the client');
  if (typeof iat !== 'number' || typeof exp !== 'number')
    throw refusal('the assertion must say from when and until when it is valid');
  if (exp - iat > longestAssertion || exp <= iat)
    throw refusal(`the assertion must live ${longestAssertion} seconds at most`);
  if (typeof jti !== 'string' || jti.length < 16 || jti.length > 256)
    throw refusal('the jti must have 16 to 256 letters');
  return sub;
}

/** Assertion and proof once more through our own reader, which is stricter than the issuer's; and the proof's key must be the client's. */
function checkTokens(ctx: KoaContextWithOIDC, client: RegisteredClient): void {
  try {
    readCompactJws(String(ctx.oidc.params?.['client_assertion']), {
      typ: null,
      algorithms,
      keyOf: ({ kid }) => keyOf(client, kid),
    });
  } catch (error) {
    if (error instanceof JwsRefused) throw refusal(`the assertion is refused: ${error.code}`);
    throw error;
  }
  const proof = ctx.get('DPoP');
  if (proof === '') return; // the issuer itself refuses a request without one
  try {
    const { header } = readCompactJws(proof, { typ: 'dpop+jwt', algorithms, embeddedKey: true });
    const registered = client.keys.some(({ jwk }) => sameKey(jwk, header['jwk']));
    if (!registered) throw new errors.InvalidDpopProof('the key is not one of the client');
  } catch (error) {
    if (error instanceof JwsRefused)
      throw new errors.InvalidDpopProof(`the proof is refused: ${error.code}`);
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
