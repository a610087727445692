import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { TestClient } from '../../../test/support/client.js';
import { type IdentityHouse, startIdentityHouse } from '../../../test/support/identity-house.js';

let house: IdentityHouse;
let admin: TestClient;
beforeAll(async () => {
  house = await startIdentityHouse();
  ({ admin } = house);
});
afterAll(() => house.close());

const person = { name: '示例·甲', department: '人社', roles: ['clerk'] };
const invite = async (of: Partial<typeof person> = {}) => {
  const { status, body } = await admin.post('/v1/operators', { ...person, ...of });
  expect(status).toBe(201);
  return body as { operator: string; invitation: string };
};

describe('operators', () => {
  test('are invited with a code that is told once; the record holds neither it nor the name', async () => {
    const idempotencyKey = randomUUID();
    const first = await admin.post('/v1/operators', person, { idempotencyKey });
    expect(first.body).toMatchObject({ ...person, state: 'invited' });
    expect(first.body.invitation).toMatch(/^[\w-]{22}\.[\w-]{22}$/);
    const again = await admin.post('/v1/operators', person, { idempotencyKey });
    expect(again.body).toEqual(first.body);
    const { operator, invitation } = first.body as { operator: string; invitation: string };

    const shown = await admin.get(`/v1/operators/${operator}`);
    expect(shown.body).not.toHaveProperty('invitation');
    const [record, ...others] = await house.store.readStream(`operator-${operator}`);
    expect(others).toEqual([]);
    const text = JSON.stringify(record?.body);
    expect(text).not.toContain(person.name);
    expect(text).not.toContain(invitation.split('.')[1]);
  });

  test('are listed by department, a page at a time', async () => {
    const department = '医保';
    const made = [await invite({ department }), await invite({ department })];
    const ids = made.map(({ operator }) => operator).sort();
    const path = `/v1/operators?department=${encodeURIComponent(department)}`;
    const { body } = await admin.get(path);
    expect((body.operators as { operator: string }[]).map((one) => one.operator)).toEqual(ids);
    const rest = await admin.get(`${path}&after=${String(ids[0])}`);
    expect(rest.body.operators).toMatchObject([{ operator: ids[1], name: person.name }]);
  });

  test('get other roles, are disabled, and enabled', async () => {
    const { operator } = await invite();
    const path = `/v1/operators/${operator}`;
    const roles = ['clerk', 'second-operator'];
    expect((await admin.post(`${path}/roles`, { roles })).body).toMatchObject({ roles });
    const reason = 'maintenance';
    expect((await admin.post(`${path}/disable`, { reason })).body.state).toBe('disabled');
    const again = await admin.post(`${path}/invite-again`);
    expect([again.status, again.body.code]).toEqual([409, 'operator_not_enabled']);
    expect((await admin.post(`${path}/enable`, { reason })).body.state).toBe('invited');
  });

  test('are invited again under another code', async () => {
    const { operator, invitation } = await invite();
    const { status, body } = await admin.post(`/v1/operators/${operator}/invite-again`);
    expect([status, body.operator]).toEqual([200, operator]);
    expect(body.invitation).not.toBe(invitation);
  });

  test('that there are not are said to be unknown', async () => {
    const found = await admin.get(`/v1/operators/${'A'.repeat(22)}`);
    expect([found.status, found.body.code]).toEqual([404, 'operator_unknown']);
  });

  test.each([
    ['a role that there is not', { roles: ['mayor'] }],
    ['no role', { roles: [] }],
    ['a name with a line break', { name: '示例\n甲' }],
    ['no department', { department: '' }],
  ])('with %s are refused', async (_, wrong) => {
    const { status } = await admin.post('/v1/operators', { ...person, ...wrong });
    expect(status).toBe(400);
  });

  test('are for administrators to see and change', async () => {
    const terminal = await house.newTerminal();
    const refused = [await terminal.get('/v1/operators'), await terminal.post('/v1/operators')];
    expect(refused.map(({ body }) => body.code as string)).toEqual([
      'scope_missing',
      'scope_missing',
    ]);
  });
});
