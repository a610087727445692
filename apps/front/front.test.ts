import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
  type RequestListener,
  type Server,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { openLog, Settings } from '#libs/platform';
import { freePort } from '../../test/support/ports.js';
import { type Front, startFront } from './front.js';
import { issuerPath } from './route-table.js';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.reverse().splice(0)) await close();
});

/** A process of a service that does what a test wants; it is always ready. */
async function backend(serve: RequestListener): Promise<string> {
  const server: Server = createServer((request, response) => {
    if (request.url === '/health/ready') response.end('{}');
    else serve(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const nobody = async () => `http://127.0.0.1:${await freePort()}`;

/** A front door before these ledgers, without other services. */
async function door(
  ledgers: readonly string[],
  issuer?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ url: string; front: Front }> {
  const port = await freePort();
  const settings = Settings.from({ PORT: String(port), METRICS_PORT: '0', ...env });
  const front = await startFront(settings, openLog('silent'), {
    IDENTITY_URLS: issuer ?? (await nobody()),
    LEDGER_URLS: ledgers.join(','),
    WINDOW_URLS: await nobody(),
  });
  opened.push(() => front.stop());
  return { url: settings.publicUrl, front };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

/**
 * Sends a request byte for byte, on a connection that ends with it. @returns all that comes back
 */
async function raw(url: string, head: string, body: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.write(`${head}\r\nConnection: close\r\n\r\n${body}`);
  await once(socket, 'close');
  return answer;
}

const release = (url: string, body = '{"token":"…"}') =>
  fetch(`${url}/v1/releases`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'the-same-for-retries' },
    body,
  });

describe('the front door', () => {
  test('passes over a process that takes no connection: nothing was sent to it', async () => {
    const bodies: string[] = [];
    const there = await backend((request, response) => {
      void textOf(request).then((text) => {
        bodies.push(text);
        response.writeHead(201, { 'x-request-id': 'of-the-ledger' }).end('done');
      });
    });
    const { url } = await door([await nobody(), there, await nobody()]);
    for (let n = 0; n < 3; n++) {
      const response = await release(url, `body ${n}`);
      expect([response.status, await response.text()]).toEqual([201, 'done']);
      expect(response.headers.get('x-request-id')).toBe('of-the-ledger');
    }
    expect(bodies).toEqual(['body 0', 'body 1', 'body 2']);
  });

  test('does not send a command twice: where its answer was lost, the caller is told to', async () => {
    let taken = 0;
    const dropping: RequestListener = (request) => {
      void textOf(request).then(() => {
        taken++;
        request.socket.destroy();
      });
    };
    const { url } = await door([await backend(dropping), await backend(dropping)]);
    const response = await release(url);
    expect(response.status).toBe(502);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({
      code: 'answer_lost',
      facts: { service: 'ledger' },
    });
    expect(taken).toBe(1);
  });

  test('repeats over a fresh connection only what changes nothing and proves nothing', async () => {
    const seen = new WeakSet<object>();
    const commands: string[] = [];
    let proved = 0;
    const closing: RequestListener = (request, response) => {
      void textOf(request).then((text) => {
        if (request.method === 'POST') commands.push(text);
        if (request.headers['dpop'] !== undefined) proved++;
        if (seen.has(request.socket)) request.socket.destroy();
        else response.end('read');
        seen.add(request.socket);
      });
    };
    const { url } = await door([await backend(closing)]);
    // The first is kept open, the second finds it closed and goes over another, the third is kept
    // open again.
    for (let n = 0; n < 3; n++)
      expect(await (await fetch(`${url}/log/policy`)).text()).toBe('read');
    expect((await release(url)).status).toBe(502);
    expect(commands).toHaveLength(1);
    // A service may have used up the proof before its answer was lost: shown again, it would look
    // stolen.
    expect((await fetch(`${url}/log/policy`)).status).toBe(200);
    const headers = { dpop: 'a proof' };
    expect((await fetch(`${url}/v1/phone/consents`, { headers })).status).toBe(502);
    expect(proved).toBe(1);
  });

  test('says that nothing was sent where nobody takes the connection', async () => {
    const { url } = await door([await nobody()]);
    const response = await release(url);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: 'service_away' });
  });

  test('passes on what proves the caller, and nothing that callers say of their way', async () => {
    let got: IncomingHttpHeaders = {};
    const there = await backend((request, response) => {
      got = request.headers;
      response.end();
    });
    const { url } = await door([there]);
    await fetch(`${url}/v1/phone/consents`, {
      headers: {
        dpop: 'a proof',
        authorization: 'DPoP token',
        'x-forwarded-for': '203.0.113.7',
        'x-forwarded-host': 'evil.example',
        forwarded: 'for=203.0.113.7',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        baggage: 'holder=someone',
      },
    });
    expect(got).toMatchObject({ dpop: 'a proof', authorization: 'DPoP token' });
    for (const name of [
      'x-forwarded-for',
      'x-forwarded-host',
      'forwarded',
      'traceparent',
      'baggage',
    ])
      expect(got).not.toHaveProperty(name);
    expect(got.host).toBe(new URL(there).host);
  });

  test('says itself where a body ends: nothing in one is ever another request', async () => {
    const seen: string[] = [];
    const there = await backend((request, response) => {
      void textOf(request).then((text) => {
        seen.push(`${request.method ?? ''} ${request.url ?? ''}: ${text}`);
        response.end();
      });
    });
    const { url } = await door([there]);
    const hidden = 'GET /log/hidden HTTP/1.1\r\nHost: a\r\n\r\n';
    const chunked = [
      'Transfer-Encoding: chunked',
      `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
    ];
    const counted = [`Content-Length: ${hidden.length}\r\nConnection: content-length`, hidden];
    for (const [framing = '', body = ''] of [chunked, counted]) {
      for (const [method, path] of [
        ['GET', '/log/policy'],
        ['HEAD', '/log/policy'],
        ['GET', '/identity/jwks'],
      ] as const) {
        const answer = await raw(url, `${method} ${path} HTTP/1.1\r\nHost: a\r\n${framing}`, body);
        expect([method, path, answer.slice(0, 12)]).toEqual([method, path, 'HTTP/1.1 400']);
        if (method === 'GET') expect(answer).toContain('body_unexpected');
      }
      for (const head of ['POST /v1/releases HTTP/1.1', 'DELETE /v1/cases HTTP/1.1'])
        await raw(url, `${head}\r\nHost: a\r\n${framing}`, body);
    }
    // The next request on a kept connection gets its own response and no other.
    for (let n = 0; n < 4; n++) expect((await fetch(`${url}/log/policy`)).status).toBe(200);
    expect(seen).toEqual([
      `POST /v1/releases: ${hidden}`,
      `POST /v1/releases: ${hidden}`,
      ...Array<string>(4).fill('GET /log/policy: '),
    ]);
  });

  test('has any door where a request with a body is no command: it is framed all the same', async () => {
    const seen: string[] = [];
    const there = await backend((request, response) => {
      void textOf(request).then((text) => {
        seen.push(`${request.method ?? ''}: ${text}`);
        response.end();
      });
    });
    const { url } = await door([await nobody()], there);
    const hidden = 'GET /identity/hidden HTTP/1.1\r\nHost: a\r\n\r\n';
    for (const method of ['DELETE', 'OPTIONS', 'PATCH'])
      await raw(
        url,
        `${method} /identity/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked`,
        `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
      );
    expect(seen).toEqual([`DELETE: ${hidden}`, `OPTIONS: ${hidden}`, `PATCH: ${hidden}`]);
  });

  test('keeps no body: what comes goes on while the rest is still under way', async () => {
    const first = Promise.withResolvers<string>();
    const there = await backend((request, response) => {
      request.setEncoding('utf8').once('data', (chunk: string) => {
        first.resolve(chunk);
      });
      request.resume().once('end', () => response.end('whole'));
    });
    const { url } = await door([there]);
    const agent = new Agent();
    const outgoing = httpRequest(`${url}/v1/certificates/batch`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    outgoing.write('line 1\n');
    expect(await first.promise).toBe('line 1\n');
    outgoing.end('line 2\n');
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(await textOf(response)).toBe('whole');
    agent.destroy();
  });

  test('a caller who leaves takes the request along', async () => {
    const left = Promise.withResolvers<undefined>();
    const came = Promise.withResolvers<undefined>();
    const there = await backend((request) => {
      came.resolve(undefined);
      request.socket.once('close', () => {
        left.resolve(undefined);
      });
    });
    const { url } = await door([there]);
    const leaving = new AbortController();
    const answer = fetch(`${url}/log/policy`, { signal: leaving.signal }).catch(() => 'left');
    await came.promise;
    leaving.abort();
    expect(await answer).toBe('left');
    await left.promise;
  });

  test('is ready when each service has a process that is', async () => {
    const { url } = await door([await backend((_, response) => response.end())]);
    const response = await fetch(`${url}/health/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      ready: false,
      parts: { identity: 'service_away', ledger: 'ok', window: 'service_away' },
    });
  });

  test('knows no route that the table does not name, and shows no metrics', async () => {
    const { url } = await door([await backend((_, response) => response.end('reached'))]);
    for (const path of ['/metrics', '/v1/nothing', '/V1/releases', '//v1/releases']) {
      const response = await fetch(`${url}${path}`);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toMatchObject({ code: 'route_unknown' });
    }
  });
});

describe('the issuer’s place', () => {
  test('is below the public address, elsewhere, or refused where it would take every path', () => {
    const city = 'https://ledger.city.example';
    expect(issuerPath(`${city}/identity`, city)).toBe('/identity');
    expect(issuerPath('https://login.city.example', city)).toBeNull();
    expect(issuerPath(`${city}.evil.example/identity`, city)).toBeNull();
    expect(() => issuerPath(city, city)).toThrow('ISSUER_URL');
  });
});

test('whoever asks for what cannot be read, or is not there, hears nothing of it back', async () => {
  const { url } = await door([await nobody()]);
  for (const [path, status, code] of [
    ['/v1/%zz440524188001010014', 400, 'request_malformed'],
    ['/v1/nowhere440524188001010014', 404, 'route_unknown'],
    [`/v1/cases/${'440524188001010014'.repeat(20)}`, 414, 'url_too_long'],
  ] as const) {
    const reply = await fetch(url + path);
    const text = await reply.text();
    expect([reply.status, (JSON.parse(text) as { code: string }).code]).toEqual([status, code]);
    expect(text).not.toContain('440524188001010014');
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  }
});

test('is the outermost door that sees an address, and counts it', async () => {
  const { url } = await door([await backend((_, response) => response.end('{}'))], undefined, {
    REQUESTS_OF_ONE_ADDRESS: '10',
  });
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      fetch(`${url}/log/checkpoint`, { headers: { 'x-forwarded-for': `192.0.2.${n}` } }),
    ),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(await refused[0]?.json()).toMatchObject({ code: 'address_rate_exceeded' });
  expect(refused[0]?.headers.get('retry-after')).toMatch(/^[1-9]/);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});
