import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsDefined, IsInt, IsString, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { type CommandContext, freshId } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import { Requires, TheCommand } from '#libs/identity/http';
import { ConflictError, SystemClock } from '#libs/kernel';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { Door } from '../identity/door/door.js';
import { CommandContexts, RequestSecret } from '../identity/http/command-context.js';
import { idempotencyMigrations } from '../identity/http/idempotency.migrations.js';
import { ForAnyone } from './open-door.js';
import { Metrics } from './metrics.js';
import { StoreHealth } from './store-health.js';
import { type Database, openDatabase } from './database.js';
import { openLog } from './log.js';
import { PlatformModule } from './platform.module.js';
import { createHttpApplication } from './http.js';
import { Settings } from './settings.js';
import { TakesRawBody } from './body.js';

class Inner {
  @IsString()
  number!: string;
}
class Asked {
  @IsInt()
  count!: number;

  @IsDefined()
  @ValidateNested()
  @Type(() => Inner)
  inner!: Inner;
}
class Taken extends ConflictError<'test_taken'> {}

@Controller('v1')
class TestController {
  @Post('things/:thing')
  @Requires('matters:read')
  make(@Param('thing') thing: string, @Body() asked: Asked, @TheCommand() command: CommandContext) {
    return { thing, count: asked.count, id: freshId(command, 'thing') };
  }

  @Post('taken')
  @ForAnyone()
  taken() {
    throw new Taken('test_taken', 'it is taken', { thing: 'a' }, { hint: 'take another' });
  }

  @Post('lines')
  @Requires('matters:read')
  @TakesRawBody(['application/x-ndjson'], 2_000_000)
  lines(@Body() body: Buffer) {
    return { bytes: body.length };
  }

  static readonly arrived = Promise.withResolvers<undefined>();
  static readonly goOn = Promise.withResolvers<undefined>();
  @Get('slow')
  @ForAnyone()
  async slow() {
    TestController.arrived.resolve(undefined);
    await TestController.goOn.promise;
    return { done: true };
  }

  @Get('broken/:marker')
  @ForAnyone()
  broken(@Param('marker') marker: string) {
    throw new TypeError(`a secret ${marker}`);
  }
}

describe('the door of the house', () => {
  let test_: TestDatabase;
  let database: Database;
  let app: NestFastifyApplication;
  const log = openLog('silent');
  const lines: string[] = [];

  beforeAll(async () => {
    test_ = await freshDatabase();
    database = await openDatabase(
      test_.url,
      { migrations: idempotencyMigrations, entities: [] },
      log,
    );
    const loud = Object.assign(Object.create(log) as typeof log, {
      info: (line: unknown) => lines.push(JSON.stringify(line)),
      error: (line: unknown) => lines.push(JSON.stringify(line)),
    });
    @Module({
      imports: [
        PlatformModule.with({
          settings: Settings.from({}),
          clock: new SystemClock(),
          log: loud,
          pool: database.pool,
          dataSource: database.dataSource,
          store: new MemoryEventStore('city.example'),
          storeHealth: new StoreHealth({ probe: () => Promise.resolve() }),
          metrics: new Metrics(),
        }),
      ],
      controllers: [TestController],
      providers: [
        { provide: RequestSecret, useValue: new RequestSecret(randomBytes(32)) },
        { provide: Door, useValue: new Door(database.pool, 1000) },
        CommandContexts,
      ],
    })
    class TestModule {}
    app = await createHttpApplication(TestModule, {
      log: loud,
      guards: () => [],
      guardsOfBodies: (made) => [made.get(CommandContexts)],
    });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await app.close();
    await database.close();
    await test_.drop();
  });

  const key = () => randomBytes(12).toString('hex');
  const post = async (
    path: string,
    body: string | Buffer | undefined,
    headers: Record<string, string> = {},
  ) => {
    const reply = await fetch(`${await app.getUrl()}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key(), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: reply.status,
      headers: reply.headers,
      body: (await reply.json()) as Record<string, unknown>,
    };
  };
  const good = '{"count":1,"inner":{"number":"x"}}';

  test('answers a request as it should be', async () => {
    const reply = await post('/v1/things/a', good);
    expect(reply).toMatchObject({ status: 201, body: { thing: 'a', count: 1 } });
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  test.each([
    ['a member twice', '{"count":1,"count":2,"inner":{"number":"x"}}', 'json_duplicate_member'],
    ['a member named __proto__', '{"__proto__":{"count":1}}', 'json_forbidden_member'],
    ['nesting deeper than 20', '['.repeat(21) + ']'.repeat(21), 'json_too_deep'],
    ['broken JSON', '{"count":', 'json_malformed'],
    ['an unknown member', '{"count":1,"inner":{"number":"x"},"more":1}', 'request_invalid'],
    ['an unknown member inside', '{"count":1,"inner":{"number":"x","more":1}}', 'request_invalid'],
    ['a value of another kind', '{"count":"1","inner":{"number":"x"}}', 'request_invalid'],
    ['a missing member', '{"count":1}', 'request_invalid'],
    ['an array for an object', '[]', 'request_invalid'],
    ['a string for an object', '"x"', 'request_invalid'],
    ['null for an object', 'null', 'request_invalid'],
    ['no body', undefined, 'request_invalid'],
  ])('refuses %s', async (_what, body, code) => {
    const reply = await post('/v1/things/a', body);
    expect(reply).toMatchObject({ status: 400, body: { code, type: `/problems/${code}` } });
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  test('names the members that are wrong and the rules that they break, not their values', async () => {
    const { body } = await post(
      '/v1/things/a',
      '{"count":"0815","inner":{"number":4711},"more":1}',
    );
    expect(body.facts).toEqual({
      members: expect.arrayContaining([
        'count: isInt',
        'inner.number: isString',
        'more: unknown member',
      ]),
    });
    expect(JSON.stringify(body)).not.toMatch(/0815|4711/);
  });

  test('names the member that is missing, at any depth', async () => {
    const { body } = await post('/v1/things/a', '{"inner":{}}');
    expect(body.facts).toEqual({ members: ['count: missing', 'inner.number: missing'] });
  });

  test('refuses more than 1 MB, told in advance or not', async () => {
    const large = JSON.stringify({ count: 1, inner: { number: 'x'.repeat(1024 * 1024) } });
    expect(await post('/v1/things/a', large)).toMatchObject({
      status: 413,
      body: { code: 'body_too_large', facts: { limit: 1024 * 1024 } },
    });
  });

  test('takes JSON alone, but for routes that say otherwise', async () => {
    const xml = { 'content-type': 'text/xml' };
    expect(await post('/v1/things/a', '<a/>', xml)).toMatchObject({
      status: 415,
      body: { code: 'content_type_unsupported', facts: { accepted: ['application/json'] } },
    });
    const ndjson = { 'content-type': 'application/x-ndjson' };
    expect(await post('/v1/lines', 'x'.repeat(1_500_000), ndjson)).toMatchObject({
      status: 201,
      body: { bytes: 1_500_000 },
    });
    expect(await post('/v1/lines', '{}')).toMatchObject({ status: 415 });
  });

  test('refuses a command without a proper Idempotency-Key', async () => {
    const bad = { 'idempotency-key': 'short' };
    expect(await post('/v1/things/a', good, bad)).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_malformed' },
    });
  });

  test('gives a retry the ids of the first attempt', async () => {
    const again = { 'idempotency-key': key() };
    const first = await post('/v1/things/a', good, again);
    const second = await post('/v1/things/a', good, again);
    expect(second.body).toEqual(first.body);
    expect((await post('/v1/things/a', good)).body.id).not.toBe(first.body.id);
  });

  test('answers a refusal of a context with its code, facts and hint', async () => {
    const { status, body } = await post('/v1/taken', '{}');
    expect(status).toBe(409);
    expect(body).toMatchObject({
      code: 'test_taken',
      detail: 'it is taken',
      facts: { thing: 'a' },
      hint: 'take another',
    });
  });

  test('tells nothing of an error that nobody expected, and logs no text of it', async () => {
    const reply = await fetch(`${await app.getUrl()}/v1/broken/440524188001010014`);
    expect(reply.status).toBe(500);
    const body = await reply.text();
    expect(JSON.parse(body)).toMatchObject({ code: 'internal' });
    expect(body + lines.join('\n')).not.toContain('440524188001010014');
    expect(lines.join('\n')).toContain('/v1/broken/:marker');
  });

  test('answers unknown routes and broken URLs as problems', async () => {
    const base = await app.getUrl();
    for (const [path, status] of [
      ['/v1/nowhere', 404],
      ['/v1/broken/%zz', 400],
    ] as const) {
      const reply = await fetch(base + path);
      expect(reply.status).toBe(status);
      expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
  });

  test('answers what cannot even be read as a request as a problem, too', async () => {
    const url = new URL(await app.getUrl());
    const say = async (text: string) => {
      const socket = connect(Number(url.port), url.hostname);
      socket.write(text);
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);
      return answer;
    };
    for (const [text, status, code] of [
      ['no HTTP at all\r\n\r\n', 400, 'request_malformed'],
      [`GET / HTTP/1.1\r\nhost: a\r\nb: ${'c'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ] as const) {
      const [head = '', body = ''] = (await say(text)).split('\r\n\r\n');
      expect(head).toMatch(
        new RegExp(`^HTTP/1.1 ${status} .*\r\ncontent-type: application/problem`),
      );
      expect(JSON.parse(body)).toMatchObject({ status, code });
    }
  });

  test('waits a minute at most for a request that comes a byte at a time', () => {
    const { headersTimeout, requestTimeout } = app.getHttpServer();
    expect({ headersTimeout, requestTimeout }).toEqual({
      headersTimeout: 20_000,
      requestTimeout: 60_000,
    });
  });

  test('is alive, ready, and counts by route template', async () => {
    const base = await app.getUrl();
    expect(await (await fetch(`${base}/health/live`)).json()).toEqual({ live: true });
    expect(await (await fetch(`${base}/health/ready`)).json()).toEqual({
      ready: true,
      parts: { database: 'ok', writes: 'ok', clock: 'ok', event_store: 'ok' },
    });
    const metrics = await app.get(Metrics).registry.metrics();
    expect(metrics).toContain('route="/v1/things/:thing"');
    expect(metrics).toContain('mianzheng_problems_total{code="request_invalid"}');
    expect((await fetch(`${base}/metrics`)).status).toBe(404);
  });

  test('lets a request under way finish when it closes, and takes no new one', async () => {
    const base = await app.getUrl();
    const slow = fetch(`${base}/v1/slow`);
    await TestController.arrived.promise;
    const closed = app.close();
    TestController.goOn.resolve(undefined);
    expect(await (await slow).json()).toEqual({ done: true });
    await closed;
    await expect(fetch(`${base}/health/live`)).rejects.toThrow();
  });
});
