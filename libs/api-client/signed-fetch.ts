import { isObject, RefusedError, UnavailableError, utf8Bytes } from '#libs/kernel';
import { sha256, signCompact } from './jws.js';
import { type ApiKey, signStatement } from './keys.js';

/**
 * The identity service did not give a token. `code` of RFC 6749, section 5.2, stands in the facts.
 */
export class TokenNotGiven extends RefusedError<'token_not_given'> {}
/**
 * It gives none just now, to any client: what it stands on is away, or it is asked too often. The
 * same request may be sent again.
 */
export class TokenUnavailable extends UnavailableError<'token_unavailable'> {}

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
 * A `fetch` that proves who calls: it gets access tokens by private_key_jwt (RFC 7523) and signs
 * each request (DPoP, RFC 9449). A POST without an Idempotency-Key gets a random one; who retries
 * sets it.
 */
export function clientFetch(identity: ClientIdentity): Fetch {
  let token: { readonly value: string; readonly until: number } | null = null;
  let asking: ReturnType<typeof requestToken> | null = null;
  return async (request) => {
    if (token === null || Date.now() >= token.until) {
      // Requests beside one another share the token that the first of them asks for.
      asking ??= requestToken(identity).finally(() => {
        asking = null;
      });
      token = await asking;
    }
    return proved(identity.key, request, token.value);
  };
}

/** The same under tokens that are got elsewhere, such as those of an operator's sign-in. */
export const tokenFetch =
  (key: ApiKey, token: () => Promise<string>): Fetch =>
  async (request) =>
    proved(key, request, await token());

/**
 * A `fetch` for a holder's phone: its key proves each request, body included; there is no token.
 */
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
    signal: request.signal,
    ...(body === null ? {} : { body }),
  });
}

function proof(
  key: ApiKey,
  method: string,
  url: string,
  claims: Record<string, string>,
): Promise<string> {
  const payload = {
    htm: method,
    htu: url.split(/[?#]/, 1)[0] ?? url,
    ...claims,
    jti: crypto.randomUUID(),
    iat: Math.floor(Date.now() / 1000),
  };
  const header = { typ: 'dpop+jwt', jwk: key.publicJwk };
  return signCompact(key, header, utf8Bytes(JSON.stringify(payload)));
}

async function requestToken(identity: ClientIdentity): Promise<{ value: string; until: number }> {
  const body = await askIssuer(identity, 'token', {
    grant_type: 'client_credentials',
    scope: identity.scopes.join(' '),
  });
  return { value: String(body['access_token']), until: untilOf(body) };
}

/** Milliseconds since 1970 at which a new token is asked for, a little before this one ends. */
export const untilOf = ({ expires_in: told }: Readonly<Record<string, unknown>>): number =>
  Date.now() + Math.max((typeof told === 'number' ? told : 60) - 30, 1) * 1000;

/**
 * A request to the issuer by the client's key: private_key_jwt and a DPoP proof.
 * @param path below the issuer
 * @throws TokenNotGiven, TokenUnavailable
 */
export async function askIssuer(
  identity: ClientIdentity,
  path: 'token' | 'token/revocation',
  params: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  const { key, client, baseUrl, issuer = `${baseUrl}/identity` } = identity;
  const url = `${issuer}/${path}`;
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
      ...params,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  const body: unknown = await response.json().catch(() => null);
  // A revocation has nothing to say (RFC 7009, section 2.2).
  if (response.ok && path === 'token/revocation') return {};
  if (!response.ok || !isObject(body) || typeof body['access_token'] !== 'string') {
    throw await withoutToken(identity, issuer, response, isObject(body) ? body : {});
  }
  return body;
}

/** Why there is no token, in words for who runs the client. */
async function withoutToken(
  { client, scopes }: ClientIdentity,
  issuer: string,
  { status, headers }: Response,
  body: Readonly<Record<string, unknown>>,
): Promise<TokenNotGiven | TokenUnavailable> {
  const error = shown(body['error']);
  const why = shown(body['error_description']) ?? error ?? String(status);
  const facts = { client, status, error };
  if (status === 429 || status >= 500)
    return new TokenUnavailable(
      'token_unavailable',
      `the identity service gives no token just now: ${why}`,
      facts,
      {
        retryAfterSeconds: Number(headers.get('retry-after') ?? '') || 2,
        hint: 'Try again in a moment; /health/ready of the city says what is away.',
      },
    );
  const named = await issuerNamed(issuer);
  if (named !== null && named !== issuer)
    return new TokenNotGiven(
      'token_not_given',
      `the identity service gave no token: it calls itself ${named}, and was asked as ${issuer}`,
      { ...facts, issuer: named },
      {
        hint: `Name the city by the address that it calls itself: ${named.replace(/\/identity$/, '')}`,
      },
    );
  if (error === 'invalid_scope') {
    const lacking = shown(body['scope']) ?? scopes.join(' ');
    return new TokenNotGiven(
      'token_not_given',
      `the identity service gave no token: ${client} is not registered for the scope ${lacking}`,
      { ...facts, scope: lacking },
      {
        hint: 'Call as a client of the kind that has it: an administrator sees the scopes of each.',
      },
    );
  }
  return new TokenNotGiven(
    'token_not_given',
    `the identity service gave no token: ${why}${error === null ? '' : ` (${error})`}`,
    facts,
    {
      hint: `Is the key the one that ${client} is registered for? After a rotation, the new one is.`,
    },
  );
}

/** What the service says of itself (RFC 8414, section 2); null where it does not say. */
async function issuerNamed(issuer: string): Promise<string | null> {
  try {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`);
    const metadata: unknown = await response.json();
    return isObject(metadata) ? shown(metadata['issuer']) : null;
  } catch {
    return null;
  }
}

/**
 * Words of another program, where a terminal shows them as they are (RFC 6749, section 5.2, has the
 * letters).
 */
const shown = (text: unknown): string | null =>
  typeof text === 'string' && /^[\x20-\x7e]{1,300}$/.test(text) ? text : null;
