import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InternalError, RefusedError } from '#libs/kernel';
import { OtlpReceiver } from '../../test/support/otlp-receiver.js';
import { startTracing, type Tracing } from './export/index.js';
import {
  type Attributes,
  inChildSpan,
  inSpan,
  nameRoute,
  noteOnSpan,
  serveInSpan,
  traceId,
  traceparent,
} from './index.js';
import { readTraceparent } from './server.js';

class Refused extends RefusedError<'not_today'> {}
class Broken extends InternalError<'broken'> {}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function tracedTo(receiver: { readonly url: string }, ratio = 1): Promise<Tracing> {
  const tracing = await startTracing({
    service: 'test',
    version: '1.2.3',
    collector: receiver.url,
    ratio,
  });
  closing.push(() => tracing.stop());
  return tracing;
}

async function receiver(options = {}): Promise<OtlpReceiver> {
  const made = await OtlpReceiver.start(options);
  closing.push(() => made.stop());
  return made;
}

const named = (spans: OtlpReceiver['spans'], name: string) =>
  spans.find((span) => span.name === name);

async function serve(
  fromFrontDoor: boolean,
  work: (request: IncomingMessage) => Promise<void>,
): Promise<string> {
  const server: Server = createServer((request, response) => {
    serveInSpan(request, response, fromFrontDoor, () => {
      nameRoute('GET', '/v1/things/:thing');
      void work(request).then(() => response.end('done'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const strangers = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('without a collector', () => {
  test('nothing is traced: work runs, and says what it says', async () => {
    await (
      await startTracing({ service: 'test', version: '1', collector: undefined, ratio: 1 })
    ).stop();
    expect(await inSpan('work', {}, () => Promise.resolve(traceId()))).toBeUndefined();
    expect(await inSpan('work', {}, () => Promise.resolve(traceparent()))).toEqual({});
  });
});

describe('spans', () => {
  test('of one request are one trace, each below what asked for it', async () => {
    const collector = await receiver();
    const tracing = await tracedTo(collector);
    await inSpan('outer', {}, async () => {
      await inSpan('first', { 'mianzheng.records': 3 }, () => Promise.resolve());
      await Promise.all([
        inSpan('second', {}, () => Promise.resolve()),
        inChildSpan('third', {}, () => Promise.resolve()),
      ]);
    });
    await tracing.stop();
    const { spans } = collector;
    const outer = named(spans, 'outer');
    expect(outer?.parentSpanId).toBeUndefined();
    for (const name of ['first', 'second', 'third'])
      expect(named(spans, name)).toMatchObject({
        service: 'mianzheng-test',
        traceId: outer?.traceId,
        parentSpanId: outer?.spanId,
      });
    expect(named(spans, 'first')?.attributes).toEqual({ 'mianzheng.records': 3 });
  });

  test('of what goes on for nobody are not made where there is no request', async () => {
    const collector = await receiver();
    const tracing = await tracedTo(collector);
    await inChildSpan('for nobody', {}, () => Promise.resolve());
    await inSpan('for somebody', {}, () => Promise.resolve());
    await tracing.stop();
    expect(collector.spans.map(({ name }) => name)).toEqual(['for somebody']);
  });

  test('say the code of an error of ours and the class of another’s, never its message', async () => {
    const collector = await receiver();
    const tracing = await tracedTo(collector);
    const thrown: [string, Error][] = [
      ['refused', new Refused('not_today', 'no', { of: 'someone' })],
      ['broken', new Broken('broken', 'a promise is broken')],
      ['foreign', new TypeError('Key (number)=(11010519491231002X) already exists')],
    ];
    for (const [name, error] of thrown)
      await expect(inSpan(name, {}, () => Promise.reject(error))).rejects.toBe(error);
    await tracing.stop();
    const { spans, text } = collector;
    expect(named(spans, 'refused')).toMatchObject({
      error: false,
      attributes: { 'mianzheng.code': 'not_today' },
    });
    expect(named(spans, 'broken')).toMatchObject({
      error: true,
      attributes: { 'mianzheng.code': 'broken' },
    });
    expect(named(spans, 'foreign')).toMatchObject({
      error: true,
      attributes: { 'error.type': 'TypeError' },
    });
    expect(text).not.toContain('11010519491231002X');
    expect(text).not.toContain('someone');
  });

  test('carry attributes of the list alone, and no value that could be a number or a name of anybody', async () => {
    const collector = await receiver();
    const tracing = await tracedTo(collector);
    const bad = {
      'mianzheng.code': '11010519491231002X',
      'mianzheng.event': '测试甲',
      'mianzheng.stream': 'book',
      'enduser.id': 'somebody',
    } as Attributes;
    await inSpan('work', bad, () => {
      noteOnSpan({ 'mianzheng.witness': 'x'.repeat(200) });
      return Promise.resolve();
    });
    await tracing.stop();
    expect(named(collector.spans, 'work')?.attributes).toEqual({ 'mianzheng.stream': 'book' });
  });
});

describe('requests', () => {
  test('are named by their template and numbered anew: what a stranger says of traces is not read', async () => {
    const collector = await receiver();
    const tracing = await tracedTo(collector);
    const url = await serve(false, () => inSpan('inner', {}, () => Promise.resolve()));
    await (
      await fetch(`${url}/v1/things/11010519491231002X?name=secret`, {
        headers: { traceparent: strangers, tracestate: 'x=secret', baggage: 'name=secret' },
      })
    ).text();
    await collector.until((spans) => spans.length === 2);
    await tracing.stop();
    const request = named(collector.spans, 'GET /v1/things/:thing');
    expect(request).toMatchObject({
      kind: 2,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/v1/things/:thing',
        'http.response.status_code': 200,
      },
    });
    expect(request?.parentSpanId).toBeUndefined();
    expect(named(collector.spans, 'inner')?.parentSpanId).toBe(request?.spanId);
    for (const unsaid of ['4bf92f3577b34da6a3ce929d0e0e4736', 'secret', '11010519491231002X'])
      expect(collector.text).not.toContain(unsaid);
  });

  test('that come through the front door go on in its trace, and hand it on', async () => {
    const collector = await receiver();
    const tracing = await tracedTo(collector);
    const handedOn: unknown[] = [];
    const url = await serve(true, () =>
      inSpan('onward', {}, () => Promise.resolve(void handedOn.push(traceparent())), 'client'),
    );
    await (await fetch(url, { headers: { traceparent: strangers } })).text();
    await collector.until((spans) => spans.length === 2);
    await tracing.stop();
    const onward = named(collector.spans, 'onward');
    expect(named(collector.spans, 'GET /v1/things/:thing')).toMatchObject({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentSpanId: '00f067aa0ba902b7',
    });
    expect(handedOn).toEqual([
      { traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${onward?.spanId ?? ''}-01` },
    ]);
  });

  test('that the front door left out are left out here, too', async () => {
    const collector = await receiver();
    const tracing = await tracedTo(collector);
    const url = await serve(true, () => Promise.resolve());
    await (await fetch(url, { headers: { traceparent: strangers.replace(/1$/, '0') } })).text();
    await tracing.stop();
    expect(collector.spans).toEqual([]);
  });

  test.each([
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
    'none',
  ])('with a header that is not as the standard says begin a trace of their own: %s', (header) => {
    expect(readTraceparent(header)).toBeNull();
  });
});

describe('a collector', () => {
  test('that never answers costs the spans that do not fit its queue, and nothing else', async () => {
    const collector = await receiver({ answers: false });
    const tracing = await tracedTo(collector);
    for (let n = 0; n < 20_000; n++) await inSpan('work', {}, () => Promise.resolve());
    await tracing.stop(); // else the test does not end
    expect(collector.spans.length).toBeLessThan(20_000);
  });

  test('that is away costs the spans and nothing else', async () => {
    const gone = await OtlpReceiver.start();
    await gone.stop();
    const tracing = await tracedTo(gone);
    expect(await inSpan('work', {}, () => Promise.resolve(7))).toBe(7);
    await tracing.stop();
  });

  test('is sent nothing where no trace is kept', async () => {
    const collector = await receiver();
    const tracing = await tracedTo(collector, 0);
    await inSpan('work', {}, () => Promise.resolve());
    await tracing.stop();
    expect(collector.spans).toEqual([]);
  });
});
