import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient } from '../../test/support/client.js';
import {
  administrator,
  type IdentityHouse,
  startIdentityHouse,
} from '../../test/support/identity-house.js';
import { TestKey } from '../../test/support/keys.js';

let house: IdentityHouse;
let baseUrl: string;
let admin: TestClient;
let terminal: TestClient;
beforeAll(async () => {
  house = await startIdentityHouse();
  ({ baseUrl, admin } = house);
  terminal = await house.newTerminal();
});
afterAll(() => house.close());

const code = (answer: { status: number; body: { code?: string } }) => [
  answer.status,
  answer.body.code,
];
describe('the register', () => {
  test('shuts a disabled client out at once, and lets it in again', async () => {
    const client = await house.newTerminal();
    expect((await client.get('/probe/matters')).status).toBe(200);
    const path = `/v1/clients/${client.client}`;
    await admin.post(`${path}/disable`, { reason: 'stolen' });
    expect(code(await client.get('/probe/matters'))).toEqual([401, 'client_disabled']);
    expect((await client.requestToken()).status).toBe(401);
    await admin.post(`${path}/enable`, { reason: 'returned' });
    expect((await client.get('/probe/matters')).status).toBe(200);
  });

  test('lets a rotated-away key do nothing more, with the tokens it has', async () => {
    const client = await house.newTerminal();
    await client.token();
    const next = new TestKey('P-256');
    const rotated = await admin.post(`/v1/clients/${client.client}/keys`, { jwk: next.jwk });
    expect(rotated).toMatchObject({ status: 200, body: { keys: [{ kid: next.jkt }] } });
    expect(code(await client.get('/probe/matters'))).toEqual([401, 'client_key_unknown']);
    expect((await client.requestToken()).status).toBe(401);
    const renewed = new TestClient(baseUrl, client.client, next, client.scopes);
    expect((await renewed.get('/probe/matters')).status).toBe(200);
    const back = await admin.post(`/v1/clients/${client.client}/keys`, { jwk: client.key.jwk });
    expect(code(back)).toEqual([409, 'client_key_retired']);
  });

  test('answers a registration that is sent again with the first result', async () => {
    const idempotencyKey = randomUUID();
    const body = {
      kind: 'auditor',
      name: '审计',
      department: '审计局',
      keys: [new TestKey().jwk],
    };
    const first = await admin.post('/v1/clients', body, { idempotencyKey });
    const again = await admin.post('/v1/clients', body, { idempotencyKey });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(
      await admin.get(`/v1/clients/${(first.body as { client: string }).client}`),
    ).toMatchObject({
      status: 200,
      body: first.body as object,
    });
  });

  const key = () => new TestKey();
  const authority = { creditCode: '11430112000000001P', name: '示例局', types: ['ZZ001'] };
  test.each([
    ['a terminal without a window', { kind: 'terminal' }, 'client_window_missing'],
    ['an authority without its code', { kind: 'issuing-authority' }, 'client_authority_missing'],
    [
      'an authority whose code has a wrong check',
      {
        kind: 'issuing-authority',
        authority: { ...authority, creditCode: '11430112000000001Q' },
      },
      'client_authority_code_wrong',
    ],
    [
      'a scope that its kind may not hold',
      { kind: 'auditor', scopes: ['clients:manage'] },
      'client_scope_not_of_kind',
    ],
    ['a kind that does not exist', { kind: 'wizard' }, 'request_invalid'],
    ['a member that nobody knows', { kind: 'auditor', admin: true }, 'request_invalid'],
    [
      'an RSA key',
      { kind: 'auditor', keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] },
      'key_kind_unknown',
    ],
  ])('refuses %s', async (_, body, expected) => {
    const answer = await admin.post('/v1/clients', {
      name: 'x',
      department: '人社',
      keys: [key().jwk],
      ...body,
    });
    expect(code(answer)).toEqual([400, expected]);
  });

  test('refuses a private key, and does not repeat it', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const jwk = privateKey.export({ format: 'jwk' });
    const body = { kind: 'auditor', name: 'x', department: '人社', keys: [jwk] };
    const answer = await admin.post('/v1/clients', body);
    expect(code(answer)).toEqual([400, 'key_not_public']);
    expect(JSON.stringify(answer.body)).not.toContain(jwk.d);
  });

  test('is for administrators, who cannot shut themselves out', async () => {
    const body = { kind: 'auditor', name: 'x', department: '人社', keys: [key().jwk] };
    expect(code(await terminal.post('/v1/clients', body))).toEqual([403, 'scope_missing']);
    const own = await admin.post(`/v1/clients/${administrator}/disable`, { reason: 'other' });
    expect(code(own)).toEqual([403, 'client_is_own']);
    expect(code(await admin.get('/v1/clients/nobody'))).toEqual([404, 'client_unknown']);
  });
});
