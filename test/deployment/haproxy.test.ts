import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { freePort } from '../support/ports.js';
import { text } from '../docker/repository.js';
import { Proxy } from './proxy.js';

// The file that is deployed: addresses and files alone come from the environment.
jest.setTimeout(60_000);
const services = ['identity', 'ledger', 'window'] as const;
type Service = (typeof services)[number];

interface Seen {
  readonly service: Service;
  readonly request: IncomingMessage;
}
type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const answer: Handler = (_, response) => response.end('{}');

let folder: string;
let haproxy: Proxy;
let port: number;
let metrics: number;
const servers: Server[] = [];
const seen: Seen[] = [];
let ready: Set<Service>;
let handler: Handler;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mianzheng-haproxy-'));
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'crt')];
  execFileSync('openssl', ['req', '-x509', '-days', '1', ...key, ...subject, ...files], {
    stdio: 'pipe',
  });
  const pem = ['crt', 'key'].map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  writeFileSync(join(folder, 'tls.pem'), pem);
  ready = new Set(services);
  handler = answer;
  const closed = await freePort();
  port = await freePort();
  metrics = await freePort();
  const backends: Record<string, string> = {};
  for (const service of services) {
    const server = createServer((incoming, response) => {
      if (incoming.url === '/health/ready') {
        response.writeHead(ready.has(service) ? 200 : 503).end('{}');
        return;
      }
      seen.push({ service, request: incoming });
      handler(incoming, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    const name = service.toUpperCase();
    backends[`${name}_1`] = `127.0.0.1:${String(closed)}`;
    backends[`${name}_2`] = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }
  haproxy = Proxy.start({
    HTTPS_ADDRESS: `127.0.0.1:${String(port)}`,
    METRICS_ADDRESS: `127.0.0.1:${String(metrics)}`,
    TLS_CERTIFICATE: join(folder, 'tls.pem'),
    ...backends,
  });
  await haproxy.until(async () => (await send('GET', '/health/ready')).status === 200);
  // A process is up until its first checks have failed, and is sent requests until then.
  await haproxy.until(async () => {
    const shown = await metricsShown();
    return services.every((service) => shown.includes(`${statusOf(service, 1)} 0\n`));
  });
});
afterAll(async () => {
  await haproxy.stop();
  for (const server of servers) server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  seen.length = 0;
  handler = answer;
});

interface Sent {
  readonly status: number;
  readonly body: string;
}
function open(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(
    {
      host: 'localhost',
      port,
      method,
      path,
      headers,
      ca: readFileSync(join(folder, 'crt')),
      agent: false,
      family: 4,
    },
    resolve,
  )
    .on('error', reject)
    .end(body);
  return promise;
}
async function send(...asked: Parameters<typeof open>): Promise<Sent> {
  const incoming = await open(...asked);
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  return { status: incoming.statusCode ?? 0, body };
}
const metricsShown = async () =>
  (await fetch(`http://127.0.0.1:${String(metrics)}/metrics`)).text();
const statusOf = (service: Service, process: number) =>
  `haproxy_server_status{proxy="${service}",server="${service}-${String(process)}",state="UP"}`;
const codeOf = ({ body }: Sent) => (JSON.parse(body) as { code: string }).code;

describe('HAProxy with docker/haproxy', () => {
  const table = JSON.parse(text('contracts/services.json')) as Record<string, string[]>;
  const routes = Object.entries(table).flatMap(([service, its]) =>
    its.map((route) => [...route.split(' '), service] as [string, string, Service]),
  );

  test('sends every route of contracts/services.json to its service', async () => {
    expect(routes.length).toBeGreaterThan(60);
    for (const [method, template, service] of routes) {
      const path = template.replace(/:\w+/g, 'x-1').replace('*', 'a/b');
      const body = method === 'GET' ? undefined : '{}';
      expect([template, (await send(method, `${path}?q=1`, {}, body)).status]).toEqual([
        template,
        200,
      ]);
      expect([template, seen.at(-1)?.service, seen.at(-1)?.request.url]).toEqual([
        template,
        service,
        `${path}?q=1`,
      ]);
    }
  });

  test.each([
    ['POST', '/identity/token', 'identity'],
    ['GET', '/openapi.json', 'ledger'],
    ['HEAD', '/v1/types', 'window'],
  ])('sends %s %s to %s', async (method, path, service) => {
    expect((await send(method, path)).status).toBe(200);
    expect(seen.map((one) => one.service)).toEqual([service]);
  });

  test.each([
    ['GET', '/metrics'],
    ['GET', '/v1/TYPES'],
    ['DELETE', '/v1/types'],
    ['GET', '/v1/types/ZZ001/x'],
    ['GET', '/xv1/types'],
    ['GET', '/identityx'],
  ])('answers %s %s itself: there is no such route', async (method, path) => {
    const told = await send(method, path);
    expect([told.status, codeOf(told)]).toEqual([404, 'route_unknown']);
    expect(seen).toEqual([]);
  });

  test('refuses a GET that brings a body before a service sees it', async () => {
    const told = await send('GET', '/v1/types', { 'content-length': '2' }, '{}');
    expect([told.status, codeOf(told)]).toEqual([400, 'body_unexpected']);
    expect(seen).toEqual([]);
  });

  test('passes on nothing that a caller says of where it comes from or which trace it is in', async () => {
    const told = {
      forwarded: 'for=1.2.3.4',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'x',
      'x-forwarded-proto': 'http',
      traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
      tracestate: 'x=1',
      baggage: 'x=1',
    };
    await send('GET', '/v1/types', { ...told, dpop: 'proof' });
    const headers = Object.keys(seen[0]?.request.headers ?? {});
    expect(headers).toContain('dpop');
    expect(headers.filter((name) => name in told)).toEqual([]);
  });

  test('passes server-sent events on as they come', async () => {
    let stream: ServerResponse | undefined;
    handler = (_, response) => {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    };
    const events = (await open('GET', '/v1/types/events'))[Symbol.asyncIterator]();
    expect(String((await events.next()).value)).toBe('data: 1\n\n');
    stream?.write('data: 2\n\n');
    expect(String((await events.next()).value)).toBe('data: 2\n\n');
    stream?.end();
    expect((await events.next()).done).toBe(true);
  });

  test.each([
    ['POST', {}, 1],
    ['GET', { dpop: 'proof' }, 1],
    ['GET', {}, 3],
  ] as const)(
    'sends a %s with %j whose answer is lost to a process %d times',
    async (method, headers, times) => {
      handler = (incoming) => incoming.socket.destroy();
      const told = await send(method, '/v1/clients', headers);
      expect([told.status, codeOf(told)]).toEqual([502, 'answer_lost']);
      expect(seen).toHaveLength(times);
    },
  );

  test('counts what docker/prometheus and docker/grafana ask for', async () => {
    const shown = await metricsShown();
    expect(shown).toContain(`\n${statusOf('ledger', 2)} 1\n`);
    expect(shown).toContain(`\n${statusOf('ledger', 1)} 0\n`);
  });

  test('asks a service that has no ready process, and says that it is not ready', async () => {
    ready.delete('ledger');
    await haproxy.until(async () => (await send('GET', '/health/ready')).status === 503);
    expect(JSON.parse((await send('GET', '/health/ready')).body)).toEqual({
      ready: false,
      parts: { identity: 'ok', ledger: 'service_away', window: 'ok' },
    });
    expect((await send('POST', '/v1/cases')).status).toBe(200);
    expect(seen.map(({ service }) => service)).toEqual(['ledger']);
  });
});
