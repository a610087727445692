/* eslint-disable @typescript-eslint/no-unsafe-call -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { register } from '../support/client.js';
import { newOperator, signIn } from '../support/operator.js';
import { contract } from '../support/doors.js';
import { Services } from '../support/services.js';
import { done, Town } from '../support/town.js';
import { readFileSync } from 'node:fs';

const table = JSON.parse(readFileSync('contracts/services.json', 'utf8')) as Readonly<
  Record<'ledger' | 'window', readonly string[]>
>;

describe('a city as separate services behind one address', () => {
  let services: Services;
  let town: Town<Services>;
  beforeAll(async () => {
    services = await Services.start({
      A_SECRET_OF_THE_OPERATOR: 'q7secret',
      MASTER_KEY_NAME: 'q7key',
    });
    town = await Town.around(services);
  }, 180_000);
  afterAll(() => services.stop());

  test('runs two of each, a witness and a front door, and says which is which', async () => {
    const names = (await services.processes()).map(({ name }) => name);
    expect(names).toEqual([
      'witness',
      'identity-1',
      'identity-2',
      'ledger-1',
      'ledger-2',
      'window-1',
      'window-2',
      'front',
    ]);
    for (const name of names) expect(services.words).toContain(`  ${name} `);
  });

  test('tells no child what it does not go by', async () => {
    for (const { name, pid } of await services.processes()) {
      const known = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
      const names = known.map((each) => each.split('=', 1)[0]);
      expect(known.filter((each) => each.includes('q7'))).toEqual([]);
      const storeKept = names.includes('DATABASE_URL');
      expect([name, storeKept]).toEqual([name, !['witness', 'front'].includes(name)]);
    }
  });

  test('signs an operator in, whichever of the issuers and ledgers has each step', async () => {
    const place = { kind: 'terminal', department: '人社', window: 'hall-1-09' } as const;
    const terminal = await register(services.admin, { ...place, signIn: 'operator' }, 'P-256');
    const operator = await newOperator(services.admin, terminal);
    for (let round = 0; round < 4; round++) {
      const there = await signIn(terminal, operator);
      expect((await there.get('/v1/board')).status).toBe(200);
      expect((await there.get('/v1/cases/none')).status).toBe(404);
    }
  });

  test('does the main job: a case, a consent on the phone, a release that is in the log', async () => {
    const granted = await town.granted();
    const { status, body } = await town.terminal.post('/v1/releases', { token: granted.token });
    expect(status).toBe(200);
    expect(body.receipt.receipt).toContain('c2sp.org/tlog-proof@v1');
    const { accesses } = done(await granted.phone.get('/v1/phone/accesses'));
    expect(accesses.map(({ kind }: { kind: string }) => kind)).toEqual([
      'requested',
      'granted',
      'released',
    ]);
    await services.caughtUp();
    const { cases } = done(await town.terminal.get('/v1/board'));
    expect(cases.map((each: { case: string }) => each.case)).toContain(granted.at.split('/')[3]);
  });

  test('each route is answered by exactly one service; the other says no more than that there is none', async () => {
    const urls = Object.fromEntries(
      await Promise.all(
        (['ledger', 'window'] as const).map(
          async (service) => [service, (await services.process(`${service}-1`)).url] as const,
        ),
      ),
    );
    for (const { method, path } of routesOfContract()) {
      if (path.startsWith('/health')) continue;
      const serving = (['ledger', 'window'] as const).filter((service) =>
        table[service].includes(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
      );
      expect([method, path, serving.length]).toEqual([method, path, 1]);
      const [own] = serving;
      const tried = path.replace(/\{\w+\}/g, 'x');
      for (const service of ['ledger', 'window'] as const) {
        const response = await fetch(`${urls[service]}${tried}`, { method });
        const body = await response.text();
        const unknown = body.includes('"route_unknown"');
        expect([service, method, path, unknown]).toEqual([service, method, path, service !== own]);
        if (unknown) expect(response.status).toBe(404);
      }
    }
  });

  test('an unknown route is answered as by a city in one process', async () => {
    const response = await fetch(`${services.baseUrl}/v1/nothing`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'route_unknown' });
  });

  test('no service trusts forwarding headers of a caller', async () => {
    const response = await fetch(`${services.baseUrl}/identity/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    });
    const text = await response.text();
    expect(text).toContain(`"issuer":"${services.baseUrl}/identity"`);
    expect(text).not.toContain('evil');
  });

  test('a body larger than any route takes goes no further', async () => {
    const batch = `${services.baseUrl}/v1/certificates/batch`;
    const told = await send(batch, { 'content-length': 17 * 1024 * 1024 });
    expect(told.status).toBe(413);
    expect(JSON.parse(told.body)).toMatchObject({ code: 'body_too_large' });
    // Without a length the caller is asked for first: a stranger's body is not read at all.
    expect((await send(batch, {})).status).toBe(401);
  });

  test('its ledgers record once the pages that its windows serve', async () => {
    const answer = await fetch(`${services.baseUrl}/log/pages`);
    const { files, record } = (await answer.json()) as {
      readonly files: readonly { readonly path: string; readonly hash: string }[];
      readonly record: { readonly version: number };
    };
    expect(record.version).toBe(0);
    const page = await (await fetch(`${services.baseUrl}/phone`)).text();
    const hash = createHash('sha256').update(page).digest('base64url');
    expect(files).toContainEqual({ path: 'phone/index.html', hash });
  });

  test('a killed process is passed over, and is back under its name', async () => {
    const before = await services.process('ledger-1');
    await services.kill('ledger-1');
    for (let n = 0; n < 8; n++)
      expect((await fetch(`${services.baseUrl}/log/checkpoint`)).status).toBe(200);
    await services.back('ledger-1', before.pid);
    expect((await fetch(`${before.url}/health/live`)).status).toBe(200);
  });

  test('where no process of a service runs, the front door says so, and that nothing was sent', async () => {
    const before = await Promise.all(
      ['window-1', 'window-2'].map((name) => services.process(name)),
    );
    await Promise.all(before.map(({ name }) => services.kill(name)));
    const response = await fetch(`${services.baseUrl}/v1/types`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({
      code: 'service_away',
      facts: { service: 'window' },
    });
    for (const { name, pid } of before) await services.back(name, pid);
    expect(done(await town.terminal.get('/v1/matters')).total).toBeGreaterThan(0);
  });

  test('Ctrl-C ends all of them cleanly', async () => {
    const pids = (await services.processes()).map(({ pid }) => pid);
    expect(await services.interrupt()).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
    expect(await readdir(services.dataDir)).not.toContain('services.json');
  });
});

/** But for those that are no controller's: the issuer's, and the tiles, which are one route. */
function routesOfContract() {
  return Object.entries(contract.paths)
    .filter(([path]) => !/^\/(?:identity|log\/tile)\//.test(path))
    .flatMap(([path, item]) => Object.keys(item).map((method) => ({ method, path })));
}

/** A body of 17 MiB of zeros, as long as the other side takes it. */
function send(
  url: string,
  headers: Readonly<Record<string, number>>,
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const request = httpRequest(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  request.on('response', (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, body });
      request.destroy();
    });
  });
  request.on('error', reject);
  const chunk = Buffer.alloc(64 * 1024);
  for (let n = 0; n < 272; n++) request.write(chunk);
  request.end();
  return promise;
}
