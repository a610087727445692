import { generateKeyPairSync, type JsonWebKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, importJWK, type JWTPayload, SignJWT } from 'jose';
import { type Adapter, type AdapterPayload, type Configuration, Provider } from 'oidc-provider';

interface SigningKey extends JsonWebKey {
  readonly kid: string;
  readonly alg: 'RS256';
}

/** What a dishonest issuer does to an ID token before it hands it over. */
export interface Lie {
  readonly claims?: (claims: JWTPayload) => JWTPayload;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Of the whole token. */
  readonly raw?: (token: string) => string;
  /** Signs in the place of the issuer's own. */
  readonly key?: Uint8Array | 'foreign';
}

const newKey = (): SigningKey => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid: randomUUID(),
  alg: 'RS256',
});

/** What the issuer keeps, also when its keys change. */
class InMemory implements Adapter {
  constructor(
    private readonly kind: string,
    private readonly kept: Map<string, AdapterPayload>,
  ) {}

  upsert(id: string, payload: AdapterPayload): Promise<undefined> {
    this.kept.set(`${this.kind} ${id}`, payload);
    return Promise.resolve(undefined);
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.kept.get(`${this.kind} ${id}`));
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve([...this.kept.values()].find((payload) => payload.uid === uid));
  }

  findByUserCode = () => Promise.resolve(undefined);
  revokeByGrantId = () => Promise.resolve(undefined);

  consume(id: string): Promise<undefined> {
    const payload = this.kept.get(`${this.kind} ${id}`);
    if (payload !== undefined) payload['consumed'] = 1;
    return Promise.resolve(undefined);
  }

  destroy(id: string): Promise<undefined> {
    this.kept.delete(`${this.kind} ${id}`);
    return Promise.resolve(undefined);
  }
}

/**
 * An OpenID Connect issuer of a department's own, on a free port of loopback: oidc-provider, with a
 * form that asks for nothing but a login. It knows one client, the city.
 */
export class TestOperatorsIssuer {
  /** Applied to ID tokens until it is taken back. */
  lie: Lie | null = null;
  /** Answers requests of these paths with 503. */
  down: RegExp | null = null;
  /** Answers discovery with the name of another. */
  named: string | null = null;
  readonly client = 'mianzheng';
  readonly secret = 'secret of the city: 100% & more+';
  #keys: readonly SigningKey[] = [newKey()];
  #serve: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  #provider: Provider | null = null;
  readonly #kept = new Map<string, AdapterPayload>();

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
    private readonly redirectUri: string,
  ) {}

  /** @param publicUrl of the city */
  static async start(publicUrl: string): Promise<TestOperatorsIssuer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://localhost:${String((server.address() as AddressInfo).port)}/realms/staff`;
    const made = new TestOperatorsIssuer(server, issuer, `${publicUrl}/sign-in`);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void made.#answer(request, response);
    });
    made.#open();
    return made;
  }

  /** Settings of a city whose operators sign in here. */
  get env(): Readonly<Record<string, string>> {
    return {
      OPERATORS_ISSUER: this.issuer,
      OPERATORS_CLIENT_ID: this.client,
      OPERATORS_CLIENT_SECRET: this.secret,
    };
  }

  /** Another key signs from now on; the old one is published no more. */
  rotate(): void {
    this.#keys = [newKey()];
    this.#open();
  }

  /** What a browser does at the form. @returns the address to which it is sent back */
  async signIn(authorizationUrl: string, login: string): Promise<URL> {
    const cookies = new Map<string, string>();
    const go = async (url: string, body?: URLSearchParams): Promise<string> => {
      const response = await fetch(new URL(url, this.issuer), {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(body !== undefined && { method: 'POST', body }),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      return response.headers.get('location') ?? '';
    };
    const form = await go(authorizationUrl);
    if (!form.includes('/login/')) return new URL(form);
    return new URL(await go(await go(form, new URLSearchParams({ login }))));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  #open(): void {
    const path = new URL(this.issuer).pathname;
    const provider = new Provider(this.issuer, this.#configuration(path));
    provider.proxy = false;
    this.#provider = provider;
    const callback = provider.callback();
    this.#serve = (request, response) => {
      const { url = '' } = request;
      Object.assign(request, { originalUrl: url, url: url.slice(path.length) });
      void callback(request, response);
    };
  }

  #configuration(path: string): Configuration {
    return {
      adapter: (kind) => new InMemory(kind, this.#kept),
      renderError: (ctx, out) => {
        ctx.body = out;
      },
      jwks: { keys: this.#keys.map((key) => ({ ...key, use: 'sig' })) },
      clients: [
        {
          client_id: this.client,
          client_secret: this.secret,
          redirect_uris: [this.redirectUri],
          response_types: ['code'],
          grant_types: ['authorization_code'],
          token_endpoint_auth_method: 'client_secret_basic',
        },
      ],
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_ctx, { uid }) => `${path}/login/${uid}` },
      cookies: { keys: ['of the test'] },
      findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      loadExistingGrant: async ({ oidc: { client, account, provider } }) => {
        const grant = new provider.Grant({
          clientId: client?.clientId ?? '',
          accountId: account?.accountId ?? '',
        });
        grant.addOIDCScope('openid');
        await grant.save();
        return grant;
      },
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').slice(new URL(this.issuer).pathname.length);
    if (this.down?.test(path) === true) {
      response.writeHead(503).end();
      return;
    }
    if (path.startsWith('/login/')) {
      await this.#form(request, response);
      return;
    }
    if (path === '/token' && this.lie !== null) this.#rewrite(response, this.lie);
    if (path.startsWith('/.well-known/') && this.named !== null) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ issuer: this.named }));
      return;
    }
    this.#serve(request, response);
  }

  async #form(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(
        '<!doctype html><title>单位统一身份</title><form method="post"><label>账号 <input name="login"></label><button>登录</button></form>',
      );
      return;
    }
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const accountId = new URLSearchParams(body).get('login') ?? '';
    const result =
      accountId === '' ? { error: 'access_denied' } : { login: { accountId, remember: true } };
    await this.#provider?.interactionFinished(request, response, result);
  }

  /** The reply of the token endpoint is held back, and its ID token exchanged. */
  #rewrite(response: ServerResponse, lie: Lie): void {
    const end = response.end.bind(response) as (chunk?: unknown) => ServerResponse;
    response.end = ((chunk?: unknown) => {
      const reply = JSON.parse(String(chunk)) as { id_token?: string };
      if (reply.id_token === undefined) return end(chunk);
      const token = reply.id_token;
      const forged = lie.raw?.(token) ?? this.#forged(decodeJwt(token), lie);
      void Promise.resolve(forged).then((idToken) => {
        const text = JSON.stringify({ ...reply, id_token: idToken });
        response.setHeader('content-length', Buffer.byteLength(text));
        end(text);
      });
      return response;
    }) as typeof response.end;
  }

  async #forged(claims: JWTPayload, { claims: change, header, key }: Lie): Promise<string> {
    const [own = newKey()] = this.#keys;
    const { kid, alg, ...jwk } = key === 'foreign' ? { ...newKey(), kid: own.kid } : own;
    return new SignJWT(change?.(claims) ?? claims)
      .setProtectedHeader({ alg, kid, ...header })
      .sign(key instanceof Uint8Array ? key : await importJWK(jwk, alg));
  }
}
