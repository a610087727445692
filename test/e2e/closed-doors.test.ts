import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type ClientKind, clientKinds } from '#libs/identity';
import { type Answer, register, TestClient, type TestPhone } from '../support/client.js';
import { type Contract, contract, type Door, doors } from '../support/doors.js';
import { expectRefused, expectProblem } from '../support/refusal.js';
import { Town } from '../support/town.js';

let town: Town;
let phone: TestPhone;
const clients = new Map<ClientKind, TestClient>();

beforeAll(async () => {
  town = await Town.start();
  ({ phone } = await town.holder());
  clients.set('administrator', town.city.admin);
  clients.set('issuing-authority', town.authority.http);
  const place = { department: '人社', window: 'hall-2-01' };
  for (const kind of clientKinds)
    if (!clients.has(kind))
      clients.set(
        kind,
        await register(
          town.city.admin,
          kind === 'auditor' ? { kind, department: '审计' } : { kind, ...place },
        ),
      );
});
afterAll(() => town.stop());

/** Without any credentials; with a key for the command, so that nothing else is missing. */
async function stranger(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(town.url + path, {
    method,
    headers: { 'idempotency-key': randomUUID(), ...headers },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const named = (some: readonly Door[]): [string, Door][] =>
  some.map((door) => [`${door.method.toUpperCase()} ${door.template}`, door]);
const locked = doors.filter((door) => door.for !== 'anyone');
const forClients = locked.flatMap((door) =>
  typeof door.for === 'object' ? [{ ...door, for: door.for }] : [],
);
const forPhones = locked.filter((door) => door.for === 'phone');

test('the contract is the city’s: what is tried below is every door there is', async () => {
  const published = (await (await fetch(`${town.url}/openapi.json`)).json()) as Contract;
  const operations = ({ paths }: Contract) =>
    Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((m) => `${m} ${path}`));
  expect(operations(published)).toEqual(operations(contract));
  expect(locked.length).toBeGreaterThan(40);
});

test('few doors are open to anybody, and each is known here', () => {
  expect(
    doors.filter(({ for: whom }) => whom === 'anyone').map(({ template }) => template),
  ).toEqual([
    '/health/live',
    '/health/ready',
    '/log/authority-keys',
    '/log/checkpoint',
    '/log/origin',
    '/log/pages',
    '/log/pages/{set}',
    '/log/policy',
    '/log/statement-keys',
    '/v1/enrolments/offer',
    '/v1/enrolments/state',
    '/v1/enrolments/typed',
    '/v1/public/matters',
    '/v1/public/matters/{code}',
    '/v1/receipts/{stream}/{version}',
    '/v1/terminal-offers',
    '/v1/terminal-offers/proof',
    '/v1/terminal-offers/state',
  ]);
});

describe('nobody unknown is let in', () => {
  test.each(named(locked))('%s', async (_, door) => {
    const code = door.for === 'phone' ? 'proof_missing' : 'token_missing';
    await expectRefused(town, { status: 401, code }, () => stranger(door.method, door.path));
  });
});

describe('a client without the scope is refused, of whatever kind it is,', () => {
  test.each(named(forClients))('at %s', async (_, door) => {
    const { scope } = door.for as { scope: string };
    const wrong = [...clients].filter(
      ([, client]) => !client.scopes.some((held) => held === scope),
    );
    expect(wrong.length).toBeGreaterThan(0);
    for (const [, client] of wrong)
      await expectRefused(town, { status: 403, code: 'scope_missing' }, () =>
        door.method === 'get' ? client.get(door.path) : client.post(door.path),
      );
  });
});

describe('a client that holds the scope, under a token that does not,', () => {
  test.each(named(forClients.filter((door) => door.for.scope !== 'matters:read')))(
    'is refused at %s',
    async (_, door) => {
      const { scope } = door.for as { scope: string };
      const [holder] = [...clients.values()].filter(({ scopes }) =>
        scopes.some((held) => held === scope),
      );
      if (holder === undefined) throw new Error(`no kind of client may ever use ${scope}`);
      const modest = new TestClient(town.url, holder.client, holder.key, ['matters:read']);
      await expectRefused(town, { status: 403, code: 'scope_missing' }, () =>
        door.method === 'get' ? modest.get(door.path) : modest.post(door.path),
      );
    },
  );
});

describe('a phone is not a client, nor a client a phone', () => {
  test.each(named(forClients))('at %s', async (_, door) => {
    await expectRefused(town, { status: 401, code: 'token_missing' }, () =>
      door.method === 'get' ? phone.get(door.path) : phone.post(door.path),
    );
  });
  test.each(named(forPhones))('at %s', async (_, door) => {
    for (const [, client] of clients)
      await expectRefused(town, { status: 401, code: 'token_scheme_wrong' }, () =>
        door.method === 'get' ? client.get(door.path) : client.post(door.path),
      );
    // The proof alone, by a key that the city knows well, but for another purpose.
    const proof = town.terminal.key.proof({
      method: door.method.toUpperCase(),
      url: town.url + door.path,
    });
    await expectRefused(town, { status: 401, code: 'phone_unknown' }, () =>
      stranger(door.method, door.path, { dpop: proof }),
    );
  });
});

test('what is no door is no way in: other methods, other spellings, other paths', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    for (const { path } of doors) {
      const answer = await stranger(method, path);
      expect([method, path, answer.status, answer.body.code]).toEqual([
        method,
        path,
        404,
        'route_unknown',
      ]);
      expectProblem(answer);
    }
  for (const path of [
    '/v1',
    '/assets/..%2fwindow%2findex.html',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/none.js',
    '/index.html',
    '/V1/cases',
    '/v1/cases/',
    '//v1/board',
    '/v1/board%2f',
    '/v2/board',
    '/.env',
    '/v1/board;x',
    '/v1%2Fboard',
  ])
    expect([path, (await stranger('GET', path)).status]).toEqual([path, 404]);
});
