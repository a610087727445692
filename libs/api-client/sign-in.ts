import { decodeJwt } from 'jose';
import { base64url, RefusedError, utf8Bytes } from '#libs/kernel';
import { askIssuer, type ClientIdentity, TokenNotGiven, untilOf } from './signed-fetch.js';

/**
 * What came back from a sign-in is not the answer to what this browser asked. Whoever began it
 * anew, in another tab or for somebody else, made the difference.
 */
export class SignInForeign extends RefusedError<'sign_in_foreign'> {}
/** The sign-in is over: signed out, too long ago, or taken back by an administrator. */
export class SignInOver extends RefusedError<'sign_in_over'> {}

/** What a browser keeps from the authorization request until its answer. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  /** RFC 7636. */
  readonly verifier: string;
  readonly redirectUri: string;
}

const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

/**
 * An authorization request of a terminal (RFC 6749, RFC 7636, RFC 9449, section 10): the code that
 * comes of it is worth nothing without the terminal's key.
 * @returns where the browser goes, and what it keeps meanwhile
 */
export async function beginSignIn(
  { baseUrl, client, key, issuer = `${baseUrl}/identity`, scopes }: ClientIdentity,
  redirectUri: string,
): Promise<{ readonly url: string; readonly pending: PendingSignIn }> {
  const pending = { state: random(), nonce: random(), verifier: random(), redirectUri };
  const digest = await crypto.subtle.digest('SHA-256', utf8Bytes(pending.verifier));
  const params = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    response_mode: 'query',
    redirect_uri: redirectUri,
    scope: ['openid', ...scopes].join(' '),
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
    dpop_jkt: key.jkt,
  });
  return { url: `${issuer}/auth?${params.toString()}`, pending };
}

/**
 * Tokens of an operator at a terminal, in memory alone: renewed before they expire, until the
 * issuer gives none any more.
 */
export class OperatorTokens {
  #access: { readonly value: string; readonly until: number } | null;
  #refresh: string;
  #asking: Promise<string> | null = null;

  private constructor(
    private readonly identity: ClientIdentity,
    /** As the records name the operator. */
    readonly operator: string,
    readonly roles: readonly string[],
    body: Readonly<Record<string, unknown>>,
  ) {
    this.#access = { value: String(body['access_token']), until: untilOf(body) };
    this.#refresh = String(body['refresh_token']);
  }

  /**
   * Exchanges the answer of a sign-in for tokens.
   * @throws SignInForeign, TokenNotGiven, TokenUnavailable
   */
  static async redeem(
    identity: ClientIdentity,
    { state, nonce, verifier, redirectUri }: PendingSignIn,
    answer: { readonly code: string; readonly state: string | null },
  ): Promise<OperatorTokens> {
    if (answer.state !== state) throw foreign('state');
    const body = await askIssuer(identity, 'token', {
      grant_type: 'authorization_code',
      code: answer.code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    });
    // From the issuer itself, which TLS has shown: OpenID Connect Core, section 3.1.3.7, step 6.
    const { nonce: told, aud } = decodeJwt(String(body['id_token']));
    if (told !== nonce || aud !== identity.client) throw foreign('nonce');
    const { operator, roles } = decodeJwt(String(body['access_token']));
    return new OperatorTokens(
      identity,
      String(operator),
      Array.isArray(roles) ? roles.map(String) : [],
      body,
    );
  }

  /** @throws SignInOver, TokenUnavailable */
  async access(): Promise<string> {
    if (this.#refresh === '') throw over();
    if (this.#access !== null && Date.now() < this.#access.until) return this.#access.value;
    this.#asking ??= this.#renew().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** Forgets the tokens, and makes them worthless where the issuer can be reached. */
  async end(): Promise<void> {
    const token = this.#refresh;
    this.#access = null;
    this.#refresh = '';
    if (token === '') return;
    const params = { token, token_type_hint: 'refresh_token' };
    await askIssuer(this.identity, 'token/revocation', params).catch(() => undefined);
  }

  async #renew(): Promise<string> {
    try {
      const body = await askIssuer(this.identity, 'token', {
        grant_type: 'refresh_token',
        refresh_token: this.#refresh,
      });
      // Signed out meanwhile.
      if (this.#refresh === '') throw over();
      this.#access = { value: String(body['access_token']), until: untilOf(body) };
      this.#refresh = String(body['refresh_token']);
      return this.#access.value;
    } catch (error) {
      if (!(error instanceof TokenNotGiven)) throw error;
      this.#access = null;
      this.#refresh = '';
      throw over(error);
    }
  }
}

const foreign = (what: string) =>
  new SignInForeign(
    'sign_in_foreign',
    'this is not the answer to the sign-in that this browser began',
    { what },
    { hint: 'Sign in again.' },
  );

const over = (cause?: unknown) =>
  new SignInOver('sign_in_over', 'the sign-in is over', {}, { cause, hint: 'Sign in again.' });
