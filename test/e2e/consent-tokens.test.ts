/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-return -- tests look into tokens without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import type { JsonObject } from '#libs/kernel';
import { signingKeys } from '../support/city.js';
import { TestKey } from '../support/keys.js';
import { expectRefused } from '../support/refusal.js';
import { done, epochNow, type GrantedConsent, Town } from '../support/town.js';

/**
 * Every token below is signed with the city's own key, or claims to be: what is refused is refused
 * for the one thing that is wrong. One granted consent serves for all of them, so each also shows
 * that those before it used nothing up.
 */
let town: Town;
let granted: GrantedConsent;
/** Another holder's, granted to the same terminal. */
let other: GrantedConsent;
let ledger: TestKey;
let kid: string;

beforeAll(async () => {
  town = await Town.start();
  granted = await town.granted();
  other = await town.granted();
  const jwk = await town.ledgerKey();
  ledger = new TestKey(jwk);
  ({ kid } = jwk);
});
afterAll(() => town.stop());

const decoded = (part: string | undefined) =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
const encoded = (text: string) => Buffer.from(text).toString('base64url');

/** Claims of a token as the city mints one now; `change` replaces or removes (undefined) some. */
async function claims(change: Record<string, unknown> = {}): Promise<Record<string, any>> {
  const fresh = decoded((await town.token(granted.at)).split('.')[1]);
  return JSON.parse(JSON.stringify({ ...fresh, ...change })) as Record<string, any>;
}
const sign = (payload: unknown, header: object = {}, key = ledger) =>
  key.sign({ typ: 'consent+jwt', kid, ...header }, payload);

async function detailed(change: JsonObject): Promise<string> {
  const { authorization_details: details, ...rest } = await claims();
  return sign({ ...rest, authorization_details: [{ ...details[0], ...change }] });
}

const refuses = async (code: string, token: string | Promise<string>, by = town.terminal) =>
  expectRefused(
    town,
    { status: code.endsWith('_absent') ? 404 : 403, code },
    async () => town.pull(await token, by),
    [granted.number, granted.consent],
  );

test('a token signed here as the city signs one is believed: nothing else is wrong with those below', async () => {
  const fresh = await town.granted();
  const minted = decoded(fresh.token.split('.')[1]);
  expect(done(await town.pull(sign(minted))).handedOver.materials).toHaveLength(1);
});

describe('a token is refused', () => {
  const times: [string, string, (now: number) => Record<string, number>][] = [
    ['that is expired', 'token_expired', (now) => ({ iat: now - 61, nbf: now - 61, exp: now - 1 })],
    [
      'that expires at this second',
      'token_expired',
      (now) => ({ iat: now - 60, nbf: now - 60, exp: now }),
    ],
    [
      'that is not yet valid',
      'token_not_yet_valid',
      (now) => ({ iat: now + 40, nbf: now + 40, exp: now + 100 }),
    ],
    [
      'that begins later than it was made',
      'token_not_yet_valid',
      (now) => ({ iat: now, nbf: now + 40, exp: now + 60 }),
    ],
    [
      'that lives a second too long',
      'token_lives_too_long',
      (now) => ({ iat: now, nbf: now, exp: now + 61 }),
    ],
    [
      'that lives for a year',
      'token_lives_too_long',
      (now) => ({ iat: now, nbf: now, exp: now + 31_536_000 }),
    ],
    [
      'that ends before it begins',
      'token_malformed',
      (now) => ({ iat: now, nbf: now, exp: now - 5 }),
    ],
    [
      'whose times are fractions',
      'token_malformed',
      (now) => ({ iat: now + 0.5, nbf: now + 0.5, exp: now + 60.5 }),
    ],
  ];
  test.each(times)('%s', async (_, code, of) => {
    await refuses(code, sign(await claims(of(epochNow()))));
  });

  const others: [
    string,
    string,
    () => Promise<Record<string, unknown>> | Record<string, unknown>,
  ][] = [
    ['for another audience', 'token_audience_wrong', () => ({ aud: `${town.url}/v1/other` })],
    [
      'for a list of audiences, ours among them',
      'token_audience_wrong',
      async () => ({ aud: [(await claims())['aud']] }),
    ],
    ['of another issuer', 'token_issuer_wrong', () => ({ iss: 'https://other.example' })],
    [
      'of the issuer of access tokens',
      'token_issuer_wrong',
      () => ({ iss: `${town.url}/identity` }),
    ],
    [
      'for another terminal',
      'token_of_another_client',
      () => ({ client_id: town.elsewhere.client }),
    ],
    ['for another key', 'token_of_another_key', () => ({ cnf: { jkt: town.elsewhere.key.jkt } })],
    [
      'for a key and something more',
      'token_of_another_key',
      () => ({ cnf: { jkt: town.terminal.key.jkt, kid: 'x' } }),
    ],
    ['for another text', 'token_for_another_release', () => ({ notice_hash: 'A'.repeat(43) })],
    [
      'for somebody who is not in the case',
      'token_for_another_release',
      () => ({ sub: 'A'.repeat(22) }),
    ],
    ['for a consent that there is not', 'consent_absent', () => ({ jti: 'A'.repeat(22) })],
    ['for another holder’s consent', 'consent_absent', () => ({ jti: other.consent })],
    ['without details', 'token_malformed', () => ({ authorization_details: [] })],
    [
      'with details twice',
      'token_malformed',
      async () => {
        const {
          authorization_details: [one],
        } = await claims();
        return { authorization_details: [one, one] };
      },
    ],
    ['with a claim more', 'token_malformed', () => ({ admin: true })],
    ['with a claim less', 'token_malformed', () => ({ txn: undefined })],
    ['whose consent is a number', 'token_malformed', () => ({ jti: 1 })],
    ['whose times are texts', 'token_malformed', () => ({ exp: '2030' })],
  ];
  test.each(others)('%s', async (_, code, change) => {
    await refuses(code, sign(await claims(await change())));
  });

  const details: [string, string, () => JsonObject][] = [
    [
      'another case of the same window',
      'token_for_another_release',
      () => ({ identifier: other.case }),
    ],
    ['a case that there is not', 'case_absent', () => ({ identifier: 'A'.repeat(22) })],
    ['another type', 'token_for_another_release', () => ({ datatypes: ['ZZ002'] })],
    ['a type more', 'token_for_another_release', () => ({ datatypes: ['ZZ001', 'ZZ002'] })],
    ['a print', 'token_for_another_release', () => ({ actions: ['print'] })],
    ['a print too', 'token_for_another_release', () => ({ actions: ['read', 'print'] })],
    ['another window', 'token_for_another_release', () => ({ locations: ['hall-1-04'] })],
    ['another purpose', 'token_for_another_release', () => ({ purpose: '示例' })],
    ['another wording', 'token_for_another_release', () => ({ notice_version: 2 })],
    ['another kind of thing', 'token_for_another_release', () => ({ type: 'payment' })],
    ['fields of its own', 'token_for_another_release', () => ({ fields: ['住址'] })],
  ];
  test.each(details)('for %s', async (_, code, change) => {
    await refuses(code, await detailed(change()));
  });

  test('at another window, and at another terminal of the same department', async () => {
    await refuses('token_of_another_client', town.token(granted.at), town.elsewhere);
  });
});

describe('whatever its algorithm says, only the city’s key speaks:', () => {
  test.each([
    ['none', { alg: 'none' }],
    ['None', { alg: 'None' }],
    ['no algorithm', { alg: undefined }],
    ['another name of the key’s own', { alg: 'Ed25519' }],
    ['ES256', { alg: 'ES256' }],
    ['RS256', { alg: 'RS256' }],
    ['a list', { alg: ['EdDSA'] }],
    ['another type of token', { typ: 'at+jwt' }],
    ['no type', { typ: undefined }],
    ['an unknown key', { kid: 'unknown' }],
    ['no key', { kid: undefined }],
    ['a key of its own', { jwk: new TestKey().jwk }],
    ['a place to fetch a key from', { jku: 'https://other.example/jwks' }],
    ['a place to fetch a certificate from', { x5u: 'https://other.example/x5u' }],
    ['an extension that must be understood', { crit: ['exp'] }],
    ['a payload that is not encoded', { b64: false }],
    ['a payload that is packed', { zip: 'DEF' }],
  ])('%s', async (_, header) => {
    await refuses('token_signature_refused', sign(await claims(), header));
  });

  test('none, without a signature', async () => {
    const token = sign(await claims(), { alg: 'none' });
    await refuses('token_signature_refused', token.slice(0, token.lastIndexOf('.') + 1));
  });

  test('HS256 with the public key as the secret, in each form that it is published in', async () => {
    const { x } = ledger.jwk;
    for (const secret of [x ?? '', Buffer.from(x ?? '', 'base64url'), JSON.stringify(ledger.jwk)]) {
      const signed = `${encoded(JSON.stringify({ alg: 'HS256', typ: 'consent+jwt', kid }))}.${encoded(JSON.stringify(await claims()))}`;
      const mac = createHmac('sha256', secret).update(signed).digest('base64url');
      await refuses('token_signature_refused', `${signed}.${mac}`);
    }
  });

  test('the terminal’s own key, an invented one under the city’s name, and the key of access tokens', async () => {
    const payload = await claims();
    await refuses('token_signature_refused', sign(payload, {}, town.terminal.key));
    await refuses(
      'token_signature_refused',
      sign(payload, { kid: town.terminal.key.jkt }, town.terminal.key),
    );
    const [identity] = await signingKeys(town.city, 'identity.jwks');
    await refuses(
      'token_signature_refused',
      sign(payload, { kid: identity.kid }, new TestKey(identity)),
    );
    await refuses('token_signature_refused', sign(payload, {}, new TestKey(identity)));
    await refuses('token_signature_refused', town.terminal.token());
  });
});

describe('a token has one spelling:', () => {
  test('claims that stand twice are refused, though the signature is right', async () => {
    const text = JSON.stringify(await claims());
    const { consent } = other;
    for (const twice of [
      `{"jti":"${consent}",${text.slice(1)}`,
      `${text.slice(0, -1)},"jti":"${consent}"}`,
      `${text.slice(0, -1)},"\\u006ati":"${consent}"}`,
    ])
      await refuses('token_malformed', sign(twice));
  });

  test('a payload that is none', async () => {
    for (const payload of [
      '[]',
      'null',
      '"text"',
      '',
      '{',
      '{"__proto__":{}}',
      `${'{"a":'.repeat(30)}0${'}'.repeat(30)}`,
    ])
      await refuses('token_malformed', sign(payload));
  });

  test('base64url that is not exactly that is refused, and uses nothing up', async () => {
    const token = await town.token(granted.at);
    const [head = '', payload = '', signature = ''] = token.split('.');
    const wrong = [
      `${token}=`,
      `${token}==`,
      `${head}=.${payload}.${signature}`,
      `${head}.${payload}.${signature} `,
      ` ${token}`,
      `${head}.${payload}\n.${signature}`,
      `${head}.${payload}.${signature.slice(0, -1)}`,
      `${head}.${payload}.${trailingBits(signature)}`,
      `.${payload}.${signature}`,
      `${head}.${payload}`,
      `${token}.${signature}`,
      `${head}.${payload}.${'+/'.repeat(43)}`,
      '...',
      '.',
      '',
    ];
    for (const malformed of wrong) await refuses('token_malformed', malformed);
    // No body of a request holds U+0000.
    await expectRefused(town, { status: 400, code: 'json_nul' }, () => town.pull(`${token}\u0000`));
    // These are base64url, of nothing.
    for (const empty of [`${head}.${payload}.`, `${head}..${signature}`])
      await refuses('token_signature_refused', empty);
  });

  test('what is no text is not a request, nor is what is too long for a token', async () => {
    for (const token of [null, 7, {}, [granted.token], undefined, 'x'.repeat(9000)])
      await expectRefused(town, { status: 400, code: 'request_invalid' }, () => town.pull(token));
  });
});

test('after all of these the consent is whole: it is redeemed once, and then no token of it is believed', async () => {
  const token = await town.token(granted.at);
  const second = await town.token(granted.at);
  expect(done(await town.pull(token)).handedOver.materials).toHaveLength(1);
  for (const replayed of [token, second, sign(await afterwards(token))])
    await refuses('consent_spent', replayed);
  await expectRefused(town, { status: 403, code: 'consent_spent' }, () =>
    town.terminal.post(`${granted.at}/token`),
  );
});

/**
 * The same consent under other times and another grant record: a token that the city never minted.
 */
const afterwards = (token: string) => {
  const now = epochNow();
  return {
    ...decoded(token.split('.')[1]),
    iat: now,
    nbf: now,
    exp: now + 30,
    txn: 'A'.repeat(43),
  };
};

/** The same 64 bytes with other bits in the last letter, which no decoder needs. */
function trailingBits(signature: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(signature.at(-1) ?? 'A');
  return signature.slice(0, -1) + (alphabet[last ^ 1] ?? 'A');
}
