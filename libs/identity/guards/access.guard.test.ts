import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type TestClient, TestPhone } from '../../../test/support/client.js';
import {
  getWithHost,
  type IdentityHouse,
  startIdentityHouse,
} from '../../../test/support/identity-house.js';
import { TestKey } from '../../../test/support/keys.js';
import type { JsonObject } from '#libs/kernel';
import { clientStream } from '../identity.decider.js';
import { readSigningKeys, refuseForgottenLocks } from '../identity.module.js';

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

/** As another process does, which tells this one nothing. */
const say = async (stream: string, type: string, data: JsonObject) => {
  const [head = null] = await house.store.streamHeads([stream]);
  const id = randomUUID().replaceAll('-', '');
  const time = '2026-03-01T02:00:00.000Z';
  await house.store.append(stream, head?.version ?? -1, [
    { id, type, schema: 1, time, actor: { client: 'another' }, data },
  ]);
};

/** A request put together by hand, for proofs and headers that a client would not send. */
const call = async (path: string, headers: Record<string, string>) => {
  const response = await fetch(baseUrl + path, { headers });
  return { status: response.status, body: (await response.json()) as { code?: string } };
};
const signed = async (path: string, claims: object = {}, header: object = {}) => {
  const accessToken = await terminal.token();
  const url = baseUrl + path;
  const proof = terminal.key.proof(
    { method: 'GET', url, accessToken },
    { ...claims },
    { ...header },
  );
  return { authorization: `DPoP ${accessToken}`, dpop: proof };
};
describe('a request is refused', () => {
  test('without a token', async () => {
    const { dpop } = await signed('/probe/matters');
    expect(code(await call('/probe/matters', { dpop }))).toEqual([401, 'token_missing']);
  });

  test('with its token as a bearer token', async () => {
    const { authorization, dpop } = await signed('/probe/matters');
    const bearer = authorization.replace('DPoP', 'Bearer');
    const answer = await call('/probe/matters', { authorization: bearer, dpop });
    expect(code(answer)).toEqual([401, 'token_scheme_wrong']);
  });

  test('without a proof', async () => {
    const { authorization } = await signed('/probe/matters');
    const answer = await call('/probe/matters', { authorization });
    expect(code(answer)).toEqual([401, 'proof_missing']);
  });

  test('with two proofs', async () => {
    const { authorization, dpop } = await signed('/probe/matters');
    const answer = await call('/probe/matters', { authorization, dpop: `${dpop}, ${dpop}` });
    expect(code(answer)).toEqual([401, 'proof_malformed']);
  });

  test('with a proof that was used before; of eight at once exactly one passes', async () => {
    const headers = await signed('/probe/matters');
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => call('/probe/matters', headers)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(code(await call('/probe/matters', headers))).toEqual([401, 'proof_replayed']);
  });

  test('with a second proof that carries the jti of the first', async () => {
    const jti = randomUUID();
    const iat = Math.floor(Date.now() / 1000);
    const first = await signed('/probe/matters', { jti, iat });
    const second = await signed('/probe/matters', { jti, iat: iat - 1 });
    expect((await call('/probe/matters', first)).status).toBe(200);
    expect(code(await call('/probe/matters', second))).toEqual([401, 'proof_replayed']);
  });

  test.each([
    ['made 61 seconds ago', { iat: -62 }, 'proof_stale'],
    ['made in the future', { iat: 62 }, 'proof_stale'],
    ['for another method', { htm: 'POST' }, 'proof_method_wrong'],
    ['for another path', { htu: '/probe/audit' }, 'proof_url_wrong'],
    ['for another host', { htu: 'http://evil.example/probe/matters' }, 'proof_url_wrong'],
    ...[
      (url: string) => url.replace('/probe', String.raw`\probe`),
      (url: string) => ` ${url}`,
      (url: string) => url.replace('//', ''),
      (url: string) => url.replace('//', '///'),
      (url: string) => url.replace('probe', 'pro\tbe'),
      (url: string) => url.replace(/(127\.0\.0\.1|localhost)/, '0x7f.1'),
      (url: string) => url.replace(/(127\.0\.0\.1|localhost)/, '2130706433'),
      (url: string) => url.replace('//', '//me@'),
      (url: string) => url.replace('/probe/', '/probe%2f'),
    ].map(
      (spell) =>
        ['for a URL that a browser would repair', { htu: spell }, 'proof_url_wrong'] as const,
    ),
    ['for another token', { ath: 'x'.repeat(43) }, 'proof_token_wrong'],
    ['for no token', { ath: undefined }, 'proof_token_wrong'],
    ['for another body', { bh: 'x'.repeat(43) }, 'proof_body_wrong'],
    ['with a short jti', { jti: 'abc' }, 'proof_malformed'],
    ['without iat', { iat: undefined }, 'proof_malformed'],
  ])('with a proof %s', async (_, claims, expected) => {
    const made = { ...claims } as Record<string, unknown>;
    if (typeof made['iat'] === 'number') made['iat'] += Math.floor(Date.now() / 1000);
    if (typeof made['htu'] === 'string' && made['htu'].startsWith('/'))
      made['htu'] = baseUrl + made['htu'];
    if (typeof made['htu'] === 'function')
      made['htu'] = (made['htu'] as (url: string) => string)(`${baseUrl}/probe/matters`);
    expect(code(await call('/probe/matters', await signed('/probe/matters', made)))).toEqual([
      401,
      expected,
    ]);
  });

  test.each([
    ['case of scheme and host', (url: string) => url.replace('http', 'HTTP')],
    ['an encoded letter', (url: string) => url.replace('/probe', '/%70rob%65')],
    ['dot segments', (url: string) => url.replace('/probe', '/./a/../probe')],
    ['query and fragment', (url: string) => `${url}?a=b#c`],
  ])('but not with a proof for the same URL in another spelling: %s', async (_, spell) => {
    const htu = spell(`${baseUrl}/probe/matters`);
    expect((await call('/probe/matters', await signed('/probe/matters', { htu }))).status).toBe(
      200,
    );
  });

  test.each([
    ['of another type', { typ: 'JWT' }],
    ['with crit', { crit: ['exp'] }],
    ['with jku', { jku: 'https://evil.example' }],
    ['without a key', { jwk: undefined }],
    ['signed with alg none', { alg: 'none' }],
    ['signed with HS256', { alg: 'HS256' }],
  ])('with a proof %s', async (_, header) => {
    const headers = await signed('/probe/matters', {}, header);
    expect(code(await call('/probe/matters', headers))).toEqual([401, 'proof_malformed']);
  });

  test("with a proof of a key that is not the token's", async () => {
    const accessToken = await terminal.token();
    const url = `${baseUrl}/probe/matters`;
    const dpop = new TestKey().proof({ method: 'GET', url, accessToken });
    const answer = await call('/probe/matters', { authorization: `DPoP ${accessToken}`, dpop });
    expect(code(answer)).toEqual([401, 'proof_key_wrong']);
  });

  test('when its Host header says that it came to another house', async () => {
    const accessToken = await terminal.token();
    const dpop = terminal.key.proof({
      method: 'GET',
      url: 'http://evil.example/probe/matters',
      accessToken,
    });
    const { body } = await getWithHost(baseUrl, '/probe/matters', {
      host: 'evil.example',
      authorization: `DPoP ${accessToken}`,
      dpop,
    });
    expect(body).toMatchObject({ status: 401, code: 'proof_url_wrong' });
  });

  test('on a route of which nobody said who it is for', async () => {
    expect(code(await terminal.get('/forgotten'))).toEqual([403, 'route_closed']);
    expect(() => {
      refuseForgottenLocks(house.app);
    }).toThrow(
      expect.objectContaining({
        code: 'route_without_access',
        facts: { routes: ['ForgottenController.anything'] },
      }),
    );
  });

  describe('with an access token', () => {
    const forged = async (header: object, claims: object) => {
      const signer = issuerKey();
      const now = Math.floor(Date.now() / 1000);
      const accessToken = signer(
        { typ: 'at+jwt', ...header },
        {
          iss: `${baseUrl}/identity`,
          aud: baseUrl,
          sub: terminal.client,
          client_id: terminal.client,
          scope: 'matters:read',
          jti: randomUUID(),
          iat: now,
          exp: now + 300,
          cnf: { jkt: terminal.key.jkt },
          ...claims,
        },
      );
      const url = `${baseUrl}/probe/matters`;
      const dpop = terminal.key.proof({ method: 'GET', url, accessToken });
      return call('/probe/matters', { authorization: `DPoP ${accessToken}`, dpop });
    };
    /** Signs as the issuer does. */
    const issuerKey = () => {
      const [key] = readSigningKeys(house.signingKeys).keys;
      const privateKey = createPrivateKey({ key: { ...key }, format: 'jwk' });
      return (header: object, claims: object) => {
        const text = [{ alg: 'EdDSA', kid: key?.kid, ...header }, claims]
          .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
          .join('.');
        return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
      };
    };
    const seconds = (n: number) => Math.floor(Date.now() / 1000) + n;

    test('as the issuer makes it passes', async () => {
      expect((await forged({}, {})).status).toBe(200);
    });

    test.each([
      ['of another issuer', {}, () => ({ iss: 'https://other.example' }), 'token_issuer_wrong'],
      [
        'for another audience',
        {},
        () => ({ aud: 'https://other.example' }),
        'token_audience_wrong',
      ],
      ['for several audiences', {}, () => ({ aud: [baseUrl] }), 'token_audience_wrong'],
      ['that is expired', {}, () => ({ iat: seconds(-600), exp: seconds(-1) }), 'token_expired'],
      ['that is not valid yet', {}, () => ({ nbf: seconds(60) }), 'token_not_yet_valid'],
      ['that lives two hours', {}, () => ({ exp: seconds(7200) }), 'token_lives_too_long'],
      ['bound to no key', {}, () => ({ cnf: undefined }), 'token_unbound'],
      ['bound to another key', {}, () => ({ cnf: { jkt: 'x' } }), 'proof_key_wrong'],
      ['of another subject', {}, () => ({ sub: 'someone' }), 'token_malformed'],
      [
        'of a client that nobody registered',
        {},
        () => ({ sub: 'x', client_id: 'x' }),
        'client_unknown',
      ],
      ['of another type', { typ: 'JWT' }, () => ({}), 'token_malformed'],
      ['of an unknown key', { kid: 'x' }, () => ({}), 'token_signature_wrong'],
      ['signed with another algorithm', { alg: 'ES256' }, () => ({}), 'token_malformed'],
    ])('%s', async (_, header, claims, expected) => {
      expect(code(await forged(header, claims()))).toEqual([401, expected]);
    });
  });
});

describe('a phone', () => {
  test.each(['Ed25519', 'P-256'] as const)(
    'with an enrolled %s key is its subject',
    async (kind) => {
      const { phone, subject } = house.newPhone(kind);
      expect(await phone.get('/probe/phone')).toMatchObject({
        status: 200,
        body: { subject, principal: { capacity: 'self', subject } },
      });
      expect(await phone.post('/probe/phone', { answer: 'yes' })).toMatchObject({
        status: 201,
        body: { subject, body: { answer: 'yes' } },
      });
    },
  );

  test('with a key that is enrolled for nobody is nobody', async () => {
    const answer = await new TestPhone(baseUrl).get('/probe/phone');
    expect(code(answer)).toEqual([401, 'phone_unknown']);
  });

  test('must cover the body with its proof', async () => {
    const { phone } = house.newPhone();
    const without = await phone.post('/probe/phone', { a: 1 }, { claims: { bh: undefined } });
    expect(code(without)).toEqual([401, 'proof_body_wrong']);
    const other = await phone.post('/probe/phone', { a: 1 }, { claims: { bh: 'x'.repeat(43) } });
    expect(code(other)).toEqual([401, 'proof_body_wrong']);
  });

  test('uses each proof once', async () => {
    const { phone } = house.newPhone();
    const dpop = phone.key.proof({ method: 'GET', url: `${baseUrl}/probe/phone` });
    expect((await call('/probe/phone', { dpop })).status).toBe(200);
    expect(code(await call('/probe/phone', { dpop }))).toEqual([401, 'proof_replayed']);
  });

  test('is not let in where clients are, nor clients where phones are', async () => {
    const { phone } = house.newPhone();
    expect(code(await phone.get('/probe/matters'))).toEqual([401, 'token_missing']);
    expect(code(await terminal.get('/probe/phone'))).toEqual([401, 'token_scheme_wrong']);
  });
});

describe('what another process changed', () => {
  test('a client that was disabled is refused at once', async () => {
    const client = await house.newTerminal();
    expect((await client.get('/probe/matters')).status).toBe(200);
    expect((await client.get('/probe/matters')).status).toBe(200);
    await say(clientStream(client.client), 'ClientDisabled', { reason: 'stolen' });
    expect(code(await client.get('/probe/matters'))).toEqual([401, 'client_disabled']);
  });

  test('a client whose key was replaced is refused at once', async () => {
    const client = await house.newTerminal();
    expect((await client.get('/probe/matters')).status).toBe(200);
    const { jkt: kid } = new TestKey();
    await say(clientStream(client.client), 'ClientKeyRotated', {
      added: { kid, alg: 'EdDSA', jwk: {}, proof: null },
      retired: [client.key.jkt],
    });
    expect(code(await client.get('/probe/matters'))).toEqual([401, 'client_key_unknown']);
  });

  test('a phone that was revoked is refused, though the process remembers it', async () => {
    const { phone, subject, known, revoke } = house.newPhone();
    const stream = `subject-${subject}`;
    await say(stream, 'Anything', {});
    known({ value: subject, stream, records: 1 });
    expect((await phone.get('/probe/phone')).status).toBe(200);
    revoke();
    // Nothing of it is in the stream yet: what is remembered holds.
    expect((await phone.get('/probe/phone')).status).toBe(200);
    await say(stream, 'Anything', {});
    expect(code(await phone.get('/probe/phone'))).toEqual([401, 'phone_unknown']);
  });
});

test('another process of the house refuses the same proof, and takes the issuer elsewhere by its URL', async () => {
  const second = await house.startSecond();
  const headers = await signed('/probe/matters');
  const there = await fetch(`${await second.getUrl()}/probe/matters`, { headers });
  expect(there.status).toBe(200);
  expect(code(await call('/probe/matters', headers))).toEqual([401, 'proof_replayed']);
});

describe('a command’s key stays free', () => {
  const send = (body: unknown, idempotencyKey: string, claims?: Record<string, unknown>) =>
    terminal.post('/probe/acts', body, { idempotencyKey, ...(claims && { claims }) });

  test('where the body does not parse; its proof is used all the same', async () => {
    const [key, jti] = [randomUUID(), randomUUID()];
    expect(code(await send('{"a":', key, { jti }))).toEqual([400, 'json_malformed']);
    expect(code(await send('{"a":', key, { jti }))).toEqual([401, 'proof_replayed']);
    expect((await send('{"a":1}', key)).status).toBe(201);
  });

  test('where the proof was used before', async () => {
    const [key, jti] = [randomUUID(), randomUUID()];
    expect((await send('{"a":1}', randomUUID(), { jti })).status).toBe(201);
    expect(code(await send('{"a":2}', key, { jti }))).toEqual([401, 'proof_replayed']);
    expect((await send('{"a":3}', key)).status).toBe(201);
    expect(code(await send('{"a":4}', key))).toEqual([409, 'idempotency_key_reused']);
  });
});

describe('a client that asks too often', () => {
  let busy: IdentityHouse;
  beforeAll(async () => {
    busy = await startIdentityHouse({ REQUESTS_PER_SECOND: '3' });
  });
  afterAll(() => busy.close());

  test('is told when to come back, by the routes and by the issuer', async () => {
    const client = await busy.newTerminal();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => client.get('/probe/matters')),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length + answers.filter(({ status }) => status === 200).length).toBe(100);
    expect(code(refused[0] ?? { status: 0, body: {} })).toEqual([429, 'rate_exceeded']);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');

    const tokens = await Promise.all(Array.from({ length: 100 }, () => client.requestToken()));
    const late = tokens.filter(({ status }) => status === 429);
    expect(late.length).toBeGreaterThan(0);
    expect(late.length + tokens.filter(({ status }) => status === 200).length).toBe(100);
    expect(late[0]?.body).toMatchObject({ error: 'temporarily_unavailable' });
    expect(late[0]?.headers.get('retry-after')).toBe('1');
  });
});
