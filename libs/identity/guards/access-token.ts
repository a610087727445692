import { hash } from 'node:crypto';
import { epochSeconds, type Instant, isObject, type JsonObject } from '#libs/kernel';
import { JwsRefused, readCompactJws, unverifiedHeader } from '../jws.js';
import { operatorOfAccount } from '../operators/operator-directory.js';
import type { JwksSource } from './jwks-source.js';
import { CallerNotProved } from './refusals.js';

/**
 * The content of a verified access token. `jkt` is the thumbprint of the key that it is bound to;
 * times in seconds since 1970.
 */
export interface AccessToken {
  readonly client: string;
  /**
   * Who signed in at the client, as `operatorOfAccount` reads it; null for a token of the client's
   * own.
   */
  readonly account: string | null;
  readonly scopes: ReadonlySet<string>;
  readonly jkt: string;
  readonly notBefore: number;
  readonly expires: number;
}

/** Whose tokens are taken, and for whom they must be. */
export interface TokenProfile {
  readonly issuer: string;
  readonly audience: string;
}

/** Seconds by which the issuer's clock may be ahead. */
const skewSeconds = 5;
/** The longest life that a token of any issuer may have, in seconds. */
const maxLifeSeconds = 3600;
const kept = 5000;

/**
 * Checks access tokens (RFC 9068) bound to a DPoP key (RFC 9449, section 6). Verified ones are kept
 * until they expire, by their SHA-256.
 */
export class AccessTokens {
  readonly #verified = new Map<string, AccessToken>();

  constructor(
    private readonly profile: TokenProfile,
    private readonly keys: JwksSource,
  ) {}

  /** @throws CallerNotProved, IssuerUnreachable */
  async check(token: string, now: Instant): Promise<AccessToken> {
    const digest = hash('sha256', token, 'base64url');
    const known = this.#verified.get(digest);
    const checked = known ?? readClaims(await this.#verify(token), this.profile);
    const seconds = epochSeconds(now);
    if (checked.expires <= seconds) {
      this.#verified.delete(digest);
      throw new CallerNotProved('token_expired', 'the access token is expired');
    }
    if (checked.notBefore > seconds + skewSeconds)
      throw new CallerNotProved('token_not_yet_valid', 'the access token is not valid yet');
    if (known === undefined) {
      if (this.#verified.size >= kept)
        this.#verified.delete(this.#verified.keys().next().value ?? '');
      this.#verified.set(digest, checked);
    }
    return checked;
  }

  async #verify(token: string): Promise<JsonObject> {
    try {
      const { kid } = unverifiedHeader(token);
      const key = typeof kid === 'string' ? await this.keys.find(kid) : null;
      return readCompactJws(token, {
        typ: 'at+jwt',
        algorithms: ['EdDSA', 'Ed25519', 'ES256'],
        keyOf: () => key,
      }).payload;
    } catch (cause) {
      if (!(cause instanceof JwsRefused)) throw cause;
      if (cause.code === 'jws_signature_wrong' || cause.code === 'jws_key_unknown')
        throw new CallerNotProved(
          'token_signature_wrong',
          'the access token is not signed by a key of its issuer',
          {},
          { cause },
        );
      throw new CallerNotProved(
        'token_malformed',
        'the access token is not one as RFC 9068 has it',
        { reason: cause.code },
        { cause },
      );
    }
  }
}

function readClaims(claims: JsonObject, { issuer, audience }: TokenProfile): AccessToken {
  const { iss, aud, sub, client_id: client, scope, jti, iat, nbf, exp, cnf } = claims;
  if (iss !== issuer)
    throw new CallerNotProved('token_issuer_wrong', 'the access token is of another issuer');
  if (aud !== audience)
    throw new CallerNotProved('token_audience_wrong', 'the access token is not for this service');
  if (typeof client !== 'string' || !isSubject(sub, client) || typeof jti !== 'string')
    throw new CallerNotProved('token_malformed', 'the access token names no client');
  if (!isTime(exp) || !isTime(iat) || (nbf !== undefined && !isTime(nbf)))
    throw new CallerNotProved('token_malformed', 'the access token lacks a time');
  if (exp - iat > maxLifeSeconds || exp <= iat)
    throw new CallerNotProved('token_lives_too_long', 'the access token lives too long', {
      maxLifeSeconds,
    });
  const jkt = isObject(cnf) ? cnf['jkt'] : undefined;
  if (typeof jkt !== 'string')
    throw new CallerNotProved('token_unbound', 'the access token is bound to no key');
  return {
    client,
    account: sub === client ? null : sub,
    scopes: new Set(typeof scope === 'string' ? scope.split(' ') : []),
    jkt,
    notBefore: Math.max(iat, nbf ?? iat),
    expires: exp,
  };
}

/** A token is a client's own, or that of an operator who signed in there. */
const isSubject = (sub: unknown, client: string): sub is string =>
  sub === client || (typeof sub === 'string' && operatorOfAccount(sub) !== null);

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);
