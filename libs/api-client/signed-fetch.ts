import { SignJWT } from 'jose';
import { base64url, isObject, RefusedError, utf8Bytes } from '#libs/kernel';
import { type ApiKey, signStatement } from './keys.js';

/** The identity service did not give a token. `code` of RFC 6749, section 5.2, stands in the facts. */
export class TokenNotGiven extends RefusedError<'token_not_given'> {}

export interface ClientIdentity {
  /** Origin of the ledger, without a slash at the end. */
  readonly baseUrl: string;
  /** The OAuth client id that the key is registered for. */
  readonly client: string;
  readonly key: ApiKey;
  /** `baseUrl + '/identity'` if left out. */
  readonly issuer?: string;
  /** Scopes to ask for, of those that the client is registered for. */
  readonly scopes: readonly string[];
}

type Fetch = (request: Request) => Promise<Response>;

/**
 * A `fetch` that proves who calls: it gets access tokens by private_key_jwt (RFC 7523) and signs each request (DPoP, RFC 9449). A POST
 * without an Idempotency-Key gets a random one; who retries sets it.
 */
export function clientFetch(identity: ClientIdentity): Fetch {
  let token: { readonly value: string; readonly until: number } | null = null;
  return async (request) => {
    if (token === null || Date.now() >= token.until) token = await requestToken(identity);
    return proved(identity.key, request, token.value);
  };
}

/** A `fetch` for a holder's phone: its key proves each request, body included; there is no token. */
export const phoneFetch =
  (key: ApiKey): Fetch =>
  (request) =>
    proved(key, request, null);

async function proved(key: ApiKey, request: Request, token: string | null): Promise<Response> {
  const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
  const headers = new Headers(request.headers);
  if (request.method !== 'GET' && !headers.has('idempotency-key'))
    headers.set('idempotency-key', crypto.randomUUID());
  if (token !== null) headers.set('authorization', `DPoP ${token}`);
  headers.set(
    'dpop',
    await proof(key, request.method, request.url, {
      ...(token === null ? {} : { ath: await sha256(utf8Bytes(token)) }),
      ...(body === null ? {} : { bh: await sha256(body) }),
    }),
  );
  return fetch(request.url, {
    method: request.method,
    headers,
    ...(body === null ? {} : { body }),
  });
}

function proof(
  key: ApiKey,
  method: string,
  url: string,
  claims: Record<string, string>,
): Promise<string> {
  return new SignJWT({ htm: method, htu: url.split(/[?#]/, 1)[0] ?? url, ...claims })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk })
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .sign(key.privateKey);
}

async function requestToken(identity: ClientIdentity): Promise<{ value: string; until: number }> {
  const { key, client, baseUrl, issuer = `${baseUrl}/identity`, scopes } = identity;
  const url = `${issuer}/token`;
  const now = Math.floor(Date.now() / 1000);
  const assertion = await signStatement(key, 'JWT', {
    iss: client,
    sub: client,
    aud: issuer,
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 60,
  });
  const response = await fetch(url, {
    method: 'POST',
    headers: { dpop: await proof(key, 'POST', url, {}) },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: scopes.join(' '),
    }),
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok || !isObject(body) || typeof body['access_token'] !== 'string') {
    const error = isObject(body) && typeof body['error'] === 'string' ? body['error'] : null;
    throw new TokenNotGiven('token_not_given', 'the identity service gave no token', {
      client,
      status: response.status,
      error,
    });
  }
  const life = typeof body['expires_in'] === 'number' ? body['expires_in'] : 60;
  return { value: body['access_token'], until: Date.now() + Math.max(life - 30, 1) * 1000 };
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
