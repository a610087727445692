/* eslint-disable @typescript-eslint/no-explicit-any -- tests look into bodies without declaring them */
import { type JsonWebKey, randomUUID } from 'node:crypto';
import type { ClientKind, Scope, SignIn } from '#libs/identity';
import { type KeyKind, TestKey } from './keys.js';

/** What came back. `body` is the parsed JSON, or the text where it is none. */
export interface Answer<Body = any> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Sending {
  /** Kept for retries; a new one for each request otherwise. */
  readonly idempotencyKey?: string;
  readonly headers?: Record<string, string>;
  /** For bodies that are not JSON: sent as they are. */
  readonly contentType?: string;
  /** Origin of the process that is asked; the proof is for the public one all the same. */
  readonly through?: string | undefined;
  /** What a test wants different in the proof. */
  readonly claims?: Record<string, unknown>;
}

/** The part that clients and phones share: a key, and requests that carry a proof made with it. */
abstract class Prover {
  constructor(
    readonly baseUrl: string,
    readonly key: TestKey,
  ) {}

  protected abstract authorization(): Promise<string | undefined>;

  async send<Body>(
    method: string,
    path: string,
    body?: unknown,
    sending: Sending = {},
  ): Promise<Answer<Body>> {
    return answerOf<Body>(await this.open(method, path, body, sending));
  }

  /** The answer while it still comes. @param signal ends the connection */
  async open(
    method: string,
    path: string,
    body?: unknown,
    sending: Sending = {},
    signal: AbortSignal | null = null,
  ): Promise<Response> {
    const url = this.baseUrl + path;
    const bytes = bodyBytes(body);
    const accessToken = await this.authorization();
    const proof = this.key.proof({ method, url, accessToken, body: bytes }, sending.claims);
    return fetch(sending.through === undefined ? url : sending.through + path, {
      method,
      signal,
      headers: {
        ...(accessToken === undefined ? {} : { authorization: `DPoP ${accessToken}` }),
        dpop: proof,
        ...(bytes === undefined
          ? {}
          : { 'content-type': sending.contentType ?? 'application/json' }),
        ...(method === 'GET' ? {} : { 'idempotency-key': sending.idempotencyKey ?? randomUUID() }),
        ...sending.headers,
      },
      ...(bytes === undefined ? {} : { body: bytes }),
    });
  }

  /** GET. */
  get<Body = any>(path: string, sending?: Sending): Promise<Answer<Body>> {
    return this.send('GET', path, undefined, sending);
  }

  /** POST; `body` is sent as JSON, or as it is where it is text or bytes. */
  post<Body = any>(path: string, body?: unknown, sending?: Sending): Promise<Answer<Body>> {
    return this.send('POST', path, body, sending);
  }
}

/**
 * A client of the ledger as tests and the demo play it: it holds its own key, gets tokens by
 * private_key_jwt, and signs every request.
 *
 *   const admin = new TestClient(baseUrl, 'administrator', key, ['clients:manage']); const terminal
 *   = await register(admin, { kind: 'terminal', department: '人社', window: 'hall-1-03' }); const {
 *   status, body } = await terminal.post('/v1/cases', {…});
 */
export class TestClient extends Prover {
  #token: { readonly value: string; readonly until: number } | null = null;
  #asking: Promise<string> | null = null;

  constructor(
    baseUrl: string,
    /** The OAuth client id. */
    readonly client: string,
    key: TestKey,
    readonly scopes: readonly Scope[],
    readonly issuer = `${baseUrl}/identity`,
  ) {
    super(baseUrl, key);
  }

  /** An access token, kept until shortly before it expires. */
  async token(): Promise<string> {
    if (this.#token !== null && Date.now() < this.#token.until) return this.#token.value;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<string> {
    const { status, body } = await this.requestToken();
    if (status !== 200) throw new Error(`no token: ${status} ${JSON.stringify(body)}`);
    const { access_token: value, expires_in: life } = body as {
      access_token: string;
      expires_in: number;
    };
    this.#token = { value, until: Date.now() + (life - 30) * 1000 };
    return value;
  }

  /** Asks for a new token with the next request. */
  forgetToken(): void {
    this.#token = null;
  }

  protected authorization(): Promise<string> {
    return this.token();
  }

  /**
   * The token request itself (RFC 6749, 4.4; RFC 7523; RFC 9449, 5); `wrong` replaces what a test
   * wants different.
   */
  async requestToken(
    wrong: {
      readonly claims?: Record<string, unknown>;
      readonly assertion?: string;
      readonly proof?: string | null;
      readonly proofClaims?: Record<string, unknown>;
      /** null to leave it out. */
      readonly scope?: string | null;
      readonly resource?: string;
    } = {},
  ): Promise<Answer> {
    const url = `${this.issuer}/token`;
    const proof =
      wrong.proof === undefined
        ? this.key.proof({ method: 'POST', url }, wrong.proofClaims)
        : wrong.proof;
    const response = await fetch(url, {
      method: 'POST',
      headers: proof === null ? {} : { dpop: proof },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: wrong.assertion ?? this.assertion(wrong.claims),
        ...(wrong.scope === null ? {} : { scope: wrong.scope ?? this.scopes.join(' ') }),
        ...(wrong.resource === undefined ? {} : { resource: wrong.resource }),
      }),
    });
    return answerOf(response);
  }

  /** A client assertion (RFC 7523). */
  assertion(claims: Record<string, unknown> = {}): string {
    const now = Math.floor(Date.now() / 1000);
    return this.key.sign(
      { kid: this.key.jkt },
      {
        iss: this.client,
        sub: this.client,
        aud: this.issuer,
        jti: randomUUID(),
        iat: now,
        exp: now + 60,
        ...claims,
      },
    );
  }
}

/** A holder's phone: no token, every request proved by its key alone. */
export class TestPhone extends Prover {
  /** @param key a kind of new key, or a private one that there is already */
  constructor(baseUrl: string, key: KeyKind | JsonWebKey = 'P-256') {
    super(baseUrl, new TestKey(key));
  }

  protected authorization(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** A JWS of the phone's key, such as a grant or the proof of an enrolment. */
  sign(typ: string, payload: object): string {
    return this.key.sign({ typ, kid: this.key.jkt }, payload);
  }
}

export interface Registration {
  readonly kind: ClientKind;
  readonly department: string;
  readonly name?: string;
  readonly window?: string;
  readonly town?: string;
  readonly authority?: {
    readonly creditCode: string;
    readonly name: string;
    readonly types: readonly string[];
  };
  readonly scopes?: readonly Scope[];
  readonly signIn?: SignIn;
}

/**
 * Registers a new client through the door, as an administrator does, and answers it with its key.
 */
export async function register(
  admin: TestClient,
  registration: Registration,
  kind: KeyKind = 'Ed25519',
  logOrigin?: string,
): Promise<TestClient> {
  const key = new TestKey(kind);
  const details = { name: registration.kind, ...registration };
  const { status, body } = await admin.post<{ client: string; scopes: Scope[] }>('/v1/clients', {
    ...details,
    keys: [await key.proved(details, logOrigin)],
  });
  if (status !== 201) throw new Error(`not registered: ${status} ${JSON.stringify(body)}`);
  return new TestClient(admin.baseUrl, body.client, key, body.scopes, admin.issuer);
}

function bodyBytes(body: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

async function answerOf<Body>(response: Response): Promise<Answer<Body>> {
  // A stream of events never ends: its head is the answer.
  const isOpen = response.headers.get('content-type') === 'text/event-stream';
  if (isOpen) await response.body?.cancel();
  const text = isOpen ? '' : await response.text();
  let body: unknown = text;
  if (/[/+]json/.test(response.headers.get('content-type') ?? '')) body = JSON.parse(text);
  return { status: response.status, headers: response.headers, body: body as Body };
}
