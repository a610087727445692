import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inventedCreditCode } from '../../test/support/authority.js';
import { register, TestClient } from '../../test/support/client.js';
import {
  administrator,
  type IdentityHouse,
  startIdentityHouse,
} from '../../test/support/identity-house.js';
import { TestKey } from '../../test/support/keys.js';
import { admitSecond } from '../../test/support/second-administrator.js';
import { allScopes, clientKinds, scopesOf } from './scopes.js';

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
    const rotated = await admin.post(
      `/v1/clients/${client.client}/keys`,
      await next.provedFor(client.client),
    );
    expect(rotated).toMatchObject({ status: 200, body: { keys: [{ kid: next.jkt }] } });
    expect(code(await client.get('/probe/matters'))).toEqual([401, 'client_key_unknown']);
    expect((await client.requestToken()).status).toBe(401);
    const renewed = new TestClient(baseUrl, client.client, next, client.scopes);
    expect((await renewed.get('/probe/matters')).status).toBe(200);
    const back = await admin.post(
      `/v1/clients/${client.client}/keys`,
      await client.key.provedFor(client.client),
    );
    expect(code(back)).toEqual([409, 'client_key_retired']);
  });

  test('answers a registration that is sent again with the first result', async () => {
    const idempotencyKey = randomUUID();
    const details = { kind: 'auditor', name: '审计', department: '审计局' };
    const body = { ...details, keys: [await new TestKey().proved(details)] };
    const first = await admin.post('/v1/clients', body, { idempotencyKey });
    const again = await admin.post('/v1/clients', body, { idempotencyKey });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    const { lookalikes, ...registered } = first.body as { client: string; lookalikes: unknown };
    expect(lookalikes).toEqual([]);
    expect(await admin.get(`/v1/clients/${registered.client}`)).toMatchObject({
      status: 200,
      body: registered,
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
      'an authority of a type that the catalogue has not',
      {
        kind: 'issuing-authority',
        authority: { ...authority, types: ['ZZ001', 'ZZ999'] },
      },
      'client_authority_type_unknown',
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
      { kind: 'auditor', keys: [{ jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, proof: 'x' }] },
      'key_kind_unknown',
    ],
  ])('refuses %s', async (_, body, expected) => {
    const details = { name: 'x', department: '人社', ...body };
    const keys = [await key().proved(details)];
    const answer = await admin.post('/v1/clients', { ...details, keys, ...body });
    expect(code(answer)).toEqual([400, expected]);
  });

  test('names the values that a member may have, each form and number that is asked for, and no value that came', async () => {
    const answer = await admin.post('/v1/clients', {
      kind: 'wizard',
      name: ' hidden value ',
      keys: [],
      scopes: ['all'],
    });
    const { facts } = answer.body as { facts: { members: string[] } };
    expect(facts.members).toEqual([
      `kind: isIn, one of: ${clientKinds.join(', ')}`,
      expect.stringMatching(/^name: matches, \/\^.*\/u$/),
      'department: missing',
      `scopes: isIn, one of: ${allScopes.join(', ')}`,
      'keys: arrayMinSize, at least 1 elements',
    ]);
    expect(JSON.stringify(answer.body)).not.toMatch(/wizard|hidden value/);
  });

  test('refuses a private key, and does not repeat it', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const jwk = privateKey.export({ format: 'jwk' });
    const body = { kind: 'auditor', name: 'x', department: '人社', keys: [{ jwk, proof: 'x' }] };
    const answer = await admin.post('/v1/clients', body);
    expect(code(answer)).toEqual([400, 'key_not_public']);
    expect(JSON.stringify(answer.body)).not.toContain(jwk.d);
  });

  test('is for administrators, who cannot shut themselves out', async () => {
    const details = { kind: 'auditor', name: 'x', department: '人社' };
    const body = { ...details, keys: [await key().proved(details)] };
    expect(code(await terminal.post('/v1/clients', body))).toEqual([403, 'scope_missing']);
    const own = await admin.post(`/v1/clients/${administrator}/disable`, { reason: 'other' });
    expect(code(own)).toEqual([403, 'client_is_own']);
    expect(code(await admin.get('/v1/clients/nobody'))).toEqual([404, 'client_unknown']);
  });
});

describe('a key', () => {
  const details = { kind: 'auditor', name: '审计', department: '审计局' };
  const registers = (keys: readonly unknown[], more: object = {}) =>
    admin.post('/v1/clients', { ...details, ...more, keys });
  const signed = (key: TestKey, claims: object, typ = 'client-registration+jws') => ({
    jwk: key.jwk,
    proof: key.sign(
      { typ, kid: key.jkt },
      {
        aud: 'trial.city.example',
        iat: Math.floor(Date.now() / 1000),
        window: null,
        town: null,
        authority: null,
        ...details,
        ...claims,
      },
    ),
  });

  test.each([
    [
      'signed by another',
      async (key: TestKey) => ({ ...(await new TestKey().proved(details)), jwk: key.jwk }),
      'key_proof_signature_wrong',
    ],
    [
      'signed as something else',
      (key: TestKey) => signed(key, {}, 'client-key+jws'),
      'key_proof_signature_wrong',
    ],
    [
      'for a client of another name',
      (key: TestKey) => key.proved({ ...details, name: '另一个' }),
      'key_proof_of_other_client',
    ],
    [
      'for another city',
      (key: TestKey) => key.proved(details, 'other.example'),
      'key_proof_of_other_client',
    ],
    [
      'with a member more',
      (key: TestKey) => signed(key, { scopes: ['ledger:audit'] }),
      'key_proof_of_other_client',
    ],
    [
      'signed over a month ago',
      (key: TestKey) => signed(key, { iat: Math.floor(Date.now() / 1000) - 31 * 24 * 3600 }),
      'key_proof_out_of_time',
    ],
    [
      'signed tomorrow',
      (key: TestKey) => signed(key, { iat: Math.floor(Date.now() / 1000) + 24 * 3600 }),
      'key_proof_out_of_time',
    ],
    ['without a proof', (key: TestKey) => ({ jwk: key.jwk }), 'request_invalid'],
  ])('is not registered where its proof is %s', async (_, make, expected) => {
    expect(code(await registers([await make(new TestKey())]))).toEqual([400, expected]);
  });

  test('is one client’s, at whichever process it is registered, also after it was retired', async () => {
    const second = await house.startSecond();
    const there = new TestClient(
      (await second.getUrl()).replace('[::1]', '127.0.0.1'),
      administrator,
      admin.key,
      admin.scopes,
      admin.issuer,
    );
    const key = new TestKey();
    const keys = [await key.proved(details)];
    const atPublicUrl = (path: string) => ({ claims: { htu: baseUrl + path } });
    const both = await Promise.all(
      [admin, there, admin, there].map((one) =>
        one.post('/v1/clients', { ...details, keys }, atPublicUrl('/v1/clients')),
      ),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409]);
    const { client } = both.find(({ status }) => status === 201)!.body;
    const other = await house.newTerminal();
    const taken = [409, 'client_key_taken'];
    const gives = async (to: string, which: TestKey, by = admin) => {
      const path = `/v1/clients/${to}/keys`;
      return code(await by.post(path, await which.provedFor(to), atPublicUrl(path)));
    };
    expect(await gives(other.client, key)).toEqual(taken);
    expect(await gives(client, new TestKey())).toEqual([200, undefined]);
    expect(await gives(other.client, key, there)).toEqual(taken);
    expect(code(await registers(keys))).toEqual(taken);
  });

  test('of whose registration nothing came is free', async () => {
    const key = new TestKey();
    const keys = [await key.proved({ ...details, kind: 'terminal' })];
    expect(code(await registers(keys, { kind: 'terminal' }))).toEqual([
      400,
      'client_window_missing',
    ]);
    expect((await registers([await key.proved(details)])).status).toBe(201);
  });

  test('that is given to a client is shown to be held, for this client', async () => {
    const { client } = await house.newTerminal();
    const next = new TestKey();
    const gives = (proved: object) => admin.post(`/v1/clients/${client}/keys`, proved);
    expect(code(await gives(await next.provedFor('another')))).toEqual([
      400,
      'key_proof_of_other_client',
    ]);
    expect(code(await gives({ jwk: next.jwk }))).toEqual([400, 'request_invalid']);
    expect((await gives(await next.provedFor(client))).status).toBe(200);
  });
});

describe('an authority', () => {
  const newAuthority = async (creditCode = inventedCreditCode()) => {
    const key = new TestKey();
    const details = {
      kind: 'issuing-authority',
      name: '示例局',
      department: '公安',
      authority: { creditCode, name: '示例局', types: ['ZZ001'] },
    };
    const answer = await admin.post('/v1/clients', {
      ...details,
      keys: [await key.proved(details)],
    });
    return { answer, key, creditCode, client: answer.body.client as string };
  };

  test('is the only one of its credit code', async () => {
    const { answer, creditCode } = await newAuthority();
    expect(answer.status).toBe(201);
    expect(code((await newAuthority(creditCode)).answer)).toEqual([409, 'authority_code_taken']);
  });

  test('gets a new key by its old one, or by a second administrator in other hands, and by nobody else', async () => {
    const { client, key: first } = await newAuthority();
    const gives = async (key: TestKey, approval: object | undefined, by = admin) =>
      code(
        await by.post(`/v1/clients/${client}/keys`, {
          ...(await key.provedFor(client)),
          approval,
        }),
      );
    const next = new TestKey();
    const of = { by: client, client, jkt: next.jkt };
    const puppet = await register(admin, { kind: 'administrator', department: '法制' });
    const second = await admitSecond(house.store, admin);
    const unfit = [403, 'client_key_approver_unfit'];
    const stranger = { client: 'AAAAAAAAAAAAAAAAAAAAAA', by: 'AAAAAAAAAAAAAAAAAAAAAA' };
    const toStranger = await admin.post(`/v1/clients/${stranger.client}/keys`, {
      ...(await next.provedFor(stranger.client)),
      approval: await next.approves({ ...stranger, jkt: next.jkt }),
    });
    expect(code(toStranger)).toEqual([404, 'client_unknown']);
    expect(await gives(next, undefined)).toEqual([403, 'client_key_unapproved']);
    expect(await gives(next, await new TestKey().approves(of))).toEqual(unfit);
    expect(await gives(next, await next.approves(of))).toEqual(unfit);
    expect(await gives(next, await first.approves({ ...of, jkt: first.jkt }))).toEqual([
      400,
      'key_proof_of_other_client',
    ]);
    const own = await admin.key.approves({ ...of, by: administrator });
    const puppets = await puppet.key.approves({ ...of, by: puppet.client });
    for (const approval of [own, puppets])
      expect(await gives(next, approval)).toEqual([403, 'client_key_approvers_not_independent']);
    const seconds = await second.key.approves({ ...of, by: second.client });
    expect(await gives(next, seconds, second)).toEqual([
      403,
      'client_key_approvers_not_independent',
    ]);
    const { client: nobody, key: theirs } = await house.newTerminal();
    expect(await gives(next, await theirs.approves({ ...of, by: nobody }))).toEqual(unfit);
    expect(await gives(next, seconds)).toEqual([200, undefined]);
    const third = new TestKey('P-256');
    const byOld = { by: client, client, jkt: third.jkt };
    expect(await gives(third, await first.approves(byOld))).toEqual(unfit);
    expect(await gives(third, await next.approves(byOld))).toEqual([200, undefined]);
  });
});

describe('the scopes of a registration', () => {
  test('are recorded as they were given, and what is not one is refused', async () => {
    const details = { kind: 'auditor', name: '审计', department: '审计局' };
    const given = async (scopes: readonly string[] | undefined) =>
      admin.post('/v1/clients', {
        ...details,
        scopes,
        keys: [await new TestKey().proved(details)],
      });
    expect((await given(['matters:read', 'ledger:audit'])).body.scopes).toEqual([
      'matters:read',
      'ledger:audit',
    ]);
    expect((await given([])).body.scopes).toEqual([]);
    expect((await given(undefined)).body.scopes).toEqual([...scopesOf('auditor')]);
    for (const scopes of [['ledger:audits'], ['ledger:audit', 'ledger:audit'], ['']])
      expect(code(await given(scopes))).toEqual([400, 'request_invalid']);
  });
});
