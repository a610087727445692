import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { randomBytes, randomUUID } from 'node:crypto';
import { Clock } from '#libs/kernel';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { openDatabase } from '../../platform/database.js';
import { openLog } from '../../platform/log.js';
import { clockAgrees } from '../../platform/readiness.js';
import type { Caller } from '../caller.js';
import type { Called } from './access.js';
import { CommandContexts, RequestSecret } from './command-context.js';
import { Door } from '../door/door.js';
import { idempotencyMigrations } from './idempotency.migrations.js';

class At extends Clock {
  constructor(private readonly instant: string) {
    super();
  }
  now() {
    return this.instant;
  }
}
const now = '2026-01-01T00:00:00.000Z';

describe('a command', () => {
  let database: TestDatabase;
  let contexts: CommandContexts;
  beforeAll(async () => {
    database = await freshDatabase();
    const opened = await openDatabase(
      database.url,
      { migrations: idempotencyMigrations, entities: [] },
      openLog('silent'),
    );
    await opened.close();
    contexts = new CommandContexts(
      new Door(database.pool, 1000),
      database.pool,
      new At(now),
      new RequestSecret(randomBytes(32)),
    );
  });
  afterAll(() => database.drop());

  const phone = (jkt: string): Caller => ({ is: 'phone', subject: 's', jkt });
  async function send(
    key: string | undefined,
    body: string,
    caller?: Caller,
    url = '/v1/things',
    method = 'POST',
    by = contexts,
  ) {
    const request = {
      method,
      url,
      headers: { 'idempotency-key': key },
      rawBody: Buffer.from(body),
      ...(caller === undefined ? {} : { caller }),
    } as Called & Record<string, unknown>;
    const context = {
      switchToHttp: () => ({ getRequest: () => request }),
    } as unknown as ExecutionContext;
    await by.canActivate(context);
    return request.command;
  }

  test('that is sent again has the same seed, also when both arrive at once', async () => {
    const key = randomUUID();
    const sent = await Promise.all(Array.from({ length: 8 }, () => send(key, '{}', phone('a'))));
    expect(new Set(sent.map((command) => command?.seed)).size).toBe(1);
    expect(sent[0]).toMatchObject({ actor: { client: 'phone:a' }, now });
    expect(new Set(sent.map((command) => command?.idempotencyKey)).size).toBe(1);
    // One of them was the first; the others know since when the key is used.
    const since = sent.map((command) => command?.since).filter((time) => time !== null);
    expect(since).toHaveLength(7);
    expect(new Set(since).size).toBe(1);
    expect(Math.abs(Date.parse(since[0] ?? '') - Date.now())).toBeLessThan(600_000);
  });

  test.each<[string, { body?: string; url?: string; method?: string }]>([
    ['another body', { body: '{"a":1}' }],
    ['another route', { url: '/v1/others' }],
    ['another method', { method: 'PUT' }],
  ])('with the key of a command with %s is refused', async (_what, other) => {
    const key = randomUUID();
    await send(key, '{}', phone('a'));
    await expect(
      send(key, other.body ?? '{}', phone('a'), other.url, other.method),
    ).rejects.toMatchObject({ code: 'idempotency_key_reused', family: 'conflict' });
  });

  test('of one caller has nothing to do with another’s of the same key', async () => {
    const key = randomUUID();
    const a = await send(key, '{}', phone('a'));
    const b = await send(key, '{"b":1}', phone('b'));
    expect(a?.seed).not.toBe(b?.seed);
  });

  test('of strangers is known by key and content, so that none spoils another’s', async () => {
    const key = randomUUID();
    const a = await send(key, '{}');
    const b = await send(key, '{"b":1}');
    const again = await send(key, '{}');
    expect(a?.actor.client).toBe('anyone');
    expect(b?.seed).not.toBe(a?.seed);
    expect(again).toEqual(a);
  });

  test('of strangers fills no table', async () => {
    const rows = async () =>
      (await database.pool.query('SELECT FROM idempotency WHERE client = $1', ['anyone'])).rowCount;
    for (let n = 0; n < 10; n++) await send(randomUUID(), `{"n":${n}}`);
    expect(await rows()).toBe(0);
  });

  test('needs a key of 16 to 128 visible characters; a question needs none', async () => {
    for (const key of [
      'short',
      'x'.repeat(129),
      'with a space in it',
      '中文中文中文中文中文中文中文中文',
    ])
      await expect(send(key, '{}')).rejects.toMatchObject({ code: 'idempotency_key_malformed' });
    await expect(send(undefined, '{}')).rejects.toMatchObject({ code: 'idempotency_key_missing' });
    expect(await send(undefined, '', undefined, '/v1/things', 'GET')).toBeUndefined();
  });

  test('leaves nothing in the database by which its body or its key could be guessed', async () => {
    // What a careless caller takes for a key.
    const [key, body] = ['11010519491231002X/1', '{"number":"11010519491231002X"}'];
    await database.pool.query('DELETE FROM idempotency');
    const command = await send(key, body, phone('a'));
    const { rows } = await database.pool.query<{ key: string; row: string }>(
      'SELECT key, idempotency::text AS row FROM idempotency',
    );
    // Ids of events derive from the same, so that knowing the client does not reveal the key.
    expect(rows).toEqual([{ key: command?.idempotencyKey, row: expect.not.stringContaining(key) }]);
    expect(command?.idempotencyKey).not.toBe((await send(key, body, phone('b')))?.idempotencyKey);
    const stranger = await send(key, body, undefined);
    expect(JSON.stringify(stranger)).not.toContain(key);
    const other = new CommandContexts(
      new Door(database.pool, 1000),
      database.pool,
      new At(now),
      new RequestSecret(randomBytes(32)),
    );
    // Under another secret neither key nor request is recognised.
    expect((await send(key, body, phone('a'), undefined, undefined, other))?.seed).not.toBe(
      command?.seed,
    );
  });

  test('a clock more than two seconds off the database’s makes the process unready', async () => {
    const off = (seconds: number) =>
      clockAgrees(database.pool, new At(new Date(Date.now() + seconds * 1000).toISOString()))();
    expect(await off(30)).toBe('clock_skewed');
    expect(await off(-30)).toBe('clock_skewed');
    expect(await off(0)).toBeNull();
  });
});
