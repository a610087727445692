import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as ask,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '#libs/kernel';
import { PaperPrinter } from '../../../test/support/paper-printer.js';
import { freePort } from '../../../test/support/ports.js';
import { PrintFiles, SampleReader } from '../files/index.js';
import { Printing } from '../printing.js';
import { kioskServer } from './index.js';

const secret = 'c2VjcmV0LW9mLXRoaXMtc3RhcnQ';
const print = 'print-0000000000000001';
/** Made up: the area 99 is nowhere. */
const document = { kind: '111', number: '990001199001010013', name: '示例甲子' };

let city: Server;
/** What the city does with a request. */
let cityDoes: (request: IncomingMessage, response: ServerResponse) => void;
let port: number;
let folder: string;
let server: Server;
let printing: Printing;
let printer: PaperPrinter;
let isTrial: boolean;
let closing: AbortController;

beforeAll(async () => {
  city = createServer((request, response) => {
    cityDoes(request, response);
  }).listen(0, '127.0.0.1');
  await once(city, 'listening');
});
afterAll(() => {
  city.closeAllConnections();
  city.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-kiosk-'));
  await writeFile(join(folder, 'documents.json'), JSON.stringify({ one: document }));
  [printer, isTrial, closing] = [new PaperPrinter(), true, new AbortController()];
  const clock = new SystemClock();
  printing = new Printing({
    printer,
    journal: await PrintFiles.open(join(folder, 'prints'), clock.now()),
    clock,
    limits: { pagesPerDay: 10, unchangedSeconds: 60, outputReason: null },
    pause: () => new Promise(setImmediate),
    report: (error) => {
      throw error;
    },
  });
  port = await freePort();
  server = kioskServer({
    origin: `http://localhost:${port}`,
    city: new URL(`http://127.0.0.1:${(city.address() as AddressInfo).port}`),
    secret,
    printing,
    reader: await SampleReader.open(folder, () => isTrial),
    state: () => Promise.resolve({ printer: 'ready' }),
    report: (error) => {
      throw error;
    },
    closing: closing.signal,
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  closing.abort();
  await printing.stop();
  const closed = once(server, 'close');
  server.close();
  await closed;
  await rm(folder, { recursive: true });
});

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}
/** As a browser or another program would: with any Host and Origin. */
async function call(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Reply> {
  const request = ask({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    headers: { host: `localhost:${port}`, ...headers },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const { statusCode: status } = response;
  return { status, headers: response.headers, text: Buffer.concat(chunks).toString() };
}
const own = { 'kiosk-secret': secret };
const codeOf = ({ text }: Reply) => (JSON.parse(text) as { code: string }).code;
const pdf = { 'content-type': 'application/pdf', ...own };

describe('the devices of a kiosk', () => {
  test('answer its own page', async () => {
    const origin = `http://localhost:${port}`;
    const reply = await call('GET', '/device/state', {
      ...own,
      origin,
      'sec-fetch-site': 'same-origin',
    });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([200, { printer: 'ready' }]);
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    );
  });

  test.each<[string, Record<string, string>, string]>([
    ['without the secret', {}, 'kiosk_secret_wrong'],
    [
      'with that of an earlier start',
      { 'kiosk-secret': 'c2VjcmV0LW9mLWFuLWVhcmxpZXI' },
      'kiosk_secret_wrong',
    ],
    ['with a part of it', { 'kiosk-secret': secret.slice(1) }, 'kiosk_secret_wrong'],
    ['of another origin', { ...own, origin: 'http://localhost:1' }, 'page_foreign'],
    ['of no origin at all', { ...own, origin: 'null' }, 'page_foreign'],
    [
      'of another site, as browsers tell',
      { ...own, 'sec-fetch-site': 'same-site' },
      'page_foreign',
    ],
    [
      'under a name that was made to lead here',
      { ...own, host: 'rebound.example' },
      'page_foreign',
    ],
  ])('answer nobody %s', async (_, headers, code) => {
    const reply = await call(
      'POST',
      `/device/prints/${print}?pages=1`,
      {
        'content-type': 'application/pdf',
        ...headers,
      },
      '%PDF-1.7',
    );
    expect([reply.status, codeOf(reply)]).toEqual([403, code]);
    expect(printer.jobs.size).toBe(0);
  });

  test('take no question of another page beforehand', async () => {
    const reply = await call('OPTIONS', '/device/state', {
      origin: 'https://elsewhere.example',
      'access-control-request-method': 'GET',
    });
    expect(reply.status).toBe(403);
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('print a page, and tell of it until it ended', async () => {
    const begun = await call('POST', `/device/prints/${print}?pages=1`, pdf, '%PDF-1.7 one');
    expect([begun.status, JSON.parse(begun.text)]).toEqual([202, { id: print }]);
    const told = await call('GET', `/device/prints/${print}/events`, own);
    expect(told.headers['content-type']).toBe('text/event-stream');
    const last = told.text.trim().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.replace(/^event: print\ndata: /, ''))).toMatchObject({
      is: 'ended',
      end: 'printed',
      page: 'asked',
    });
    expect(printer.paper).toEqual(['%PDF-1.7 one']);
  });

  test('take a page back', async () => {
    printer.prints = false;
    await call('POST', `/device/prints/${print}?pages=1`, pdf, '%PDF-1.7 one');
    expect((await call('POST', `/device/prints/${print}/cancel`, own)).status).toBe(202);
    const told = await call('GET', `/device/prints/${print}/events`, own);
    expect(told.text).toContain('"is":"ended"');
    expect(printer.paper).toEqual([]);
  });

  test('end the stream of a print that goes on when the program stops', async () => {
    printer.prints = false;
    await call('POST', `/device/prints/${print}?pages=1`, pdf, '%PDF-1.7 one');
    const told = call('GET', `/device/prints/${print}/events`, own);
    await new Promise<void>((next) => {
      printing.follow(print, ({ is }) => {
        if (is === 'printing') next();
      });
    });
    closing.abort();
    expect((await told).text).not.toContain('"is":"ended"');
  });

  test.each([
    ['GET', '/device/prints/print-of-nobody-0001/events', {}, 404, 'print_absent'],
    ['POST', '/device/prints/print-of-nobody-0001/cancel', {}, 404, 'print_absent'],
    [
      'POST',
      `/device/prints/${print}`,
      { 'content-type': 'application/pdf' },
      400,
      'print_pages_wrong',
    ],
    [
      'POST',
      `/device/prints/${print}?pages=1`,
      { 'content-type': 'text/plain' },
      415,
      'content_type_unsupported',
    ],
    ['GET', '/device/document', {}, 400, 'method_not_allowed'],
    ['GET', '/device/prints', {}, 404, 'route_unknown'],
    ['GET', '/device/', {}, 404, 'route_unknown'],
  ] as const)('%s %s is refused', async (method, path, headers, status, code) => {
    const reply = await call(
      method,
      path,
      { ...headers, ...own },
      method === 'POST' ? '%PDF-1.7' : undefined,
    );
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });
});

describe('the document on the reader', () => {
  const lay = (label: string) => writeFile(join(folder, 'laid'), `${label}\n`);
  const take = async () => {
    const { status, text } = await call('POST', '/device/document', own);
    return [status, JSON.parse(text)] as const;
  };

  test('is given once for each time that it is laid there', async () => {
    expect(await take()).toEqual([200, { document: null }]);
    await lay('one');
    expect(await take()).toEqual([200, { document }]);
    expect(await take()).toEqual([200, { document: null }]);
  });

  test('is given to one of two that ask at once', async () => {
    await lay('one');
    const both = await Promise.all([take(), take()]);
    expect(both.filter(([, { document: given }]) => given !== null)).toHaveLength(1);
  });

  test('that cannot be read is said so, and laid again', async () => {
    await lay('two');
    expect(await take()).toMatchObject([409, { code: 'document_unread' }]);
    expect(await take()).toEqual([200, { document: null }]);
  });

  test('is made up, and so given beside no city that is not known to be a trial', async () => {
    isTrial = false;
    await lay('one');
    expect(await take()).toMatchObject([403, { code: 'sample_reader_outside_trial' }]);
  });

  test.each([
    ['a number of an area that there is', { number: '110101199001010015' }],
    ['a wrong check character', { number: '990001199001010014' }],
    ['a name that could be somebody’s', { name: '王小明' }],
    ['a kind that is not read', { kind: '411' }],
  ])('is refused at the start where it has %s', async (_, wrong) => {
    await writeFile(
      join(folder, 'documents.json'),
      JSON.stringify({ one: { ...document, ...wrong } }),
    );
    await expect(SampleReader.open(folder, () => true)).rejects.toMatchObject({
      code: 'setting_invalid',
    });
  });
});

describe('what is the city’s', () => {
  test('is handed on as it is, and answered as it comes', async () => {
    cityDoes = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        response.writeHead(201, { 'content-type': 'application/json', 'x-of-city': 'yes' });
        response.end(
          JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }),
        );
      });
    };
    const headers = { authorization: 'DPoP token', dpop: 'proof', connection: 'close' };
    const reply = await call('POST', '/v1/cases?a=b', headers, '{"matter":"SX0001"}');
    expect([reply.status, reply.headers['x-of-city']]).toEqual([201, 'yes']);
    const { port: of } = city.address() as AddressInfo;
    expect(JSON.parse(reply.text)).toMatchObject({
      method: 'POST',
      url: '/v1/cases?a=b',
      headers: { host: `127.0.0.1:${of}`, authorization: 'DPoP token', dpop: 'proof' },
      body: '{"matter":"SX0001"}',
    });
  });

  test('comes event by event where it is a stream', async () => {
    const more = Promise.withResolvers<undefined>();
    cityDoes = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: one\n\n');
      void more.promise.then(() => response.end('data: two\n\n'));
    };
    const request = ask({
      host: '127.0.0.1',
      port,
      path: '/v1/events',
      agent: false,
      headers: { host: `localhost:${port}` },
    });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(String((await once(response, 'data'))[0])).toBe('data: one\n\n');
    more.resolve(undefined);
    expect(String((await once(response, 'data'))[0])).toBe('data: two\n\n');
  });

  test.each(['before', 'while'])(
    'is given up where the page has gone %s it answers',
    async (when) => {
      const [asked, gone] = [
        Promise.withResolvers<undefined>(),
        Promise.withResolvers<undefined>(),
      ];
      cityDoes = (_, response) => {
        if (when === 'while')
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: one\n\n');
        response.once('close', () => {
          gone.resolve(undefined);
        });
        asked.resolve(undefined);
      };
      const headers = { host: `localhost:${port}` };
      const request = ask({ host: '127.0.0.1', port, path: '/v1/events', agent: false, headers });
      request.on('error', () => undefined).end();
      await (when === 'while' ? once(request, 'response') : asked.promise);
      request.destroy();
      await gone.promise;
    },
  );

  test('is said to be away where it does not answer', async () => {
    cityDoes = (_, response) => response.destroy();
    const reply = await call('GET', '/v1/matters');
    expect([reply.status, codeOf(reply)]).toEqual([503, 'city_away']);
  });

  test.each([
    '/admin',
    '/sign-in',
    '/metrics',
    '/devices/state',
    '/kiosks',
    '/v1/../admin',
    '/v1/%2e%2e/admin',
    '//elsewhere.example/v1/',
  ])('is not reached at %s: a kiosk has its page and nothing else', async (path) => {
    cityDoes = (_, response) => response.end('reached');
    const reply = await call('GET', path);
    expect([reply.status, codeOf(reply)]).toEqual([404, 'route_unknown']);
  });

  test('never sees the secret of the devices', async () => {
    cityDoes = (request, response) => response.end(JSON.stringify(request.headers));
    expect((await call('GET', '/v1/matters', own)).text).not.toContain(secret);
  });
});
