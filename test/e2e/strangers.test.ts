import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Town } from '../support/town.js';

const ofOneAddress = 30;
let town: Town;

beforeAll(async () => {
  // Behind a proxy on this machine that names the address; without that header no request is
  // counted here.
  town = await Town.start({
    PROXIES: '127.0.0.1',
    REQUESTS_OF_ONE_ADDRESS: String(ofOneAddress),
    OPEN_REQUESTS_AT_ONCE: '2',
  });
});
afterAll(() => town.stop());

const seenAt = (address: string) => ({ 'x-forwarded-for': `203.0.113.77, ${address}` });
interface Asking extends RequestInit {
  readonly headers?: Record<string, string>;
}
const ask = (path: string, address: string, init: Asking = {}) =>
  fetch(town.url + path, { ...init, headers: { ...init.headers, ...seenAt(address) } });

describe('a caller without credentials', () => {
  test.each<[string, string, Asking, string]>([
    ['reads the log', '/log/policy', {}, '192.0.2.1'],
    ['asks for a token', '/identity/token', { method: 'POST', body: 'grant_type=x' }, '192.0.2.2'],
    [
      'offers a key',
      '/v1/enrolments/offer',
      { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
      '192.0.2.3',
    ],
    ['asks for what there is not', '/v1/nowhere', {}, '192.0.2.4'],
  ])('is counted by its address where it %s', async (_, path, init, address) => {
    const answers = await Promise.all(
      Array.from({ length: ofOneAddress * 3 }, () => ask(path, address, init)),
    );
    const refused = answers.filter(({ status }) => status === 429);
    // Whatever pace this machine keeps: what one address may ask comes back in ten seconds.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
    expect(refused[0]?.headers.get('x-content-type-options')).toBe('nosniff');
    const told = await refused[0]!.text();
    expect(JSON.parse(told)).toMatchObject({ status: 429, code: 'address_rate_exceeded' });
    expect(told).not.toContain(address);
    expect((await ask(path, '192.0.2.200', init)).status).not.toBe(429);
    // Whether the process lives is asked by those who keep it alive.
    expect((await ask('/health/live', address)).status).toBe(200);
    const metrics = await town.city.city.house.services.metrics.registry.metrics();
    expect(metrics).toMatch(/mianzheng_limit_refusals_total\{limit="address"\} [1-9]/);
    expect(metrics).not.toContain(address);
  });

  test('does not slow authenticated callers', async () => {
    await town.terminal.token();
    const answers = await Promise.all([
      ...Array.from({ length: ofOneAddress * 3 }, () => ask('/log/policy', '192.0.2.9')),
      town.terminal.get('/v1/board'),
    ]);
    expect(answers.at(-1)?.status).toBe(200);
  });

  test('is told of a body that is too large before it is read', async () => {
    for (const path of ['/v1/enrolments/offer', '/identity/token']) {
      const reply = await ask(path, '192.0.2.10', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: 'x'.repeat(16 * 1024 + 1),
      });
      expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([
        413,
        'body_too_large',
      ]);
    }
  });

  test('is served in turn, however many come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) => ask('/log/policy', `198.51.100.${n}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(24).fill(200));
  });
});

test('credentials are checked before the body is read', async () => {
  const reply = await fetch(`${town.url}/v1/cases`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: '{"a":1,"a":',
  });
  expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([
    401,
    'token_missing',
  ]);
  const { phone } = await town.holder();
  const { status, body } = await phone.post('/v1/phone/codes', '{"a":1,"a":', {
    claims: { bh: 'x'.repeat(43) },
  });
  expect([status, body.code]).toEqual([401, 'proof_body_wrong']);
});

test('bodies aborted by their senders are not counted as failures of the service', async () => {
  const from = await town.logged();
  const { port, hostname } = new URL(town.url);
  for (const path of ['/v1/enrolments/offer', '/v1/cases', '/identity/token', '/v1/files'])
    for (let n = 0; n < 5; n++) {
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nidempotency-key: ${randomUUID()}\r\ncontent-length: 1000\r\n\r\n{"half":`,
      );
      await once(socket, 'connect');
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
  // The city has met the last one when it has answered what came after it.
  await (await ask('/log/policy', '192.0.2.11')).text();
  const lines = await town.logSince(from);
  expect(lines).not.toMatch(/database_unavailable|"level":(50|60)|identity_fault/);
});

test('the issuer refuses requests from pages of another origin', async () => {
  for (const path of [
    '/identity/jwks',
    '/identity/token',
    '/identity/.well-known/openid-configuration',
  ]) {
    const reply = await ask(path, '192.0.2.12', {
      method: path.endsWith('token') ? 'POST' : 'GET',
      headers: { origin: 'https://elsewhere.example' },
    });
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    expect(reply.headers.get('access-control-allow-credentials')).toBeNull();
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    await reply.text();
  }
});

test('the log is for its owner and its group', async () => {
  const { mode } = await stat(join(town.city.dataDir, 'city.log'));
  expect((mode & 0o777).toString(8)).toBe('640');
});
