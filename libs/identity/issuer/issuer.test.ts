import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import type { TestClient } from '../../../test/support/client.js';
import {
  administrator,
  getWithHost,
  type IdentityHouse,
  startIdentityHouse,
} from '../../../test/support/identity-house.js';
import { TestKey } from '../../../test/support/keys.js';

let house: IdentityHouse;
let baseUrl: string;
let terminal: TestClient;
beforeAll(async () => {
  house = await startIdentityHouse();
  ({ baseUrl } = house);
  terminal = await house.newTerminal();
});
afterAll(() => house.close());

const code = (answer: { status: number; body: { code?: string } }) => [
  answer.status,
  answer.body.code,
];

/** A request put together by hand, for proofs and headers that a client would not send. */
const call = async (path: string, headers: Record<string, string>) => {
  const response = await fetch(baseUrl + path, { headers });
  return { status: response.status, body: (await response.json()) as { code?: string } };
};
describe('a client', () => {
  test.each(['Ed25519', 'P-256'] as const)(
    'with an %s key is known to the routes',
    async (kind) => {
      const { get, client } = await house.newTerminal(kind).then((made) => ({
        client: made.client,
        get: () => made.get('/probe/matters'),
      }));
      expect(await get()).toMatchObject({
        status: 200,
        body: { client, kind: 'terminal', window: 'hall-1-03' },
      });
    },
  );

  test('gets its token with an ordinary OAuth library', async () => {
    const { issuer, client, key } = terminal;
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated to stand out; the test's house has no TLS
    const insecure = { [oauth.allowInsecureRequests]: true };
    const url = new URL(issuer);
    const as = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, insecure),
    );
    const privateKey = await key.cryptoKey();
    const publicKey = await crypto.subtle.importKey('jwk', key.jwk, 'Ed25519', true, ['verify']);
    const oauthClient: oauth.Client = { client_id: client };
    const dpop = oauth.DPoP(oauthClient, { privateKey, publicKey });
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      oauthClient,
      oauth.PrivateKeyJwt({ key: privateKey, kid: key.jkt }),
      new URLSearchParams({ scope: 'matters:read' }),
      { ...insecure, DPoP: dpop },
    );
    const token = await oauth.processClientCredentialsResponse(as, oauthClient, response);
    expect(token).toMatchObject({ token_type: 'dpop', scope: 'matters:read', expires_in: 300 });
    const answer = await oauth.protectedResourceRequest(
      token.access_token,
      'GET',
      new URL(`${baseUrl}/probe/matters`),
      undefined,
      undefined,
      { ...insecure, DPoP: dpop },
    );
    expect(await answer.json()).toMatchObject({ client });
  });

  test('cannot do what its kind may not, whatever it asks for', async () => {
    const { status, body } = await terminal.requestToken({ scope: 'matters:read ledger:audit' });
    expect([status, body.error]).toEqual([400, 'invalid_scope']);
    expect(code(await terminal.get('/probe/audit'))).toEqual([403, 'scope_missing']);
  });

  test.each([
    ['leaves scopes out', null],
    ['names none', ''],
  ])('that %s gets all of its own', async (_, scope) => {
    const { status, body } = await terminal.requestToken({ scope });
    expect([status, body.scope]).toEqual([
      200,
      'subjects:identify cases:open releases:pull matters:read',
    ]);
    const accessToken = body.access_token as string;
    const url = `${baseUrl}/probe/matters`;
    const dpop = terminal.key.proof({ method: 'GET', url, accessToken });
    const answer = await call('/probe/matters', { authorization: `DPoP ${accessToken}`, dpop });
    expect(answer.status).toBe(200);
  });

  test('that asks for a scope that there is not gets no token, beside scopes that there are', async () => {
    const { status, body } = await terminal.requestToken({ scope: 'matters:read matters:write' });
    expect([status, body.error, body.scope]).toEqual([400, 'invalid_scope', 'matters:write']);
  });
});

describe('a token is refused to', () => {
  test('an assertion that was used before, also when eight come at once', async () => {
    const assertion = terminal.assertion();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => terminal.requestToken({ assertion })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)]);
    expect((await terminal.requestToken({ assertion })).status).toBe(401);
    expect(house.refused.at(-1)).toMatchObject({ code: 'assertion_used', client: terminal.client });
  });

  test('a proof that was used before, also when eight come at once', async () => {
    const proof = terminal.key.proof({ method: 'POST', url: `${terminal.issuer}/token` });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => terminal.requestToken({ proof })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  const now = () => Math.floor(Date.now() / 1000);
  test.each([
    [
      'for the token endpoint instead of the issuer',
      () => ({ aud: `${terminal.issuer}/token` }),
      'assertion_audience_wrong',
    ],
    ['for a list of audiences', () => ({ aud: [terminal.issuer] }), 'assertion_audience_wrong'],
    ['for another audience', () => ({ aud: 'https://other.example' }), 'assertion_audience_wrong'],
    ['that lives 61 seconds', () => ({ iat: now(), exp: now() + 61 }), 'assertion_lives_too_long'],
    ['that is expired', () => ({ iat: now() - 120, exp: now() - 60 }), 'assertion_expired'],
    ['that is not valid yet', () => ({ nbf: now() + 120 }), 'assertion_not_valid_yet'],
    [
      'of a hundred years ahead',
      () => ({ iat: now() + 3_155_760_000, exp: now() + 3_155_760_060 }),
      'assertion_not_valid_yet',
    ],
    ['without iat', () => ({ iat: undefined }), 'assertion_times_missing'],
    ['without exp', () => ({ exp: undefined }), 'assertion_times_missing'],
    ['without jti', () => ({ jti: undefined }), 'assertion_jti_wrong'],
    ['with a jti that can be guessed', () => ({ jti: '1' }), 'assertion_jti_wrong'],
    [
      'of another client',
      () => ({ iss: administrator, sub: administrator }),
      'assertion_not_verified',
    ],
    [
      'of a client that nobody registered',
      () => ({ iss: 'nobody', sub: 'nobody' }),
      'client_unknown',
    ],
  ])('an assertion %s; the log says why and for whom', async (_, claims, reason) => {
    const told = claims();
    const { status, body } = await terminal.requestToken({ claims: told });
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_client');
    const client =
      'sub' in told ? (told.sub === administrator ? administrator : null) : terminal.client;
    expect(house.refused.at(-1)).toEqual({ code: reason, client, error: 'invalid_client' });
    // What depends on the register or a key is for the log alone.
    const description = String(body.error_description);
    if (/audience/.test(reason))
      expect(description).toMatch(/`aud` must be the issuer's URL, exactly and alone/);
    if (/unknown|verified/.test(reason)) expect(description).toBe('client authentication failed');
    else expect(description).toMatch(/^client authentication failed: `/);
  });

  test('a client that was shut out, and the log tells it from one that there never was', async () => {
    const client = await house.newTerminal();
    await house.admin.post(`/v1/clients/${client.client}/disable`, { reason: 'lost' });
    const { status, body } = await client.requestToken();
    expect([status, body.error_description]).toEqual([401, 'client authentication failed']);
    expect(house.refused.at(-1)).toMatchObject({ code: 'client_disabled', client: client.client });
  });

  test('somebody whose claimed id may be a number of a person: it is not logged', async () => {
    const sub = '110105190001010012';
    await terminal.requestToken({ claims: { iss: sub, sub } });
    expect(house.refused.at(-1)).toMatchObject({ code: 'client_unknown', client: null });
  });

  test('an assertion with a member twice', async () => {
    const claims = JSON.stringify({
      iss: terminal.client,
      sub: terminal.client,
      aud: terminal.issuer,
      jti: randomUUID(),
      iat: now(),
      exp: now() + 30,
    });
    const twice = `${claims.slice(0, -1)},"jti":"${randomUUID()}"}`;
    const assertion = terminal.key.sign({ kid: terminal.key.jkt }, twice);
    expect((await terminal.requestToken({ assertion })).status).toBe(401);
  });

  test('an assertion that brings its own key', async () => {
    const stranger = new TestKey();
    const assertion = stranger.sign(
      { jwk: stranger.jwk },
      {
        iss: terminal.client,
        sub: terminal.client,
        aud: terminal.issuer,
        jti: randomUUID(),
        iat: now(),
        exp: now() + 30,
      },
    );
    expect((await terminal.requestToken({ assertion })).status).toBe(401);
  });

  test('a request without a proof, so that nobody holds a bearer token', async () => {
    const { status, body } = await terminal.requestToken({ proof: null });
    expect(status).toBe(400);
    expect(body).not.toHaveProperty('access_token');
  });

  test("a proof of a key that is not the client's", async () => {
    const url = `${terminal.issuer}/token`;
    const proof = new TestKey().proof({ method: 'POST', url });
    const { status, body } = await terminal.requestToken({ proof });
    expect([status, body.error]).toEqual([400, 'invalid_dpop_proof']);
    expect(body.error_description).toContain("must be signed by a key of the client's");
    expect(house.refused.at(-1)).toMatchObject({
      code: 'proof_key_not_of_client',
      client: terminal.client,
    });
  });

  test('another audience than this ledger', async () => {
    const { status, body } = await terminal.requestToken({ resource: 'https://other.example' });
    expect([status, body.error]).toEqual([400, 'invalid_target']);
  });
});

describe('the issuer', () => {
  test('publishes itself under its own name, whatever the Host header says', async () => {
    const path = '/identity/.well-known/openid-configuration';
    const { text, body } = await getWithHost(baseUrl, path, {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    });
    expect(text).not.toContain('evil');
    expect(body).toMatchObject({
      issuer: `${baseUrl}/identity`,
      token_endpoint: `${baseUrl}/identity/token`,
      jwks_uri: `${baseUrl}/identity/jwks`,
    });
  });

  test('publishes public keys only', async () => {
    const { keys: shown } = (await (await fetch(`${baseUrl}/identity/jwks`)).json()) as {
      keys: object[];
    };
    expect(shown).toHaveLength(1);
    expect(shown[0]).not.toHaveProperty('d');
  });

  test.each([
    ['POST', '/identity/auth'],
    ['GET', '/identity/session/end'],
    ['POST', '/identity/token/introspection'],
    ['GET', '/identity/me'],
    ['GET', '/identity/token'],
    ['POST', '/identity/session/end/confirm'],
    ['POST', '/identity/reg'],
    ['GET', '/identity'],
    ['GET', '/identity/../probe/matters'],
  ])('has nothing else open: %s %s', async (method, path) => {
    const { status } = await fetch(baseUrl + path, { method });
    expect([401, 404, 405]).toContain(status);
  });
});
