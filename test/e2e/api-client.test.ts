import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  cityOf,
  createClient,
  createPhoneClient,
  type LedgerClient,
  newPrivateJwk,
  proveClientKey,
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
    const details = {
      kind: 'terminal',
      name: 'A window',
      department: 'social-security',
      window: 'hall-1-03',
    } as const;
    const made = await admin.POST('/v1/clients', {
      params: { header: idempotency() },
      body: {
        ...details,
        keys: [await proveClientKey(key, await cityOf(city.baseUrl), details)],
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

  /** What a request ends with that asks the city at this address for a token. */
  const refusal = async (client: string, jwk: object, scope: string, baseUrl = city.baseUrl) => {
    const api = createClient({ baseUrl, client, key: await readKey({ ...jwk }), scopes: [scope] });
    return api.GET('/v1/clients').then(
      () => null,
      (error: unknown) => error,
    );
  };
  const ofAdministrator = () => city.city.house.keys.administrator ?? {};

  test('says why there is no token: another address, another key, a scope that it lacks', async () => {
    const elsewhere = city.baseUrl.replace('localhost', '127.0.0.1');
    expect(
      await refusal('administrator', ofAdministrator(), 'clients:manage', elsewhere),
    ).toMatchObject({
      code: 'token_not_given',
      message: `the identity service gave no token: it calls itself ${city.baseUrl}/identity, and was asked as ${elsewhere}/identity`,
      hint: `Name the city by the address that it calls itself: ${city.baseUrl}`,
    });
    expect(
      await refusal('administrator', await newPrivateJwk('ES256'), 'clients:manage'),
    ).toMatchObject({
      code: 'token_not_given',
      hint: expect.stringMatching(/^Is the key the one that administrator is registered for/),
    });
    expect(await refusal('administrator', ofAdministrator(), 'releases:pull')).toMatchObject({
      code: 'token_not_given',
      message: expect.stringContaining('is not registered for the scope releases:pull'),
    });
  });

  test('reads text where a route answers text', async () => {
    const { data, error } = await admin.GET('/log/checkpoint');
    expect(error).toBeUndefined();
    const text: string | undefined = data;
    expect(text?.split('\n')[0]).toBe('trial.city.example');
    expect((await admin.GET('/log/checkpoint', { parseAs: 'text' })).data).toMatch(
      /^trial\.city\.example\n/,
    );
  });

  test('gives a problem with its code where the ledger refuses', async () => {
    const stranger = createPhoneClient(city.baseUrl, await readKey(await newPrivateJwk()));
    const { error, response } = await stranger.GET('/v1/phone/wallet');
    expect(response.status).toBe(401);
    expect(error).toMatchObject({ status: 401, request: expect.any(String) });
    expect(error?.code).toMatch(/^[a-z_]+$/);
  });
});
