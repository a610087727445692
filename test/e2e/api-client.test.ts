import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createClient,
  createPhoneClient,
  type LedgerClient,
  newPrivateJwk,
  readKey,
} from '#libs/api-client';
import { startCity, type TestCity } from '../support/city.js';

describe('the generated client', () => {
  let city: TestCity;
  let admin: LedgerClient;
  beforeAll(async () => {
    city = await startCity();
    await city.caughtUp();
    const jwk = city.city.house.keys.administrator ?? {};
    admin = createClient({
      baseUrl: city.baseUrl,
      client: 'administrator',
      key: await readKey(jwk),
      scopes: ['clients:manage'],
    });
  });
  afterAll(() => city.stop());

  const idempotency = () => ({ 'Idempotency-Key': crypto.randomUUID() });

  test('registers a client, proves it, and reads the catalogue as that client', async () => {
    const key = await readKey(await newPrivateJwk('ES256'));
    const made = await admin.POST('/v1/clients', {
      params: { header: idempotency() },
      body: {
        kind: 'terminal',
        name: 'A window',
        department: 'social-security',
        window: 'hall-1-03',
        keys: [{ ...key.publicJwk }],
      },
    });
    expect(made.response.status).toBe(201);
    const terminal = createClient({
      baseUrl: city.baseUrl,
      client: made.data?.client ?? '',
      key,
      scopes: ['matters:read'],
    });
    const found = await terminal.GET('/v1/matters', { params: { query: { q: '灵活就业' } } });
    expect(found.data?.matters.map(({ nameZh }) => nameZh)).toContain('灵活就业人员参保登记');
  });

  test('gives a problem with its code where the ledger refuses', async () => {
    const stranger = createPhoneClient(city.baseUrl, await readKey(await newPrivateJwk()));
    const { error, response } = await stranger.GET('/v1/phone/wallet');
    expect(response.status).toBe(401);
    expect(error).toMatchObject({ status: 401, request: expect.any(String) });
    expect(error?.code).toMatch(/^[a-z_]+$/);
  });
});
