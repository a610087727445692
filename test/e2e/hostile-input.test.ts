import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { type Answer, register, type TestClient, type TestPhone } from '../support/client.js';
import { contract, type Door, doors } from '../support/doors.js';
import { expectProblem } from '../support/refusal.js';
import { Town } from '../support/town.js';

let town: Town;
let phone: TestPhone;
let callers: Record<string, TestClient>;

beforeAll(async () => {
  town = await Town.start();
  ({ phone } = await town.holder());
  callers = {
    'clients:manage': town.city.admin,
    'catalogue:manage': town.city.admin,
    'subjects:erase': town.city.admin,
    'ledger:exclude': town.city.admin,
    'certificates:issue': town.authority.http,
    'statistics:read': await register(town.city.admin, { kind: 'department', department: '人社' }),
    'records:read': await register(town.city.admin, { kind: 'auditor', department: '审计' }),
  };
});
afterAll(() => town.stop());

/** Stands in everything that is sent, and in nothing that comes back. */
const marker = 'q7hostile7q';

/** As an authorised caller, so that only the hostile input is wrong. */
async function ask(door: Door, path: string, body?: string): Promise<Answer> {
  const contentType = door.takes[0] ?? 'application/json';
  if (door.for === 'anyone') {
    const response = await fetch(town.url + path, {
      method: door.method.toUpperCase(),
      headers: { 'idempotency-key': randomUUID(), 'content-type': contentType },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  }
  const caller = door.for === 'phone' ? phone : (callers[door.for.scope] ?? town.terminal);
  return door.method === 'get' ? caller.get(path) : caller.post(path, body, { contentType });
}

/** Nothing hostile is a fault of the service, and nothing of it comes back. */
function expectAnswered(answer: Answer): void {
  expect(answer.status).toBeLessThan(500);
  if (answer.status < 400) return;
  expectProblem(answer);
  expect(JSON.stringify(answer.body)).not.toContain(marker);
}

const named = (some: readonly Door[]): [string, Door][] =>
  some.map((door) => [`${door.method.toUpperCase()} ${door.template}`, door]);

/** As parts of a URL are written. */
const hostileParts = [
  '%00',
  `${marker}%00`,
  '%ff',
  '%ed%a0%80',
  '%c0%80',
  '%zz',
  '%',
  '..%2f..%2fetc',
  '%0d%0aX-Injected:1',
  '%e2%80%ae',
  "'%20OR%201=1--",
  '__proto__',
  'constructor',
  'toString',
  '-1',
  '1e309',
  '99999999999999999999',
  'null',
  encodeURIComponent('人'.repeat(60)),
  `${marker}${'x'.repeat(300)}`,
];
const part = fc.oneof(
  fc.constantFrom(...hostileParts),
  fc
    .string({ unit: 'binary', maxLength: 40 })
    .filter((text) => text.isWellFormed() && text !== '')
    .map(encodeURIComponent),
);

describe('hostile paths and queries are no fault of the service', () => {
  const withParts = doors.filter(({ template }) => template.includes('{'));
  test.each(named(withParts))('at %s', async (_, door) => {
    const count = door.template.match(/\{\w+\}/g)?.length ?? 0;
    const body = door.example === null ? undefined : JSON.stringify(door.example);
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: count, maxLength: count }), async (parts) => {
        const left = [...parts];
        const path = door.template.replace(/\{\w+\}/g, () => left.shift() ?? 'x');
        expectAnswered(await ask(door, path, body));
      }),
      { numRuns: 32, examples: hostileParts.map((each) => [Array<string>(count).fill(each)]) },
    );
  });

  test.each(named(doors.filter(({ method }) => method === 'get')))(
    'in the query of %s',
    async (_, door) => {
      const declared = queryOf(door);
      const name = fc.oneof(
        fc.constantFrom(...declared, 'page', 'size', '__proto__', 'constructor', 'toString', '%00'),
        // The name of an unknown member is told, so that who wrote it finds it; values are not.
        part.filter((name) => !name.includes(marker)),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(name, part), { minLength: 1, maxLength: 4 }),
          async (pairs) => {
            const query = pairs.map(([key, value]) => `${key}=${value}`).join('&');
            expectAnswered(await ask(door, `${door.path}?${query}`));
          },
        ),
        {
          numRuns: 32,
          examples: declared.flatMap((key) =>
            hostileParts.map((value): [[string, string][]] => [
              [
                [key, value],
                [key, value],
              ],
            ]),
          ),
        },
      );
    },
  );
});

function queryOf({ template }: Door): string[] {
  const operation = contract.paths[template]?.['get'] as unknown as {
    parameters?: { in: string; name: string }[];
  };
  return (operation.parameters ?? []).filter((each) => each.in === 'query').map(({ name }) => name);
}

/** Values that no member of the city's is. */
const hostileValues: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  '',
  `${marker}\u0000`,
  '\u0000',
  `${marker}\u202e\ufeff\u2028`,
  `${marker}${'9'.repeat(5000)}`,
  [],
  {},
  [null],
  [[[]]],
  { toString: marker },
  { valueOf: null, hasOwnProperty: 1 },
  { length: 1e9 },
  { then: marker },
];

/** Each member at each depth of an example, replaced by each hostile value in turn. */
function* replaced(example: unknown): Generator {
  if (Array.isArray(example)) {
    for (const [n, element] of example.entries()) {
      for (const value of hostileValues) yield example.with(n, value);
      for (const inner of replaced(element)) yield example.with(n, inner);
    }
  } else if (typeof example === 'object' && example !== null)
    for (const [name, member] of Object.entries(example)) {
      for (const value of hostileValues) yield { ...example, [name]: value };
      for (const inner of replaced(member)) yield { ...example, [name]: inner };
      yield Object.fromEntries(Object.entries(example).filter(([other]) => other !== name));
    }
}

describe('hostile members are no fault of the service', () => {
  test.each(named(doors.filter(({ example }) => example !== null)))('at %s', async (_, door) => {
    const bodies = [...replaced(door.example)].map((body) => JSON.stringify(body));
    // Several at once, as they would come.
    for (let n = 0; n < bodies.length; n += 8)
      for (const answer of await Promise.all(
        bodies.slice(n, n + 8).map((body) => ask(door, door.path, body)),
      ))
        expectAnswered(answer);
  });

  test.each(named(doors.filter(({ example }) => example !== null)))(
    'nor is any JSON, and what is nearly JSON, at %s',
    async (_, door) => {
      const own = Object.keys(door.example ?? {});
      const near = fc
        .dictionary(
          fc.oneof(fc.constantFrom(...own, 'toString', '__defineGetter__'), fc.string()),
          fc.oneof(fc.constantFrom(...hostileValues), fc.jsonValue({ maxDepth: 3 })),
          { maxKeys: 6 },
        )
        .map((members) => JSON.stringify({ ...door.example, ...members }));
      const text = fc.oneof(
        near,
        fc.json({ maxDepth: 3 }),
        fc.string(),
        near.map((whole) => whole.replace('"', '"\\ud800')),
        near.map((whole) => whole.replace(/:[^,]*/, ':1e999')),
        near.map((whole) => whole.slice(0, -1)),
      );
      await fc.assert(
        fc.asyncProperty(text, async (body) => {
          expectAnswered(await ask(door, door.path, body));
        }),
        { numRuns: 40 },
      );
    },
  );
});

/** What no client may even send; anything else that goes wrong is the service's. */
function notSent(error: unknown): null {
  const { code } = (error as { cause?: { code?: string } }).cause ?? {};
  if (code !== 'UND_ERR_INVALID_ARG') throw error;
  return null;
}

describe('hostile headers are no fault of the service', () => {
  const value = fc.oneof(
    fc.constantFrom(
      '\u00ff\u0080',
      'x'.repeat(4000),
      '{}',
      'DPoP',
      'DPoP a.b.c',
      'Bearer x',
      marker,
    ),
    fc.string({
      unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
      maxLength: 60,
    }),
  );
  test.each(named(doors))('at %s', async (_, door) => {
    const header = fc.constantFrom(
      'authorization',
      'dpop',
      'idempotency-key',
      'content-type',
      'accept',
      'origin',
      'forwarded',
      'x-forwarded-for',
      'traceparent',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(header, value), { maxLength: 4 }), async (headers) => {
        const response = await fetch(town.url + door.path, {
          method: door.method.toUpperCase(),
          headers: Object.fromEntries(headers),
          ...(door.method === 'get' ? {} : { body: '{}' }),
        }).catch(notSent);
        if (response === null) return;
        expect(response.status).toBeLessThan(500);
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
        await response.arrayBuffer();
      }),
      { numRuns: 8 },
    );
  });
});
