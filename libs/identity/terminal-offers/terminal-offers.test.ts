import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { TestClient } from '../../../test/support/client.js';
import { type IdentityHouse, startIdentityHouse } from '../../../test/support/identity-house.js';
import { TestKey } from '../../../test/support/keys.js';

let house: IdentityHouse;
let admin: TestClient;
beforeAll(async () => {
  house = await startIdentityHouse();
  ({ admin } = house);
});
afterAll(() => house.close());

interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function stranger(path: string, body: unknown, key = randomUUID()): Promise<Reply> {
  const response = await fetch(`${house.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Reply['body'] };
}

const details = { name: '一楼3号终端', department: '人社', window: 'hall-1-03', town: '示例镇' };
const registration = { kind: 'terminal', ...details } as const;

describe('a browser becomes a terminal', () => {
  test('by the handle that it shows, and a proof over what the administrator says', async () => {
    const key = new TestKey('P-256');
    const { body: offered } = await stranger('/v1/terminal-offers', { jwk: key.jwk });
    expect(offered['handle']).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
    const { ticket } = offered;
    const path = `/v1/terminal-offers/${String(offered['handle'])}`;
    expect((await stranger('/v1/terminal-offers/state', { ticket })).body).toEqual({
      state: 'waiting',
      details: null,
      client: null,
    });

    const found = await admin.get(path);
    expect(found.body).toMatchObject({ state: 'waiting', check: offered['check'] });
    expect((await admin.post(`${path}/details`, details)).body).toMatchObject({
      state: 'described',
    });
    const { proof } = await key.proved(registration);
    expect((await stranger('/v1/terminal-offers/proof', { ticket, proof })).body).toMatchObject({
      state: 'proved',
      details,
    });

    const proved = await admin.get(path);
    const registered = await admin.post('/v1/clients', {
      ...registration,
      keys: [{ jwk: proved.body.jwk, proof: proved.body.proof }],
    });
    expect(registered.status).toBe(201);
    expect((await stranger('/v1/terminal-offers/state', { ticket })).body).toEqual({
      state: 'registered',
      details,
      client: registered.body.client,
    });
  });

  test('with an invitation it is found by the handle that follows from it, once', async () => {
    const invitation = randomBytes(16).toString('base64url');
    const first = await stranger('/v1/terminal-offers', {
      jwk: new TestKey('P-256').jwk,
      invitation,
    });
    expect(first.status).toBe(201);
    const second = await stranger('/v1/terminal-offers', {
      jwk: new TestKey('P-256').jwk,
      invitation,
    });
    expect([second.status, second.body['code']]).toEqual([409, 'terminal_offer_taken']);
  });

  test('of the offers of one key the three last stay', async () => {
    const { jwk } = new TestKey('P-256');
    const offers = [];
    for (let n = 0; n < 4; n++) offers.push((await stranger('/v1/terminal-offers', { jwk })).body);
    const states = [];
    for (const { ticket } of offers)
      states.push((await stranger('/v1/terminal-offers/state', { ticket })).status);
    expect(states).toEqual([404, 200, 200, 200]);
  });

  test('an offer that is sent again tells the end that it has', async () => {
    const { jwk } = new TestKey('P-256');
    const again = randomUUID();
    const first = await stranger('/v1/terminal-offers', { jwk }, again);
    expect((await stranger('/v1/terminal-offers', { jwk }, again)).body).toEqual(first.body);
  });

  test('a proof over other details than the administrator’s is refused, and none is kept', async () => {
    const key = new TestKey('P-256');
    const { body: offered } = await stranger('/v1/terminal-offers', { jwk: key.jwk });
    const path = `/v1/terminal-offers/${String(offered['handle'])}`;
    await admin.post(`${path}/details`, details);
    const { proof } = await key.proved({ ...registration, window: 'hall-1-04' });
    const { ticket } = offered;
    const refused = await stranger('/v1/terminal-offers/proof', { ticket, proof });
    expect([refused.status, refused.body['code']]).toEqual([400, 'key_proof_of_other_client']);
    expect((await admin.get(path)).body).toMatchObject({ state: 'described', proof: null });
  });

  test('a proof before the administrator said anything is refused', async () => {
    const key = new TestKey('P-256');
    const { body: offered } = await stranger('/v1/terminal-offers', { jwk: key.jwk });
    const { proof } = await key.proved(registration);
    const { ticket } = offered;
    const refused = await stranger('/v1/terminal-offers/proof', { ticket, proof });
    expect([refused.status, refused.body['code']]).toEqual([409, 'terminal_offer_waiting']);
  });

  test('details stand once the key signed them', async () => {
    const key = new TestKey('P-256');
    const { body: offered } = await stranger('/v1/terminal-offers', { jwk: key.jwk });
    const path = `/v1/terminal-offers/${String(offered['handle'])}`;
    await admin.post(`${path}/details`, details);
    const { proof } = await key.proved(registration);
    await stranger('/v1/terminal-offers/proof', { ticket: offered['ticket'], proof });
    expect((await admin.post(`${path}/details`, details)).status).toBe(200);
    const changed = await admin.post(`${path}/details`, { ...details, window: 'hall-1-04' });
    expect([changed.status, changed.body.code]).toEqual([409, 'terminal_offer_proved']);
  });

  test('a ticket or handle that nobody was given finds nothing', async () => {
    const ticket = randomBytes(16).toString('base64url');
    const state = await stranger('/v1/terminal-offers/state', { ticket });
    const found = await admin.get('/v1/terminal-offers/22222222');
    expect([state.body['code'], found.body.code]).toEqual([
      'terminal_offer_absent',
      'terminal_offer_absent',
    ]);
  });

  test('only an administrator finds offers', async () => {
    const terminal = await house.newTerminal();
    const { body: offered } = await stranger('/v1/terminal-offers', {
      jwk: new TestKey('P-256').jwk,
    });
    const found = await terminal.get(`/v1/terminal-offers/${String(offered['handle'])}`);
    expect([found.status, found.body.code]).toEqual([403, 'scope_missing']);
  });
});
