import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { epochSeconds, type Instant, isObject, type JsonObject, parseJson } from '#libs/kernel';
import { isEncrypted, type OperatorsIssuerSettings, registeredAt } from '#libs/platform';
import { AccountRefused, OperatorsIssuerAway } from './accounts.errors.js';

/** What one request to the issuer is known by; all three are 128 bits at least. */
export interface AccountRequest {
  readonly state: string;
  readonly nonce: string;
  /** The secret of PKCE (RFC 7636). */
  readonly verifier: string;
}

/** What the issuer's answer brought to the redirect URI. */
export interface AccountAnswer {
  readonly code: string;
  /** RFC 9207; null where the answer has none. */
  readonly iss: string | null;
}

interface Discovered {
  readonly authorization: string;
  readonly token: string;
  readonly namesItself: boolean;
  readonly keysAt: string;
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
}

/** Signatures of ID tokens that are taken; RSA keys of 2048 bits at least. */
const algorithms = ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'];
/** Seconds by which the issuer's clock may differ. */
const skewSeconds = 30;
/** Seconds between the signature of an ID token and its use. */
const maxTokenAge = 120;
const timeoutMs = 5_000;
const freshForMs = 300_000;
const maxBytes = 262_144;

/**
 * The city as a client of the operators' issuer: OpenID Connect Core 1.0, the authorization code
 * flow with PKCE, `client_secret_basic`. Its metadata are kept for five minutes, and longer while
 * it is away; its keys are looked for again where a token names one that is not known.
 */
export class OperatorsIssuer {
  readonly issuer: string;
  readonly #client: string;
  readonly #secret: string;
  #found: { readonly what: Discovered; readonly at: number } | null = null;

  /**
   * @param redirectUri as it is registered at the issuer
   * @param pauseMs between two looks for an unknown key
   * @param monotonic milliseconds of a clock that only goes forward
   * @throws SettingInvalid where the client or its secret is missing
   */
  constructor(
    private readonly settings: OperatorsIssuerSettings,
    private readonly redirectUri: string,
    private readonly pauseMs = 10_000,
    private readonly monotonic = () => performance.now(),
  ) {
    this.issuer = settings.issuer;
    ({ client: this.#client, secret: this.#secret } = registeredAt(settings));
  }

  /**
   * Where the browser goes. The operator signs in there anew: a session that another one left open
   * signs nobody in. @throws OperatorsIssuerAway
   */
  async authorizationUrl({ state, nonce, verifier }: AccountRequest): Promise<string> {
    const { authorization } = await this.#discovered();
    const url = new URL(authorization);
    const { acr } = this.settings;
    for (const [name, value] of Object.entries({
      client_id: this.#client,
      response_type: 'code',
      redirect_uri: this.redirectUri,
      scope: 'openid',
      state,
      nonce,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      prompt: 'login',
      max_age: '0',
      ...(acr.length > 0 && { acr_values: acr.join(' ') }),
    }))
      url.searchParams.set(name, value);
    return url.href;
  }

  /**
   * The `sub` of the person who signed in.
   * @param request that the answer is to, begun at `begun`
   * @throws AccountRefused, OperatorsIssuerAway
   */
  async subjectOf(
    { code, iss }: AccountAnswer,
    { nonce, verifier }: AccountRequest,
    { begun, now }: Readonly<Record<'begun' | 'now', Instant>>,
  ): Promise<string> {
    const found = await this.#discovered();
    // RFC 9207, section 2.4.
    if (iss === null ? found.namesItself : iss !== this.issuer)
      throw new AccountRefused('account_answer_foreign', 'the answer is of another issuer');
    const claims = await this.#verified(await this.#idToken(found, code, verifier), found, now);
    this.#check(claims, nonce, begun);
    return claims.sub;
  }

  async #idToken({ token }: Discovered, code: string, verifier: string): Promise<string> {
    const credentials = [this.#client, this.#secret].map(formEncoded).join(':');
    const { status, body } = await ask(token, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: this.redirectUri,
        code_verifier: verifier,
      }),
    });
    if (status === 400 && body?.['error'] === 'invalid_grant')
      throw new AccountRefused(
        'account_not_confirmed',
        'the issuer does not take its code: it was used, has expired, or is of another sign-in',
      );
    if (status !== 200 || body === null) throw away('the issuer refuses the city as its client');
    const { id_token: idToken } = body;
    if (typeof idToken !== 'string') throw away('the issuer gives no ID token');
    return idToken;
  }

  /** OpenID Connect Core 1.0, section 3.1.3.7. */
  async #verified(
    idToken: string,
    { keys }: Discovered,
    now: Instant,
  ): Promise<JWTPayload & { sub: string }> {
    try {
      const { payload } = await jwtVerify(idToken, keys, {
        algorithms,
        issuer: this.issuer,
        audience: this.#client,
        requiredClaims: ['sub', 'exp', 'iat'],
        currentDate: new Date(now),
        clockTolerance: skewSeconds,
        maxTokenAge,
      });
      // Another audience beside ours could use the token, too.
      if ([payload.aud].flat().length !== 1)
        throw new AccountRefused('account_token_foreign', 'the ID token is for others, too');
      const { sub } = payload;
      if (typeof sub !== 'string' || sub === '' || sub.length > 255) throw notVerified();
      return { ...payload, sub };
    } catch (cause) {
      throw refusalOf(cause);
    }
  }

  #check(
    { nonce: said, auth_time: signedIn, acr, amr }: JWTPayload,
    nonce: string,
    begun: Instant,
  ): void {
    if (said !== nonce)
      throw new AccountRefused('account_token_replayed', 'the ID token is of another sign-in');
    if (typeof signedIn !== 'number' || signedIn < epochSeconds(begun) - skewSeconds)
      throw new AccountRefused(
        'account_sign_in_old',
        'the issuer does not say that the operator signed in since this sign-in began',
        {},
        { hint: 'The issuer must ask anew where it is told `prompt=login` and `max_age=0`.' },
      );
    const methods: readonly unknown[] = Array.isArray(amr) ? amr : [];
    const { acr: anyOf, amr: allOf } = this.settings;
    if (
      (anyOf.length > 0 && (typeof acr !== 'string' || !anyOf.includes(acr))) ||
      !allOf.every((method) => methods.includes(method))
    )
      throw new AccountRefused(
        'account_method_weak',
        'the operator did not sign in as the city asks for: acr or amr',
      );
  }

  async #discovered(): Promise<Discovered> {
    const now = this.monotonic();
    if (this.#found !== null && now - this.#found.at < freshForMs) return this.#found.what;
    try {
      this.#found = { what: await this.#discover(), at: now };
    } catch (error) {
      if (this.#found === null) throw error;
    }
    return this.#found.what;
  }

  /** OpenID Connect Discovery 1.0, section 4. */
  async #discover(): Promise<Discovered> {
    const at = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { status, body } = await ask(at);
    if (status !== 200 || body?.['issuer'] !== this.issuer)
      throw away('its discovery document is not there, or of another issuer');
    const keysAt = endpoint(body['jwks_uri']);
    const known = this.#found?.what;
    return {
      authorization: endpoint(body['authorization_endpoint']),
      token: endpoint(body['token_endpoint']),
      namesItself: body['authorization_response_iss_parameter_supported'] === true,
      keysAt,
      keys:
        known?.keysAt === keysAt
          ? known.keys
          : createRemoteJWKSet(new URL(keysAt), {
              cacheMaxAge: freshForMs,
              cooldownDuration: this.pauseMs,
              timeoutDuration: timeoutMs,
            }),
    };
  }
}

function endpoint(value: unknown): string {
  if (typeof value !== 'string' || !URL.canParse(value) || !isEncrypted(new URL(value)))
    throw away('its discovery document lacks an endpoint, or names one without encryption');
  return value;
}

/** RFC 6749, section 2.3.1 and appendix B. */
const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

async function ask(
  url: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly body: JsonObject | null }> {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { accept: 'application/json', ...(init.headers as Record<string, string>) },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const value = text.length <= maxBytes ? jsonIn(text) : null;
    return { status: response.status, body: isObject(value) ? value : null };
  } catch (cause) {
    throw away('it does not answer', cause);
  }
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

function refusalOf(cause: unknown): unknown {
  const claim = cause instanceof errors.JWTClaimValidationFailed ? cause.claim : null;
  if (cause instanceof errors.JWTExpired || claim === 'iat')
    return new AccountRefused(
      'account_token_expired',
      'the ID token is expired, or of a time to come',
      {},
      { cause, hint: 'Do the clocks of the issuer and of this machine agree?' },
    );
  if (claim === 'iss' || claim === 'aud')
    return new AccountRefused(
      'account_token_foreign',
      'the ID token is of another issuer, or for another client',
      {},
      { cause },
    );
  if (cause instanceof errors.JWKSTimeout || isNetwork(cause))
    return away('its keys cannot be read', cause);
  if (cause instanceof errors.JOSEError) return notVerified(cause);
  return cause;
}

/** What `fetch` throws, and jose where the keys' address answers with an error. */
const isNetwork = (cause: unknown): boolean =>
  cause instanceof TypeError ||
  (cause instanceof errors.JOSEError && cause.code === 'ERR_JOSE_GENERIC');

const notVerified = (cause?: unknown) =>
  new AccountRefused(
    'account_token_not_verified',
    'the ID token is not signed by a key of the issuer, or lacks a claim',
    {},
    { cause },
  );

const away = (why: string, cause?: unknown) =>
  new OperatorsIssuerAway(
    'operators_issuer_unreachable',
    `the operators' issuer cannot be asked: ${why}`,
    {},
    { cause, retryAfterSeconds: 10 },
  );
