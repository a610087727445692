import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { sampleAaguid } from '#libs/log';
import { SoftwareAuthenticator } from '../../../test/support/authenticator.js';
import type { TestClient } from '../../../test/support/client.js';
import { type IdentityHouse, startIdentityHouse } from '../../../test/support/identity-house.js';
import { TestKey } from '../../../test/support/keys.js';
import {
  makePasskey,
  newOperator,
  SignedInTerminal,
  signIn,
  TestBrowser,
  type TestOperator,
} from '../../../test/support/operator.js';

let house: IdentityHouse;
let admin: TestClient;
/** At which an operator must be signed in. */
let terminal: TestClient;
let operator: TestOperator;
beforeAll(async () => {
  house = await startIdentityHouse();
  ({ admin } = house);
  terminal = await house.newTerminal('P-256', { signIn: 'operator' });
  operator = await newOperator(admin, terminal);
});
afterAll(() => house.close());

interface Coded {
  readonly status: number;
  readonly body: { readonly code?: string; readonly error?: string };
}
const coded = ({ status, body }: Coded) => [status, body.code ?? body.error];
const refusedTo = (location: string | null) => {
  const url = new URL(location ?? 'none:');
  return [url.pathname, url.searchParams.get('error')];
};

describe('an operator who proved a passkey', () => {
  test('acts at the terminal, and every command names both', async () => {
    const there = await signIn(terminal, operator);
    expect(await there.get('/probe/matters')).toMatchObject({
      status: 200,
      body: {
        client: terminal.client,
        window: 'hall-1-03',
        operator: { operator: operator.operator, roles: ['clerk'] },
      },
    });
    expect((await there.post('/probe/acts')).body).toEqual({
      client: terminal.client,
      operator: operator.operator,
    });
  });

  test('has a token of five minutes that says who, how and when, and an id token for the page', async () => {
    const browser = new TestBrowser(terminal);
    const { body } = await browser.redeem(await browser.code(operator));
    const claimsOf = (jwt: string) =>
      JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(body).toMatchObject({ token_type: 'DPoP', expires_in: 300 });
    expect(claimsOf(body.access_token as string)).toMatchObject({
      client_id: terminal.client,
      operator: operator.operator,
      roles: ['clerk'],
      amr: ['pop', 'user', 'mfa'],
      acr: 'phr',
      cnf: { jkt: terminal.key.jkt },
    });
    expect(claimsOf(body.id_token as string)).toMatchObject({
      nonce: browser.nonce,
      aud: terminal.client,
    });
  });

  test('may do what the roles allow, and no more', async () => {
    const second = await newOperator(admin, terminal, ['second-operator']);
    const there = await signIn(terminal, second);
    expect(coded(await there.get('/probe/releases'))).toEqual([403, 'scope_missing']);
    expect(coded(await there.post('/probe/acts'))).toEqual([201, undefined]);
    const path = `/v1/operators/${second.operator}/roles`;
    await admin.post(path, { roles: ['clerk'] });
    expect((await there.get('/probe/releases')).status).toBe(200);
  });

  test('is asked for the passkey again at the next sign-in: no session is kept', async () => {
    const browser = new TestBrowser(terminal);
    await browser.code(operator);
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('_session'))).toEqual([]);
    const { location } = await browser.authorize();
    expect(location).toMatch(/\/identity\/interaction\//);
  });
});

describe('a terminal for operators at which nobody is signed in', () => {
  test('may begin to make a passkey, and nothing else', async () => {
    expect(coded(await terminal.get('/probe/matters'))).toEqual([403, 'operator_missing']);
    const invitation = `${'A'.repeat(22)}.${'B'.repeat(22)}`;
    const begun = await terminal.post('/v1/operator-passkeys/options', { invitation });
    expect(coded(begun)).toEqual([403, 'operator_invitation_unusable']);
  });

  test('is no other than a terminal', async () => {
    const details = { kind: 'department', name: '系统', department: '人社' } as const;
    const registered = await admin.post('/v1/clients', {
      ...details,
      signIn: 'operator',
      keys: [await new TestKey().proved(details)],
    });
    expect(coded(registered)).toEqual([400, 'client_sign_in_not_of_kind']);
  });
});

describe('a sign-in ends', () => {
  test('with the operator: every token of it is refused, and none is given', async () => {
    const left = await newOperator(admin, terminal);
    const there = await signIn(terminal, left);
    const path = `/v1/operators/${left.operator}`;
    await admin.post(`${path}/disable`, { reason: 'retired' });
    expect(coded(await there.get('/probe/matters'))).toEqual([401, 'operator_signed_out']);
    const browser = new TestBrowser(terminal);
    expect(coded(await browser.refresh(there.tokens.refresh_token))).toEqual([
      400,
      'invalid_grant',
    ]);
    const again = await browser.prove(await browser.begin(), left);
    expect(coded(again)).toEqual([401, 'passkey_unknown']);
  });

  test('with the passkey: an operator who is invited again is out', async () => {
    const lost = await newOperator(admin, terminal);
    const there = await signIn(terminal, lost);
    const { body } = await admin.post(`/v1/operators/${lost.operator}/invite-again`);
    expect(coded(await there.get('/probe/matters'))).toEqual([401, 'operator_signed_out']);
    const authenticator = new SoftwareAuthenticator(house.baseUrl);
    await makePasskey(terminal, body.invitation as string, authenticator);
    expect(coded(await there.get('/probe/matters'))).toEqual([401, 'operator_signed_out']);
    const now = await signIn(terminal, { ...lost, authenticator });
    expect((await now.get('/probe/matters')).status).toBe(200);
  });

  test('with the terminal', async () => {
    const other = await house.newTerminal('P-256', { signIn: 'operator' });
    const there = await signIn(other, operator);
    await admin.post(`/v1/clients/${other.client}/disable`, { reason: 'stolen' });
    expect(coded(await there.get('/probe/matters'))).toEqual([401, 'client_disabled']);
  });

  test('when the page says so: its refresh token is worth nothing', async () => {
    const { tokens } = await signIn(terminal, operator);
    const url = `${terminal.issuer}/token/revocation`;
    const revoked = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: terminal.assertion(),
        token: tokens.refresh_token,
        token_type_hint: 'refresh_token',
      }),
    });
    expect(revoked.status).toBe(200);
    const refreshed = await new TestBrowser(terminal).refresh(tokens.refresh_token);
    expect(coded(refreshed)).toEqual([400, 'invalid_grant']);
  });
});

describe('a refresh token', () => {
  test('is used once: the old one ends the sign-in', async () => {
    const { tokens } = await signIn(terminal, operator);
    const browser = new TestBrowser(terminal);
    const next = await browser.refresh(tokens.refresh_token);
    expect(next.status).toBe(200);
    const there = new SignedInTerminal(terminal, next.body as SignedInTerminal['tokens']);
    expect((await there.get('/probe/matters')).body).toMatchObject({
      operator: { operator: operator.operator },
    });
    expect(coded(await browser.refresh(tokens.refresh_token))).toEqual([400, 'invalid_grant']);
    const after = await browser.refresh((next.body as SignedInTerminal['tokens']).refresh_token);
    expect(coded(after)).toEqual([400, 'invalid_grant']);
  });

  test('is worth nothing to another terminal, nor under another key of the same', async () => {
    const mine = await house.newTerminal('P-256', { signIn: 'operator' });
    const { tokens } = await signIn(mine, operator);
    const browser = new TestBrowser(mine);
    expect(coded(await browser.refresh(tokens.refresh_token, terminal))).toEqual([
      400,
      'invalid_grant',
    ]);
    const key = new TestKey('P-256');
    const rotated = await admin.post(
      `/v1/clients/${mine.client}/keys`,
      await key.provedFor(mine.client),
    );
    expect(rotated.status).toBe(200);
    const rekeyed = Object.assign(Object.create(mine) as TestClient, { key });
    expect(coded(await browser.refresh(tokens.refresh_token, rekeyed))).toEqual([
      400,
      'invalid_grant',
    ]);
  });
});

describe('a passkey is refused', () => {
  test.each([
    ['for another challenge', { challenge: 'b3RoZXI' }, 'passkey_challenge_unusable'],
    ['of another origin', { origin: 'https://evil.example' }, 'passkey_not_verified'],
    ['of another relying party', { rpId: 'evil.example' }, 'passkey_not_verified'],
    ['without user verification', { userVerified: false }, 'passkey_not_verified'],
    ['that was to make one', { type: 'webauthn.create' }, 'passkey_not_verified'],
    ['whose counter stands', { counter: 1 }, 'passkey_counter_behind'],
    [
      'that names an operator who is not its own',
      { userHandle: Buffer.from('A'.repeat(22)).toString('base64url') },
      'passkey_unknown',
    ],
  ])('%s', async (_, wrong, code) => {
    const mine = await newOperator(admin, terminal);
    await signIn(terminal, mine);
    const browser = new TestBrowser(terminal);
    expect(coded(await browser.prove(await browser.begin(), mine, wrong))).toEqual([401, code]);
  });

  test('that was used before, also when two come at once', async () => {
    const browser = new TestBrowser(terminal);
    const uid = await browser.begin();
    const { body } = await browser.step(uid, 'challenge');
    const credential = operator.authenticator.get(body.publicKey as never);
    const answers = await Promise.all([
      browser.step(uid, 'assertion', { credential }),
      browser.step(uid, 'assertion', { credential }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(coded(await browser.step(uid, 'assertion', { credential }))).toEqual([
      401,
      'passkey_challenge_unusable',
    ]);
  });

  test('of an operator of another department', async () => {
    const theirs = await house.newTerminal('P-256', { department: '医保', signIn: 'operator' });
    const other = await newOperator(admin, theirs, ['clerk'], '医保');
    const browser = new TestBrowser(terminal);
    expect(coded(await browser.prove(await browser.begin(), other))).toEqual([
      403,
      'operator_of_other_department',
    ]);
  });

  test.each([
    ['no credential', {}],
    ['one without an answer', { credential: { id: 'x' } }],
    [
      'one whose client data are no JSON',
      { credential: { id: 'x', response: { clientDataJSON: 'AAAA' } } },
    ],
  ])('of a body with %s', async (_, body) => {
    const browser = new TestBrowser(terminal);
    const uid = await browser.begin();
    expect((await browser.step(uid, 'assertion', body)).status).toBe(400);
  });
});

describe('an invitation', () => {
  test('makes one passkey: an answer that was used, or is for another invitation, makes none', async () => {
    const person = { name: '示例·乙', department: '人社', roles: ['clerk'] };
    const invite = async () =>
      (await admin.post('/v1/operators', person)).body as { invitation: string };
    const [{ invitation }, other] = [await invite(), await invite()];
    const authenticator = new SoftwareAuthenticator(house.baseUrl);
    const options = async (of: string) =>
      (await terminal.post('/v1/operator-passkeys/options', { invitation: of })).body
        .publicKey as never;
    const credential = authenticator.create(await options(invitation));
    await options(other.invitation);
    const elsewhere = { invitation: other.invitation, credential };
    expect(coded(await terminal.post('/v1/operator-passkeys', elsewhere))).toEqual([
      401,
      'passkey_challenge_unusable',
    ]);
    const body = { invitation, credential };
    const idempotencyKey = randomUUID();
    const made = await terminal.post('/v1/operator-passkeys', body, { idempotencyKey });
    expect([made.status, made.body.state]).toEqual([201, 'enabled']);
    const retried = await terminal.post('/v1/operator-passkeys', body, { idempotencyKey });
    expect(retried.body).toEqual(made.body);
    expect(coded(await terminal.post('/v1/operator-passkeys', body))).toEqual([
      403,
      'operator_invitation_unusable',
    ]);
  });

  test.each([
    'android-key',
    'android-safetynet',
    'apple',
    'packed',
    'tpm',
    'fido-u2f',
    'unheard-of',
  ])(
    'makes a passkey whose attestation %s is not read: its certificates name addresses to ask',
    async (format) => {
      const person = { name: '示例·丁', department: '人社', roles: ['clerk'] };
      const { body } = await admin.post('/v1/operators', person);
      const authenticator = new SoftwareAuthenticator(house.baseUrl);
      const attestation = [format, new Map([['x5c', []]])] as const;
      const made = await makePasskey(terminal, body.invitation as string, authenticator, {
        attestation,
      });
      const mine = { operator: made.operator as string, authenticator };
      expect((await (await signIn(terminal, mine)).get('/probe/matters')).status).toBe(200);
    },
  );

  test.each([
    ['of another origin', { origin: 'https://evil.example' }],
    ['of another relying party', { rpId: 'evil.example' }],
    ['without user verification', { userVerified: false }],
  ])('takes no passkey %s', async (_, wrong) => {
    const person = { name: '示例·丙', department: '人社', roles: ['clerk'] };
    const { body } = await admin.post('/v1/operators', person);
    const authenticator = new SoftwareAuthenticator(house.baseUrl);
    await expect(
      makePasskey(terminal, body.invitation as string, authenticator, wrong),
    ).rejects.toThrow('passkey_not_verified');
  });

  test('takes the sample passkey in a trial on its own machine, and in no other city', async () => {
    const aaguid = sampleAaguid.replaceAll('-', '');
    const made = async (at: TestClient, by: TestClient): Promise<void> => {
      const person = { name: '示例·戊', department: '人社', roles: ['clerk'] };
      const { body } = await by.post('/v1/operators', person);
      const authenticator = new SoftwareAuthenticator(at.baseUrl);
      await makePasskey(at, body.invitation as string, authenticator, { aaguid });
    };
    await made(terminal, admin);
    const real = await startIdentityHouse({ CITY: 'city.example' });
    const there = await real.newTerminal('P-256', { signIn: 'operator' });
    await expect(made(there, real.admin)).rejects.toThrow('passkey_sample_refused');
    await real.close();
  });

  test('is used at a terminal of the department', async () => {
    const person = { name: '示例·丁', department: '医保', roles: ['clerk'] };
    const { body } = await admin.post('/v1/operators', person);
    const { invitation } = body as { invitation: string };
    const begun = await terminal.post('/v1/operator-passkeys/options', { invitation });
    expect(coded(begun)).toEqual([403, 'operator_of_other_department']);
  });
});

describe('an authorization request is refused', () => {
  test.each([
    ['without PKCE', { code_challenge: null, code_challenge_method: null }],
    ['with a plain challenge', { code_challenge_method: 'plain' }],
    ['without dpop_jkt', { dpop_jkt: null }],
    ['with dpop_jkt of a strange key', { dpop_jkt: 'A'.repeat(43) }],
    ['without state', { state: null }],
    ['without nonce', { nonce: null }],
    ['with a state that is too long to keep', { state: 'a'.repeat(513) }],
    ['with a nonce that is too long to keep', { nonce: 'a'.repeat(513) }],
    ['whose answer would be in a fragment', { response_mode: 'fragment' }],
  ])('%s', async (_, wrong) => {
    const { location } = await new TestBrowser(terminal).authorize(wrong);
    const url = new URL((location ?? '').replace('#', '?'));
    expect([url.pathname, url.searchParams.get('error')]).toEqual(['/window', 'invalid_request']);
    expect(url.searchParams.has('code')).toBe(false);
  });

  test('of a client that there is not, or for another page: nobody is sent there', async () => {
    const browser = new TestBrowser(terminal);
    const elsewhere = await browser.authorize({ redirect_uri: 'https://evil.example/window' });
    expect(elsewhere.location).toBe(`${house.baseUrl}/sign-in#error=invalid_redirect_uri`);
    const nobody = await browser.authorize({ client_id: 'A'.repeat(22) });
    expect(nobody.location).toBe(`${house.baseUrl}/sign-in#error=invalid_client`);
  });

  test('that wants no interaction', async () => {
    const { location } = await new TestBrowser(terminal).authorize({ prompt: 'none' });
    expect(refusedTo(location)).toEqual(['/window', 'login_required']);
  });
});

describe('a sign-in that began in one browser', () => {
  test('goes on in no other, whoever knows its address', async () => {
    const uid = await new TestBrowser(terminal).begin();
    const other = new TestBrowser(terminal);
    for (const step of ['state', 'challenge', 'assertion', 'cancel'])
      expect([step, ...coded(await other.step(uid, step))]).toEqual([step, 404, 'sign_in_expired']);
    const own = await other.begin();
    expect(own).not.toBe(uid);
    expect(coded(await other.step(uid, 'state'))).toEqual([404, 'sign_in_expired']);
  });

  test('is not touched by a page of another origin, nor by a form', async () => {
    const browser = new TestBrowser(terminal);
    const uid = await browser.begin();
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'content-type': 'text/plain' },
    ])
      expect(coded(await browser.step(uid, 'challenge', {}, headers))).toEqual([
        403,
        'sign_in_from_elsewhere',
      ]);
  });

  test('has cookies that no script reads and no other site sends', async () => {
    const { headers } = await new TestBrowser(terminal).authorize();
    const cookies = headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(1);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; httponly/i);
      expect(cookie).toMatch(/; samesite=strict/i);
      expect(cookie).toMatch(/; path=\/identity\//);
    }
  });

  test('shows the terminal, and ends where the operator cancels', async () => {
    const browser = new TestBrowser(terminal);
    const uid = await browser.begin();
    expect((await browser.step(uid, 'state')).body).toMatchObject({
      terminal: { name: 'terminal', department: '人社', window: 'hall-1-03' },
    });
    const { body } = await browser.step(uid, 'cancel');
    const { location } = await browser.go(body.returnTo as string);
    expect(refusedTo(location)).toEqual(['/window', 'access_denied']);
  });

  test('knows no steps elsewhere where the city has no issuer of operators', async () => {
    const browser = new TestBrowser(terminal);
    const uid = await browser.begin();
    for (const step of ['account', 'answer', 'bound'])
      expect(coded(await browser.step(uid, step))).toEqual([404, 'route_unknown']);
  });

  test('gives no code before a passkey was proved', async () => {
    const browser = new TestBrowser(terminal);
    const uid = await browser.begin();
    const { location } = await browser.go(`${terminal.issuer}/auth/${uid}`);
    expect(location).not.toContain('code=');
  });
});

describe('a code is worth nothing', () => {
  test('a second time: and what came of it ends', async () => {
    const browser = new TestBrowser(terminal);
    const code = await browser.code(operator);
    const first = await browser.redeem(code);
    expect(first.status).toBe(200);
    expect(coded(await browser.redeem(code))).toEqual([400, 'invalid_grant']);
    const { refresh_token } = first.body as SignedInTerminal['tokens'];
    expect(coded(await browser.refresh(refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('twice, when eight come at once', async () => {
    const browser = new TestBrowser(terminal);
    const code = await browser.code(operator);
    const answers = await Promise.all(Array.from({ length: 8 }, () => browser.redeem(code)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });

  test('to another terminal', async () => {
    const browser = new TestBrowser(terminal);
    const thief = await house.newTerminal('P-256');
    const stolen = await browser.redeem(await browser.code(operator), {}, thief);
    expect(coded(stolen)).toEqual([400, 'invalid_grant']);
  });

  test.each([
    ['without the verifier', { code_verifier: null }],
    ['with another verifier', { code_verifier: 'A'.repeat(43) }],
    ['for another page', { redirect_uri: 'https://evil.example/window' }],
  ])('%s', async (_, wrong) => {
    const browser = new TestBrowser(terminal);
    const { status } = await browser.redeem(await browser.code(operator), wrong);
    expect(status).toBe(400);
  });

  test('after the operator was disabled', async () => {
    const left = await newOperator(admin, terminal);
    const browser = new TestBrowser(terminal);
    const code = await browser.code(left);
    await admin.post(`/v1/operators/${left.operator}/disable`, { reason: 'retired' });
    expect(coded(await browser.redeem(code))).toEqual([400, 'invalid_grant']);
  });
});
