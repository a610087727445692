import {
  createPrivateKey,
  createPublicKey,
  hash,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { Agent, request } from 'node:http';

/** An answer that is no success; `code` is its problem code. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(`${status} ${code}`);
  }
}

/** HTTP over connections that stay open, at little cost to the process that measures. */
export class Wire {
  readonly #agent: Agent;
  readonly #host: string;
  readonly #port: string;

  constructor(
    readonly baseUrl: string,
    connections: number,
  ) {
    const { hostname, port } = new URL(baseUrl);
    this.#host = hostname;
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** The parsed JSON of the answer. @throws Refused */
  send(
    method: string,
    path: string,
    headers: Record<string, string | number>,
    body?: string,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const sent = request(
        { agent: this.#agent, host: this.#host, port: this.#port, method, path, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const value: unknown = JSON.parse(Buffer.concat(chunks).toString() || 'null');
            const status = response.statusCode ?? 0;
            if (status < 300) resolve(value);
            else reject(new Refused(status, (value as { code?: string } | null)?.code ?? ''));
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const sha256 = (data: string): string => hash('sha256', data, 'buffer').toString('base64url');
const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A private key that signs compact JWS. */
class Signer {
  /** RFC 7638. */
  readonly jkt: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly #privateKey: KeyObject;
  readonly #proofHeader: string;

  constructor(jwk: JsonWebKey) {
    this.#privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    this.alg = jwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256';
    const { crv, kty, x, y } = createPublicKey(this.#privateKey).export({ format: 'jwk' });
    const publicJwk = y === undefined ? { crv, kty, x } : { crv, kty, x, y };
    this.jkt = sha256(JSON.stringify(publicJwk));
    this.#proofHeader = encode({ alg: this.alg, typ: 'dpop+jwt', jwk: publicJwk });
  }

  jws(header: object, payload: string): string {
    return this.#signed(
      encode({ alg: this.alg, ...header }),
      Buffer.from(payload).toString('base64url'),
    );
  }

  proof(method: string, url: string, accessToken: string | null, body?: string): string {
    return this.#signed(
      this.#proofHeader,
      encode({
        jti: randomUUID(),
        htm: method,
        htu: url,
        iat: nowSeconds(),
        ...(accessToken !== null && { ath: sha256(accessToken) }),
        ...(body !== undefined && { bh: sha256(body) }),
      }),
    );
  }

  #signed(header: string, payload: string): string {
    const text = Buffer.from(`${header}.${payload}`);
    const signature =
      this.alg === 'ES256'
        ? sign('sha256', text, { key: this.#privateKey, dsaEncoding: 'ieee-p1363' })
        : sign(null, text, this.#privateKey);
    return `${header}.${payload}.${signature.toString('base64url')}`;
  }
}

/** Sends requests with a DPoP proof of its own key for each (RFC 9449). */
export abstract class Sender {
  readonly key: Signer;

  constructor(
    protected readonly wire: Wire,
    jwk: JsonWebKey,
  ) {
    this.key = new Signer(jwk);
  }

  protected abstract accessToken(): Promise<string | null>;

  async get(path: string): Promise<unknown> {
    const token = await this.accessToken();
    return this.wire.send('GET', path, this.#headers('GET', path, token));
  }

  async post(path: string, value: object): Promise<unknown> {
    const token = await this.accessToken();
    const body = JSON.stringify(value);
    const headers = {
      ...this.#headers('POST', path, token, body),
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'idempotency-key': randomUUID(),
    };
    return this.wire.send('POST', path, headers, body);
  }

  #headers(method: string, path: string, token: string | null, body?: string) {
    return {
      dpop: this.key.proof(method, this.wire.baseUrl + path, token, body),
      ...(token !== null && { authorization: `DPoP ${token}` }),
    };
  }
}

export class Phone extends Sender {
  protected accessToken(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** A terminal: asks for its access token by private_key_jwt (RFC 7523). */
export class Window extends Sender {
  #token: { readonly value: Promise<string>; until: number } | null = null;

  constructor(
    wire: Wire,
    private readonly issuer: string,
    private readonly client: string,
    jwk: JsonWebKey,
    private readonly scopes: readonly string[],
  ) {
    super(wire, jwk);
  }

  protected accessToken(): Promise<string> {
    if (this.#token === null || this.#token.until < Date.now()) {
      const token = { value: this.#ask(), until: Number.POSITIVE_INFINITY };
      this.#token = token;
      token.value.catch(() => (this.#token = null));
    }
    return this.#token.value;
  }

  async #ask(): Promise<string> {
    const path = `${new URL(this.issuer).pathname}/token`;
    const assertion = this.key.jws(
      { kid: this.key.jkt },
      JSON.stringify({
        iss: this.client,
        sub: this.client,
        aud: this.issuer,
        jti: randomUUID(),
        iat: nowSeconds(),
        exp: nowSeconds() + 60,
      }),
    );
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope: this.scopes.join(' '),
    }).toString();
    const answer = await this.wire.send(
      'POST',
      path,
      {
        dpop: this.key.proof('POST', `${this.issuer}/token`, null),
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      },
      body,
    );
    const { access_token: value, expires_in: life } = answer as {
      access_token: string;
      expires_in: number;
    };
    if (this.#token !== null) this.#token.until = Date.now() + (life - 30) * 1000;
    return value;
  }
}
