import { createHash, randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  type CryptoKey,
  EmbeddedJWK,
  errors,
  generateKeyPair,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import { Refusal } from './refusal.js';

const algorithms = ['EdDSA', 'ES256'];
const accessSeconds = 300;
const consentSeconds = 60;

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('base64url');

/** What must be used once, and until when it could be used again. */
export interface Proof {
  readonly jkt: string;
  readonly once: string;
  readonly expires: Date;
}

/** What a consent token permits. */
export interface ConsentClaims {
  readonly consent: string;
  readonly application: string;
}

/** Tokens of this service, and proofs of its callers: RFC 9068, 9449 and 7523, by jose. */
export class Tokens {
  private constructor(
    private readonly publicUrl: string,
    private readonly keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey },
  ) {}

  static async of(publicUrl: string): Promise<Tokens> {
    return new Tokens(publicUrl, await generateKeyPair('EdDSA'));
  }

  get #issuer(): string {
    return `${this.publicUrl}/identity`;
  }

  async proof(
    header: string | undefined,
    request: {
      readonly method: string;
      readonly path: string;
      readonly accessToken: string | null;
      readonly body: Uint8Array | null;
    },
  ): Promise<Proof> {
    if (header === undefined) throw new Refusal(401, 'proof_missing');
    const { payload, protectedHeader } = await jwtVerify(header, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms,
    }).catch(refused('proof_malformed'));
    const { jti, iat, htm, htu, ath, bh } = payload;
    if (typeof jti !== 'string' || jti.length < 16 || typeof iat !== 'number')
      throw new Refusal(401, 'proof_malformed');
    if (htm !== request.method) throw new Refusal(401, 'proof_method_wrong');
    if (htu !== this.publicUrl + request.path) throw new Refusal(401, 'proof_url_wrong');
    if (Math.abs(Date.now() / 1000 - iat) > 60) throw new Refusal(401, 'proof_stale');
    if (request.accessToken !== null && ath !== sha256(request.accessToken))
      throw new Refusal(401, 'proof_token_wrong');
    if (request.body !== null && bh !== sha256(request.body))
      throw new Refusal(401, 'proof_body_wrong');
    const jkt = await calculateJwkThumbprint(protectedHeader.jwk ?? {});
    return { jkt, once: `${jkt}\0${jti}`, expires: new Date((iat + 61) * 1000) };
  }

  async accessToken(client: string, jkt: string, scopes: readonly string[]) {
    const token = await new SignJWT({ client_id: client, scope: scopes.join(' '), cnf: { jkt } })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
      .setIssuer(this.#issuer)
      .setAudience(this.publicUrl)
      .setSubject(client)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${accessSeconds}s`)
      .sign(this.keys.privateKey);
    return { access_token: token, token_type: 'DPoP', expires_in: accessSeconds };
  }

  async readAccessToken(token: string) {
    const { payload } = await jwtVerify<{ cnf?: { jkt?: string }; scope?: string }>(
      token,
      this.keys.publicKey,
      { typ: 'at+jwt', issuer: this.#issuer, audience: this.publicUrl, algorithms: ['EdDSA'] },
    ).catch(refused('token_refused'));
    return {
      client: payload.sub ?? '',
      jkt: payload.cnf?.jkt ?? '',
      scopes: (payload.scope ?? '').split(' '),
    };
  }

  /** RFC 7523: the client shows that it holds its key. */
  async assertion(token: string, jwk: JWK): Promise<{ readonly jti: string }> {
    const key = await importJWK(jwk, 'EdDSA');
    const { payload } = await jwtVerify(token, key, {
      audience: this.#issuer,
      algorithms,
      maxTokenAge: 60,
      requiredClaims: ['jti', 'exp'],
    }).catch(refused('assertion_refused'));
    return { jti: payload.jti ?? '' };
  }

  async consentToken(of: {
    readonly consent: string;
    readonly application: string;
    readonly client: string;
    readonly jkt: string;
    readonly noticeHash: string;
  }): Promise<string> {
    return new SignJWT({
      client_id: of.client,
      cnf: { jkt: of.jkt },
      notice_hash: of.noticeHash,
      application: of.application,
    })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'consent+jwt' })
      .setIssuer(this.#issuer)
      .setAudience(this.publicUrl)
      .setJti(of.consent)
      .setIssuedAt()
      .setExpirationTime(`${consentSeconds}s`)
      .sign(this.keys.privateKey);
  }

  async readConsentToken(
    token: string,
    caller: { readonly client: string; readonly jkt: string },
  ): Promise<ConsentClaims> {
    const { payload } = await jwtVerify<{
      client_id?: string;
      cnf?: { jkt?: string };
      application?: string;
    }>(token, this.keys.publicKey, {
      typ: 'consent+jwt',
      issuer: this.#issuer,
      audience: this.publicUrl,
      algorithms: ['EdDSA'],
      maxTokenAge: consentSeconds,
    }).catch(refused('token_refused'));
    if (payload.client_id !== caller.client || payload.cnf?.jkt !== caller.jkt)
      throw new Refusal(403, 'token_of_another_client');
    return { consent: payload.jti ?? '', application: payload.application ?? '' };
  }
}

const refused = (code: string) => (error: unknown) => {
  if (error instanceof errors.JOSEError) throw new Refusal(401, code);
  throw error;
};
