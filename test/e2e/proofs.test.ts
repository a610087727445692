import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
import { signingKeys } from '../support/city.js';
import { type Answer, register, TestClient, TestPhone } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { expectRefused } from '../support/refusal.js';
import { done, epochNow, type Holder, Town } from '../support/town.js';

/** Requests whose only fault is in who they say they are from. */
let town: Town;
let holder: Holder;

beforeAll(async () => {
  town = await Town.start();
  holder = await town.holder();
});
afterAll(() => town.stop());

interface Knock {
  readonly path?: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  /** Where the request goes, if not to the city that the proof is for. */
  readonly to?: string;
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: TestKey;
  readonly proof?: string;
  readonly token?: string | null;
  readonly scheme?: string;
}

async function knock(
  token: string | null,
  key: TestKey,
  wrong: Knock,
  path: string,
): Promise<Answer> {
  const { method = wrong.body === undefined ? 'GET' : 'POST', body } = wrong;
  const url = town.url + (wrong.path ?? path);
  const accessToken = (wrong.token === undefined ? token : wrong.token) ?? undefined;
  const proof =
    wrong.proof ??
    (wrong.key ?? key).proof({ method, url, accessToken, body }, wrong.claims, wrong.header);
  const response = await fetch((wrong.to ?? town.url) + (wrong.path ?? path), {
    method,
    headers: {
      dpop: proof,
      ...(accessToken === undefined
        ? {}
        : { authorization: `${wrong.scheme ?? 'DPoP'} ${accessToken}` }),
      ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const atWindow = async (wrong: Knock = {}) =>
  knock(await town.terminal.token(), town.terminal.key, wrong, '/v1/board');
const onPhone = (wrong: Knock = {}) => knock(null, holder.phone.key, wrong, '/v1/phone/consents');

const refuses = (code: string, act: () => Promise<Answer>) =>
  expectRefused(town, { status: 401, code }, act, [holder.phone.key.jkt]);

test('what is made here as clients and phones make it is let in: nothing else is wrong with what follows', async () => {
  expect((await atWindow()).status).toBe(200);
  expect((await onPhone()).status).toBe(200);
});

const wrongProofs: readonly [string, string, () => Knock][] = [
  ['made 70 seconds ago', 'proof_stale', () => ({ claims: { iat: epochNow() - 70 } })],
  ['made for later', 'proof_stale', () => ({ claims: { iat: epochNow() + 70 } })],
  ['made at no time', 'proof_malformed', () => ({ claims: { iat: undefined } })],
  [
    'made at a time written as text',
    'proof_malformed',
    () => ({ claims: { iat: String(epochNow()) } }),
  ],
  ['for another path', 'proof_url_wrong', () => ({ claims: { htu: `${town.url}/v1/cases` } })],
  [
    'for another host',
    'proof_url_wrong',
    () => ({ claims: { htu: 'https://other.example/v1/board' } }),
  ],
  [
    'for another scheme',
    'proof_url_wrong',
    () => ({ claims: { htu: town.url.replace('http:', 'https:') } }),
  ],
  ['for no URL', 'proof_url_wrong', () => ({ claims: { htu: undefined } })],
  ['for a path alone', 'proof_url_wrong', () => ({ claims: { htu: '/v1/board' } })],
  [
    'for a URL with a name in it',
    'proof_url_wrong',
    () => ({ claims: { htu: town.url.replace('//', '//user@') } }),
  ],
  ['for another method', 'proof_method_wrong', () => ({ claims: { htm: 'POST' } })],
  ['for the method in small letters', 'proof_method_wrong', () => ({ claims: { htm: 'get' } })],
  ['without an id', 'proof_malformed', () => ({ claims: { jti: undefined } })],
  ['with an id that could be guessed', 'proof_malformed', () => ({ claims: { jti: '1' } })],
  ['with an id without end', 'proof_malformed', () => ({ claims: { jti: 'x'.repeat(257) } })],
  ['for another body', 'proof_body_wrong', () => ({ claims: { bh: 'A'.repeat(43) } })],
  ['of another type', 'proof_malformed', () => ({ header: { typ: 'JWT' } })],
  ['without an algorithm', 'proof_malformed', () => ({ header: { alg: 'none' } })],
  ['under a secret that everybody shares', 'proof_malformed', () => ({ header: { alg: 'HS256' } })],
  ['without its key', 'proof_malformed', () => ({ header: { jwk: undefined } })],
  ['that names its key only', 'proof_malformed', () => ({ header: { jwk: undefined, kid: 'x' } })],
  ['with another’s key', 'proof_signature_wrong', () => ({ header: { jwk: new TestKey().jwk } })],
  [
    'with the private part of its key',
    'proof_malformed',
    () => ({ header: { jwk: { ...new TestKey().jwk, d: 'A'.repeat(43) } } }),
  ],
  [
    'that points to a key elsewhere',
    'proof_malformed',
    () => ({ header: { jku: 'https://other.example' } }),
  ],
  ['that is none', 'proof_malformed', () => ({ proof: 'a.b.c' })],
  ['that is empty', 'proof_missing', () => ({ proof: '' })],
  ['of 20,000 letters', 'proof_malformed', () => ({ proof: `${'A'.repeat(10_000)}.e30.A` })],
];

describe.each([
  ['a window', atWindow, () => town.terminal.key],
  ['a phone', onPhone, () => holder.phone.key],
] as const)('from %s, a proof is refused', (who, send, keyOf) => {
  test.each(wrongProofs)('%s', async (_, code, wrong) => {
    const { claims, ...rest } = wrong();
    const ofP256 = rest.header?.['jwk'] !== undefined && keyOf().alg === 'ES256';
    // a key of another kind
    const expected = ofP256 && code === 'proof_signature_wrong' ? 'proof_malformed' : code;
    await refuses(expected, () => send({ ...rest, ...(claims && { claims }) }));
  });

  test('that was used before, here or in another process of the city', async () => {
    const path = who === 'a window' ? '/v1/board' : '/v1/phone/consents';
    const accessToken = who === 'a window' ? await town.terminal.token() : undefined;
    const proof = keyOf().proof({ method: 'GET', url: town.url + path, accessToken });
    expect((await send({ proof })).status).toBe(200);
    await refuses('proof_replayed', () => send({ proof }));
    await refuses('proof_replayed', () => send({ proof, path: `${path}?again` }));
    const second = await town.city.startSecond();
    const to = await second.app.getUrl();
    await refuses('proof_replayed', () => send({ proof, to }));
    const fresh = keyOf().proof({ method: 'GET', url: town.url + path, accessToken });
    const both = await Promise.all([send({ proof: fresh }), send({ proof: fresh, to })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  test('that stands twice in the headers, or holds a claim twice', async () => {
    const { method, url } = { method: 'GET', url: `${town.url}/v1/board` };
    const one = () => keyOf().proof({ method, url });
    await refuses('proof_malformed', () => send({ proof: `${one()}, ${one()}` }));
    const claims = `{"htm":"GET","htm":"GET","htu":"${url}","iat":${String(epochNow())},"jti":"${randomUUID()}"}`;
    const twice = keyOf().sign({ typ: 'dpop+jwt', jwk: keyOf().jwk }, claims);
    await refuses('proof_malformed', () => send({ proof: twice }));
  });

  test('under HS256 with the public key as the secret', async () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ alg: 'HS256', typ: 'dpop+jwt', jwk: keyOf().jwk })}.${encode({ jti: randomUUID(), htm: 'GET', htu: town.url, iat: epochNow() })}`;
    const mac = createHmac('sha256', JSON.stringify(keyOf().jwk))
      .update(signed)
      .digest('base64url');
    await refuses('proof_malformed', () => send({ proof: `${signed}.${mac}` }));
  });
});

describe('a phone', () => {
  test('whose key is enrolled for nobody is unknown, whatever it asks for', async () => {
    for (const kind of ['P-256', 'Ed25519'] as const) {
      const unknown = new TestPhone(town.url, kind);
      for (const path of ['/v1/phone/consents', '/v1/phone/accesses', '/v1/phone/wallet'])
        await refuses('phone_unknown', () => unknown.get(path));
      await refuses('phone_unknown', () => unknown.post('/v1/phone/codes'));
    }
  });

  test('vouches for its body: without that, or for another, it is refused', async () => {
    const { consent } = await town.asked(holder);
    const path = `/v1/phone/consents/${consent}/grant`;
    const body = JSON.stringify({ jws: 'a.b.c' });
    await refuses('proof_body_wrong', () => onPhone({ path, body, claims: { bh: undefined } }));
    await refuses('proof_body_wrong', () =>
      onPhone({ path, body, claims: { bh: 'A'.repeat(43) } }),
    );
    const proof = holder.phone.key.proof({ method: 'POST', url: town.url + path, body });
    await refuses('proof_body_wrong', () => onPhone({ path, body: `${body} `, proof }));
  });

  test('that was taken back is unknown from then on, and its holder’s other phone is not', async () => {
    const second = new TestPhone(town.url);
    const lost = await town.holder();
    await town.enrol(lost.number, second);
    done(await second.post(`/v1/phone/keys/${lost.phone.key.jkt}/revoke`, { reason: 'lost' }));
    await refuses('phone_unknown', () => lost.phone.get('/v1/phone/wallet'));
    expect((await second.get('/v1/phone/wallet')).status).toBe(200);
  });
});

describe('an access token is refused', () => {
  test('with a proof by another key than it is bound to', async () => {
    for (const key of [new TestKey(), town.elsewhere.key, holder.phone.key])
      await refuses('proof_key_wrong', () => atWindow({ key }));
  });

  test('with a proof that was made for another token, or for none', async () => {
    await refuses('proof_token_wrong', () => atWindow({ claims: { ath: 'A'.repeat(43) } }));
    await refuses('proof_token_wrong', () => atWindow({ claims: { ath: undefined } }));
  });

  test('of another client, though the proof is one’s own', async () => {
    await refuses('proof_key_wrong', async () => atWindow({ token: await town.elsewhere.token() }));
  });

  test('that was changed, is none, or is a token for something else', async () => {
    const token = await town.terminal.token();
    const [head = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
      string,
      unknown
    >;
    const more = Buffer.from(JSON.stringify({ ...claims, scope: 'clients:manage' })).toString(
      'base64url',
    );
    await refuses('token_signature_wrong', () =>
      atWindow({ token: `${head}.${more}.${signature}` }),
    );
    const granted = await town.granted();
    for (const wrong of ['x', 'a.b.c', `${token}.`, granted.token, town.terminal.assertion()])
      await expectMalformed(wrong);
    const ledger = new TestKey(await town.ledgerKey());
    const forged = ledger.sign({ typ: 'at+jwt', kid: (await town.ledgerKey()).kid }, claims);
    await refuses('token_signature_wrong', () => atWindow({ token: forged }));
  });

  test.each<[string, string, (now: number) => Record<string, unknown>]>([
    [
      'that is expired',
      'token_expired',
      (now) => ({ iat: now - 700, nbf: now - 700, exp: now - 1 }),
    ],
    [
      'that is not yet valid',
      'token_not_yet_valid',
      (now) => ({ iat: now + 60, nbf: now + 60, exp: now + 300 }),
    ],
    ['that lives for a day', 'token_lives_too_long', (now) => ({ exp: now + 86_400 })],
    ['of another issuer', 'token_issuer_wrong', () => ({ iss: 'https://other.example' })],
    ['for another audience', 'token_audience_wrong', () => ({ aud: 'https://other.example' })],
    ['that is bound to no key', 'token_unbound', () => ({ cnf: undefined })],
    [
      'of a client that there is not',
      'client_unknown',
      () => ({ client_id: 'nobody', sub: 'nobody' }),
    ],
  ])('%s, though the city’s own key signed it', async (_, code, wrong) => {
    const [identity] = await signingKeys(town.city, 'identity.jwks');
    const payload = (await town.terminal.token()).split('.')[1] ?? '';
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const token = new TestKey(identity).sign(
      { typ: 'at+jwt', kid: identity.kid },
      JSON.parse(JSON.stringify({ ...claims, ...wrong(epochNow()) })),
    );
    await refuses(code, () => atWindow({ token }));
  });

  test('as a Bearer token, and without its proof', async () => {
    await refuses('token_scheme_wrong', () => atWindow({ scheme: 'Bearer' }));
    await refuses('proof_missing', () => atWindow({ proof: '' }));
  });

  test('of a client that was disabled, or whose key was replaced, at once', async () => {
    const client = await register(town.city.admin, {
      kind: 'terminal',
      department: '人社',
      window: 'hall-3-01',
    });
    expect((await client.get('/v1/board')).status).toBe(200);
    const next = new TestKey();
    done(
      await town.city.admin.post(
        `/v1/clients/${client.client}/keys`,
        await next.provedFor(client.client),
      ),
    );
    await refuses('client_key_unknown', () => client.get('/v1/board'));
    const renewed = new TestClient(town.url, client.client, next, client.scopes);
    expect((await renewed.get('/v1/board')).status).toBe(200);
    done(await town.city.admin.post(`/v1/clients/${client.client}/disable`, { reason: 'lost' }));
    await refuses('client_disabled', () => renewed.get('/v1/board'));
  });
});

const expectMalformed = (token: string) => refuses('token_malformed', () => atWindow({ token }));
