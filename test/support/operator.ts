/* eslint-disable @typescript-eslint/no-explicit-any -- tests look into bodies without declaring them */
import { createHash, randomBytes } from 'node:crypto';
import type { OperatorRole } from '#libs/identity';
import { SoftwareAuthenticator, type WrongAnswer } from './authenticator.js';
import { type Answer, TestClient } from './client.js';

function done({ status, body }: Answer): any {
  if (status >= 400) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

/** An operator with a passkey that was made at a terminal. */
export interface TestOperator {
  readonly operator: string;
  readonly authenticator: SoftwareAuthenticator;
}

/** Invites an operator of the department, who makes a passkey at the terminal. */
export async function newOperator(
  admin: TestClient,
  terminal: TestClient,
  roles: readonly OperatorRole[] = ['clerk'],
  department = '人社',
): Promise<TestOperator> {
  const person = { name: '示例·甲', department, roles };
  const { operator, invitation } = done(await admin.post('/v1/operators', person));
  const authenticator = new SoftwareAuthenticator(terminal.baseUrl);
  await makePasskey(terminal, invitation as string, authenticator);
  return { operator: operator as string, authenticator };
}

export async function makePasskey(
  terminal: TestClient,
  invitation: string,
  authenticator: SoftwareAuthenticator,
  wrong: WrongAnswer = {},
): Promise<any> {
  const { publicKey } = done(await terminal.post('/v1/operator-passkeys/options', { invitation }));
  const credential = authenticator.create(publicKey, wrong);
  return done(await terminal.post('/v1/operator-passkeys', { invitation, credential }));
}

/** A browser at a terminal, as far as a sign-in needs one: its cookies, and where it was sent. */
export class TestBrowser {
  readonly cookies = new Map<string, string>();
  readonly verifier = randomBytes(32).toString('base64url');
  readonly state = randomBytes(16).toString('base64url');
  readonly nonce = randomBytes(16).toString('base64url');

  constructor(readonly terminal: TestClient) {}

  /** Follows nothing: `location` says where it would go. */
  async go(url: string, init: RequestInit = {}) {
    const response = await fetch(new URL(url, this.terminal.baseUrl), {
      redirect: 'manual',
      ...init,
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(init.headers as Record<string, string> | undefined),
      },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      location,
      body: isJson ? JSON.parse(text) : text,
    };
  }

  /** The authorization request; `wrong` replaces parameters, null leaves one out. */
  authorize(wrong: Readonly<Record<string, string | null>> = {}) {
    const params = new URLSearchParams();
    const asked: Readonly<Record<string, string | null>> = {
      client_id: this.terminal.client,
      response_type: 'code',
      redirect_uri: `${this.terminal.baseUrl}/window`,
      scope: ['openid', ...this.terminal.scopes].join(' '),
      state: this.state,
      nonce: this.nonce,
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      dpop_jkt: this.terminal.key.jkt,
      response_mode: 'query',
      ...wrong,
    };
    for (const [name, value] of Object.entries(asked)) if (value !== null) params.set(name, value);
    return this.go(`${this.terminal.issuer}/auth?${params.toString()}`);
  }

  /** Begins a sign-in, up to the page. */
  async begin(): Promise<string> {
    const { location } = await this.authorize();
    const there = await this.go(location ?? '');
    return new URL(there.location ?? '').hash.slice('#interaction='.length);
  }

  /** What the sign-in page does with a step of an interaction. */
  step(uid: string, step: string, body: unknown = {}, headers: Record<string, string> = {}) {
    return this.go(`${this.terminal.issuer}/interaction/${uid}/${step}`, {
      method: step === 'state' ? 'GET' : 'POST',
      ...(step === 'state' ? {} : { body: JSON.stringify(body) }),
      headers: {
        origin: this.terminal.baseUrl,
        'content-type': 'application/json',
        ...headers,
      },
    });
  }

  async prove(uid: string, { authenticator }: TestOperator, wrong: WrongAnswer = {}) {
    const { body } = await this.step(uid, 'challenge');
    return this.step(uid, 'assertion', { credential: authenticator.get(body.publicKey, wrong) });
  }

  /** Up to the code at the redirect URI. */
  async code(operator: TestOperator): Promise<string> {
    const { body } = await this.prove(await this.begin(), operator);
    const { location } = await this.go(body.returnTo as string);
    const url = new URL(location ?? 'none:');
    if (url.searchParams.get('state') !== this.state) throw new Error(`no code: ${location ?? ''}`);
    return url.searchParams.get('code') ?? '';
  }

  /** A token request of the terminal; `wrong` replaces parameters, null leaves one out. */
  async token(wrong: Readonly<Record<string, string | null>>, by: TestClient = this.terminal) {
    const url = `${by.issuer}/token`;
    const params = new URLSearchParams();
    const asked: Readonly<Record<string, string | null>> = {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: by.assertion(),
      ...wrong,
    };
    for (const [name, value] of Object.entries(asked)) if (value !== null) params.set(name, value);
    return this.go(url, {
      method: 'POST',
      body: params,
      headers: { dpop: by.key.proof({ method: 'POST', url }), cookie: '' },
    });
  }

  redeem(code: string, wrong: Readonly<Record<string, string | null>> = {}, by?: TestClient) {
    return this.token(
      {
        grant_type: 'authorization_code',
        code,
        redirect_uri: `${this.terminal.baseUrl}/window`,
        code_verifier: this.verifier,
        ...wrong,
      },
      by,
    );
  }

  refresh(token: string, by?: TestClient) {
    return this.token({ grant_type: 'refresh_token', refresh_token: token }, by);
  }
}

/** The terminal with the operator signed in: its requests carry the operator's token. */
export class SignedInTerminal extends TestClient {
  constructor(
    terminal: TestClient,
    readonly tokens: { readonly access_token: string; readonly refresh_token: string },
  ) {
    super(terminal.baseUrl, terminal.client, terminal.key, terminal.scopes, terminal.issuer);
  }

  protected override authorization(): Promise<string> {
    return Promise.resolve(this.tokens.access_token);
  }
}

export async function signIn(
  terminal: TestClient,
  operator: TestOperator,
): Promise<SignedInTerminal> {
  const browser = new TestBrowser(terminal);
  const { status, body } = await browser.redeem(await browser.code(operator));
  if (status !== 200) throw new Error(`not signed in: ${status} ${JSON.stringify(body)}`);
  return new SignedInTerminal(terminal, body);
}
