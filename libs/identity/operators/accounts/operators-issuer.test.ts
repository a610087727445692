import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SystemClock } from '#libs/kernel';
import { Settings } from '#libs/platform';
import { type Lie, TestOperatorsIssuer } from '../../../../test/support/operators-issuer.js';
import { OperatorsIssuer } from './operators-issuer.js';

const clock = new SystemClock();
const city = 'http://localhost:8080';
const request = { state: 's'.repeat(22), nonce: 'n'.repeat(22), verifier: 'v'.repeat(43) };
const without = (claims: object, name: string) =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
const now = () => Math.floor(Date.now() / 1000);

let there: TestOperatorsIssuer;
beforeAll(async () => {
  there = await TestOperatorsIssuer.start(city);
});
afterAll(() => there.close());
beforeEach(() => {
  there.lie = null;
  there.named = null;
  there.down = null;
});

const client = (more: Readonly<Record<string, string>> = {}, pauseMs = 0) => {
  const { operatorsIssuer } = Settings.from({ ...there.env, ...more }).signIn;
  if (operatorsIssuer === null) throw new TypeError('no issuer');
  return new OperatorsIssuer(operatorsIssuer, `${city}/sign-in`, pauseMs);
};

/** Signs in there, and has the answer read. */
async function signIn(
  by = client(),
  told: { iss?: string | null; code?: string; verifier?: string; nonce?: string } = {},
): Promise<string> {
  const begun = clock.now();
  const back = await there.signIn(await by.authorizationUrl(request), '0042');
  const { searchParams: said } = back;
  expect([back.origin + back.pathname, said.get('state')]).toEqual([
    `${city}/sign-in`,
    request.state,
  ]);
  const { iss = said.get('iss'), code = said.get('code') ?? '', ...more } = told;
  return by.subjectOf({ code, iss }, { ...request, ...more }, { begun, now: clock.now() });
}
const codeOf = (thrown: unknown) => (thrown as { code: string }).code;
const refusal = (...told: Parameters<typeof signIn>) => signIn(...told).then(String, codeOf);

describe("the operators' issuer", () => {
  test('says who signed in, by a code that only the city can use', async () => {
    expect(await signIn()).toBe('0042');
  });

  test('is asked to have the person sign in anew, with PKCE, state and nonce', async () => {
    const url = new URL(await client({ OPERATORS_ACR: 'gold silver' }).authorizationUrl(request));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      prompt: 'login',
      max_age: '0',
      scope: 'openid',
      code_challenge_method: 'S256',
      state: request.state,
      nonce: request.nonce,
      acr_values: 'gold silver',
    });
    expect(url.href).not.toContain(request.verifier);
  });

  test('may change its keys', async () => {
    const by = client();
    expect(await signIn(by)).toBe('0042');
    there.rotate();
    expect(await signIn(by)).toBe('0042');
  });

  test('is asked for a key that is not known, and not again within a pause', async () => {
    const by = client({}, 60_000);
    expect(await signIn(by)).toBe('0042');
    there.rotate();
    expect(await refusal(by)).toBe('account_token_not_verified');
  });
});

describe('an ID token is refused', () => {
  test.each<[string, Lie, string]>([
    [
      'of another issuer',
      { claims: (c) => ({ ...c, iss: 'https://evil.example' }) },
      'account_token_foreign',
    ],
    ['for another client', { claims: (c) => ({ ...c, aud: 'other' }) }, 'account_token_foreign'],
    [
      'for others, too',
      { claims: (c) => ({ ...c, aud: ['mianzheng', 'other'] }) },
      'account_token_foreign',
    ],
    ['that is expired', { claims: (c) => ({ ...c, exp: now() - 60 }) }, 'account_token_expired'],
    [
      'that was signed long ago',
      { claims: (c) => ({ ...c, iat: now() - 600 }) },
      'account_token_expired',
    ],
    ['of a time to come', { claims: (c) => ({ ...c, iat: now() + 600 }) }, 'account_token_expired'],
    ['with another nonce', { claims: (c) => ({ ...c, nonce: 'other' }) }, 'account_token_replayed'],
    ['without nonce', { claims: (c) => without(c, 'nonce') }, 'account_token_replayed'],
    [
      'of a session from before',
      { claims: (c) => ({ ...c, auth_time: now() - 3600 }) },
      'account_sign_in_old',
    ],
    ['that does not say when', { claims: (c) => without(c, 'auth_time') }, 'account_sign_in_old'],
    ['without sub', { claims: (c) => without(c, 'sub') }, 'account_token_not_verified'],
    ['with an empty sub', { claims: (c) => ({ ...c, sub: '' }) }, 'account_token_not_verified'],
    [
      'by a foreign key under the name of the own',
      { key: 'foreign' },
      'account_token_not_verified',
    ],
    [
      'by the client secret',
      { header: { alg: 'HS256' }, key: new TextEncoder().encode('s'.repeat(32)) },
      'account_token_not_verified',
    ],
    ['under a kid that there is not', { header: { kid: 'other' } }, 'account_token_not_verified'],
  ])('%s', async (_, lie, code) => {
    there.lie = lie;
    expect(await refusal()).toBe(code);
  });

  test('that is not signed at all', async () => {
    there.lie = {
      raw: (token) =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1] ?? ''}.`,
    };
    expect(await refusal()).toBe('account_token_not_verified');
  });
});

describe('a code is refused', () => {
  test('a second time', async () => {
    const by = client();
    const back = await there.signIn(await by.authorizationUrl(request), '0042');
    const [code, iss] = [back.searchParams.get('code') ?? '', back.searchParams.get('iss')];
    const redeem = () =>
      by.subjectOf({ code, iss }, request, { begun: clock.now(), now: clock.now() });
    expect(await redeem()).toBe('0042');
    expect(await redeem().then(String, codeOf)).toBe('account_not_confirmed');
  });

  test('without the secret of the request that it was given for', async () => {
    expect(await refusal(client(), { verifier: 'w'.repeat(43) })).toBe('account_not_confirmed');
  });

  test.each([
    ['of another issuer', 'https://evil.example'],
    ['that does not name its issuer, which always does', null],
  ])('in an answer %s', async (_, iss) => {
    expect(await refusal(client(), { iss })).toBe('account_answer_foreign');
  });
});

describe('where the city asks for a way to sign in', () => {
  const asks = { OPERATORS_ACR: 'gold silver', OPERATORS_AMR: 'pwd otp' };
  test.each([
    [{ acr: 'silver', amr: ['pwd', 'otp', 'hwk'] }, '0042'],
    [{ acr: 'bronze', amr: ['pwd', 'otp'] }, 'account_method_weak'],
    [{ acr: 'gold', amr: ['pwd'] }, 'account_method_weak'],
    [{ acr: 'gold' }, 'account_method_weak'],
    [{ amr: ['pwd', 'otp'] }, 'account_method_weak'],
  ])('%j comes to %s', async (claims, outcome) => {
    there.lie = { claims: (c) => ({ ...c, ...claims }) };
    expect(await refusal(client(asks))).toBe(outcome);
  });
});

describe('that the issuer cannot be asked is said', () => {
  const away = 'operators_issuer_unreachable';
  const asked = (by: OperatorsIssuer) => by.authorizationUrl(request).then(String, codeOf);

  test('where it is down; what is known of it stays for the others', async () => {
    const by = client();
    expect(await signIn(by)).toBe('0042');
    there.down = /^/;
    expect(await asked(client())).toBe(away);
    expect(await asked(by)).toMatch(/^http/);
    const told = { begun: clock.now(), now: clock.now() };
    const answer = { code: 'x', iss: there.issuer };
    expect(await by.subjectOf(answer, request, told).catch(codeOf)).toBe(away);
  });

  test('where its document is of another issuer', async () => {
    there.named = 'https://evil.example';
    expect(await asked(client())).toBe(away);
  });

  test('where it does not know the city, or its secret', async () => {
    expect(await refusal(client({ OPERATORS_CLIENT_SECRET: 'other' }))).toBe(away);
  });

  test('where nothing listens', async () => {
    expect(await asked(client({ OPERATORS_ISSUER: 'http://127.0.0.1:9' }))).toBe(away);
  });
});

test.each(['OPERATORS_CLIENT_ID', 'OPERATORS_CLIENT_SECRET'])(
  'a program that asks the issuer does not start without %s',
  (setting) => {
    expect(() => client({ [setting]: '' })).toThrow(
      expect.objectContaining({ facts: { setting } }),
    );
  },
);
