import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { inventedResidentId } from '../support/authority.js';
import {
  type Answer,
  register,
  type Sending,
  type TestClient,
  type TestPhone,
} from '../support/client.js';
import { type Door, doors } from '../support/doors.js';
import { expectProblem, expectRefused } from '../support/refusal.js';
import { done, holderName, Town } from '../support/town.js';

let town: Town;
let phone: TestPhone;
let callers: Record<string, TestClient | TestPhone>;

beforeAll(async () => {
  town = await Town.start();
  ({ phone } = await town.holder());
  const department = await register(town.city.admin, { kind: 'department', department: '人社' });
  callers = {
    'clients:manage': town.city.admin,
    'catalogue:manage': town.city.admin,
    'subjects:erase': town.city.admin,
    'ledger:exclude': town.city.admin,
    'certificates:issue': town.authority.http,
    'statistics:read': department,
  };
});
afterAll(() => town.stop());

/** Sends as an authorised caller, so that only the body is wrong. */
async function send(door: Door, body: unknown, sending: Sending = {}): Promise<Answer> {
  if (door.for === 'anyone') return sendOpenly(door, body, sending);
  if (door.for === 'phone') return phone.post(door.path, body, sending);
  return (callers[door.for.scope] ?? town.terminal).post(door.path, body, sending);
}

async function sendOpenly(door: Door, body: unknown, sending: Sending): Promise<Answer> {
  const response = await fetch(town.url + door.path, {
    method: 'POST',
    headers: {
      'content-type': sending.contentType ?? 'application/json',
      'idempotency-key': randomUUID(),
      ...sending.headers,
    },
    body:
      body instanceof Uint8Array
        ? new Uint8Array(body)
        : typeof body === 'string'
          ? body
          : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const posts = doors.filter(({ method }) => method === 'post');
const ofJson = posts.filter(({ example }) => example !== null);
const withoutBody = posts.filter(({ takes }) => takes.length === 0);
const named = (some: readonly Door[]): [string, Door][] =>
  some.map((door) => [door.template, door]);

const nested = (levels: number) => `${'{"a":'.repeat(levels)}0${'}'.repeat(levels)}`;
const marker = `${holderName}99${'0'.repeat(16)}`;

/** The least that is too large for a door without credentials, in bytes. */
const tooLargeForOpen = 16 * 1024 + 1;

/** An open route accepts small bodies only, and does not read more. */
const refusalOf = (door: Door, { body, status, code }: (typeof never)[number][1]) =>
  door.for === 'anyone' && body.length >= tooLargeForOpen
    ? { status: 413, code: 'body_too_large' }
    : { status, code };

/** Bodies that no door takes, whatever it is for. */
const never: readonly [string, { body: string | Uint8Array; status: number; code: string }][] = [
  ['half a body', { body: `{"name":"${marker}`, status: 400, code: 'json_malformed' }],
  ['two bodies', { body: '{}{}', status: 400, code: 'json_malformed' }],
  ['a number that JSON does not have', { body: '{"a":NaN}', status: 400, code: 'json_malformed' }],
  [
    'bytes that are no UTF-8',
    {
      body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
      status: 400,
      code: 'json_malformed',
    },
  ],
  [
    'a member twice',
    { body: `{"a":1,"a":"${marker}"}`, status: 400, code: 'json_duplicate_member' },
  ],
  [
    'a member twice under two spellings',
    { body: '{"a":1,"\\u0061":2}', status: 400, code: 'json_duplicate_member' },
  ],
  [
    'a member twice deep inside',
    { body: '{"b":[{"a":1,"a":2}]}', status: 400, code: 'json_duplicate_member' },
  ],
  [
    '__proto__',
    { body: '{"__proto__":{"admin":true}}', status: 400, code: 'json_forbidden_member' },
  ],
  [
    '__proto__ under another spelling',
    { body: '{"b":{"__pr\\u006fto__":{}}}', status: 400, code: 'json_forbidden_member' },
  ],
  ['21 levels', { body: nested(21), status: 400, code: 'json_too_deep' }],
  ['200,000 levels', { body: '['.repeat(200_000), status: 400, code: 'json_too_deep' }],
  [
    'more than 1 MB',
    { body: `{"a":"${'x'.repeat(1024 * 1024)}"}`, status: 413, code: 'body_too_large' },
  ],
  ['a list', { body: '[]', status: 400, code: 'request_invalid' }],
  ['null', { body: 'null', status: 400, code: 'request_invalid' }],
  ['a text', { body: `"${marker}"`, status: 400, code: 'request_invalid' }],
  [
    'constructor and prototype as members',
    { body: '{"constructor":{"prototype":{"a":1}}}', status: 400, code: 'request_invalid' },
  ],
];

describe.each(named(ofJson))('%s refuses', (_, door) => {
  test.each(never)('%s', async (_, { body, status, code }) => {
    await expectRefused(town, refusalOf(door, { body, status, code }), () => send(door, body));
  });

  test('members that it does not know', async () => {
    const { body } = await expectRefused(town, { status: 400, code: 'request_invalid' }, () =>
      send(door, { ...door.example, 备注: marker }),
    );
    expect(body.facts.members).toContain('备注: unknown member');
  });

  test('members of another type', async () => {
    for (const [member, value] of Object.entries(door.example ?? {}))
      for (const wrong of wrongFor(value))
        await expectRefused(town, { status: 400, code: 'request_invalid' }, () =>
          send(door, { ...door.example, [member]: wrong }),
        );
  });

  test('control characters in a text', async () => {
    for (const [member, value] of Object.entries(door.example ?? {}))
      // A table is text of many lines; each is judged, and told of, by itself.
      if (typeof value === 'string' && door.path !== '/v1/catalogue/import') {
        const { status, headers, body } = await send(door, {
          ...door.example,
          [member]: `${value}\u0000`,
        });
        expect([400, 403, 404]).toContain(status);
        expectProblem({ status, headers, body });
      }
  });

  test('an empty object where something is required, and no body at all', async () => {
    const empty = await send(door, {});
    const none = await send(door, '');
    // Each of its members may be left out: then all of the authority's own are listed.
    if (door.path === '/v1/certificates/search') {
      expect([empty.status, none.status]).toEqual([200, 200]);
      return;
    }
    for (const { status, body } of [empty, none])
      expect([status, body.code]).toEqual(
        door.template.endsWith('/revoke') && door.for === 'phone'
          ? // The reason may be left out.
            [404, door.template.includes('/passkeys/') ? 'passkey_absent' : 'phone_key_absent']
          : [400, 'request_invalid'],
      );
  });

  test('what is not JSON', async () => {
    for (const contentType of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonx',
      'multipart/form-data; boundary=x',
    ])
      await expectRefused(town, { status: 415, code: 'content_type_unsupported' }, () =>
        send(door, door.example, { contentType }),
      );
  });
});

/** Values of the JSON types that are not the right one's. */
function wrongFor(right: unknown): unknown[] {
  const typeOf = (value: unknown) => (Array.isArray(value) ? 'list' : typeof value);
  return [7, true, marker, { a: marker }, [[marker]]].filter(
    (value) => typeOf(value) !== typeOf(right),
  );
}

describe('the key of a command', () => {
  test.each(named(posts))('is asked for at %s', async (_, door) => {
    const body = door.example ?? (door.takes.length > 0 ? 'x' : undefined);
    const contentType = door.takes[0] ?? 'application/json';
    for (const [key, code] of [
      ['', 'idempotency_key_malformed'],
      ['short', 'idempotency_key_malformed'],
      ['x'.repeat(129), 'idempotency_key_malformed'],
      ['with a space inside', 'idempotency_key_malformed'],
    ] as const) {
      if (body === undefined && door.for === 'anyone') continue;
      await expectRefused(town, { status: 400, code }, () =>
        send(door, body, { contentType, headers: { 'idempotency-key': key } }),
      );
    }
  });

  test('speaks for one request: the same key with another body, or at another door, is refused', async () => {
    const sending = { idempotencyKey: randomUUID() };
    const identify = (number: string) =>
      town.terminal.post(
        '/v1/subjects/identify',
        { identifier: { kind: '111', number }, basis: 'document' },
        sending,
      );
    const [first, second] = [inventedResidentId(), inventedResidentId()];
    const { subject } = done(await identify(first));
    const reused = { status: 409, code: 'idempotency_key_reused' };
    await expectRefused(town, reused, () => identify(second));
    await expectRefused(town, reused, () =>
      town.terminal.post('/v1/enrolments', { identifier: { kind: '111', number: first } }, sending),
    );
    expect(done(await identify(first)).subject).toBe(subject);
  });
});

test('a door that takes no body is not opened by a hostile one', async () => {
  for (const door of withoutBody)
    for (const [, { body, status, code }] of never)
      if (code !== 'request_invalid')
        await expectRefused(town, refusalOf(door, { body, status, code }), () => send(door, body));
});

test('20 levels are still read, and what they hold is then refused by its name', async () => {
  const { body } = await town.terminal.post('/v1/cases', nested(20));
  expect(body).toMatchObject({
    code: 'request_invalid',
    facts: { members: expect.arrayContaining(['a: unknown member']) },
  });
});
