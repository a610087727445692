import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { openDatabase } from '../../platform/database.js';
import type { HeadsStatement } from '#libs/event-store';
import { openLog } from '../../platform/log.js';
import { idempotencyMigrations } from '../http/idempotency.migrations.js';
import { identityMigrations } from '../identity.migrations.js';
import { Door } from './door.js';
import type { Binding } from './statement.js';

const expires = '2099-01-01T00:00:00.000Z';
const use = (value: string = randomUUID()) => ({ purpose: 'dpop', value, expires });
const binding = (key: string = randomUUID(), client = 'c'): Binding => ({
  client,
  key,
  requestHash: randomBytes(32),
  seed: randomBytes(32),
});

/** Heads out of a table of the test's own. */
const endings = (pool: pg.Pool): { readonly heads: HeadsStatement } => ({
  heads: {
    pool,
    text: `SELECT q.place, version, hash FROM unnest($1::text[]) WITH ORDINALITY AS q (stream, place)
           JOIN ending ON place_of = q.stream`,
    names: (streams) => streams,
    heads: (streams, rows) =>
      streams.map((_, n) => {
        const row = rows.find(({ place }) => Number(place) === n + 1);
        return row === undefined ? null : { version: row.version, hash: row.hash.toString('hex') };
      }),
  },
});

describe('the door', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
    const migrations = [...idempotencyMigrations, ...identityMigrations];
    const opened = await openDatabase(
      database.url,
      { migrations, entities: [] },
      openLog('silent'),
    );
    await opened.close();
  });
  afterAll(() => database.drop());

  /** A pool that tells how many statements went through it, and fails as often as it is told. */
  class CountingPool {
    statements = 0;
    readonly failures: Error[] = [];
    query(...args: unknown[]): unknown {
      this.statements++;
      const failure = this.failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      return (database.pool.query as (...all: unknown[]) => unknown).apply(database.pool, args);
    }
  }
  const aDoor = (perSecond = 100_000) => {
    const pool = new CountingPool();
    return { door: new Door(pool as unknown as pg.Pool, perSecond), pool };
  };

  test('asks once for what a request needs, and once for all that came meanwhile', async () => {
    const { door, pool } = aDoor();
    await door.admit('a client', use(), binding());
    expect(pool.statements).toBe(1);
    const many = Array.from({ length: 200 }, (_, n) => door.admit(`c${n}`, use(), binding()));
    expect((await Promise.all(many)).every((one) => one?.bound != null)).toBe(true);
    expect(pool.statements).toBe(3);
  });

  test('lets a value through once, of many uses in two processes, and binds the key of that one', async () => {
    const [a, b] = [aDoor().door, aDoor().door];
    const one = use();
    const bindings = Array.from({ length: 64 }, () => binding());
    const answers = await Promise.all(
      bindings.map((each, n) => (n % 2 ? a : b).admit('c', one, each)),
    );
    const admitted = answers.flatMap((answer) => (answer === null ? [] : [answer.bound]));
    expect(admitted).toHaveLength(1);
    const { rows } = await database.pool.query<{ key: string }>(
      'SELECT key FROM idempotency WHERE key = ANY($1)',
      [bindings.map(({ key }) => key)],
    );
    expect(rows).toEqual([{ key: admitted[0]?.key }]);
  });

  test('binds a key once, of many commands in two processes, and tells all what it is bound to', async () => {
    const [a, b] = [aDoor().door, aDoor().door];
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, n) => (n % 2 ? a : b).admit('c', use(), binding(key))),
    );
    const seeds = new Set(answers.map((answer) => answer?.bound?.seed.toString('hex')));
    const hashes = new Set(answers.map((answer) => answer?.bound?.requestHash.toString('hex')));
    expect([seeds.size, hashes.size]).toEqual([1, 1]);
    expect(seeds.has(undefined)).toBe(false);
  });

  test('the same values and keys in two processes, in any order, do not stand in each other’s way', async () => {
    const [a, b] = [aDoor().door, aDoor().door];
    const asked = Array.from({ length: 200 }, (_, n) => ({
      client: `client-${n % 20}`,
      use: use(),
      binding: binding(),
    }));
    const all = (door: Door, requests: typeof asked) =>
      Promise.all(requests.map((one) => door.admit(one.client, one.use, one.binding)));
    const [first, second] = await Promise.all([all(a, asked), all(b, asked.toReversed())]);
    expect([...first, ...second].filter((one) => one !== null)).toHaveLength(asked.length);
  });

  test('many commands of one key keep no other request waiting', async () => {
    const { door, pool } = aDoor();
    await door.admit('c', use(), null);
    const key = randomUUID();
    const many = Array.from({ length: 600 }, () => door.admit('c', use(), binding(key)));
    const before = pool.statements;
    await door.admit('other', use(), binding());
    expect(pool.statements - before).toBeLessThan(3);
    // Each of the others would be a statement of its own.
    pool.failures.push(...many.map(() => new Error('enough')));
    await Promise.allSettled(many);
  });

  test('a request that the rate refuses uses no proof and binds no key', async () => {
    const { door } = aDoor(5);
    const client = randomUUID();
    const asked = Array.from({ length: 60 }, () => ({ use: use(), binding: binding() }));
    const settled = await Promise.allSettled(
      asked.map((one) => door.admit(client, one.use, one.binding)),
    );
    const refused = asked.filter((_, n) => settled[n]?.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(asked.length);
    for (const [n, one] of settled.entries())
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'rate_exceeded' });
      else expect(one.value?.bound).toEqual({ ...asked[n]?.binding, since: null });
    const other = aDoor().door;
    for (const one of refused)
      expect(await other.admit('other', one.use, one.binding)).toEqual({
        bound: { ...one.binding, since: null },
        heads: [],
      });
  });

  test('what came when the database did not answer fails, and what comes afterwards is asked again', async () => {
    const { door, pool } = aDoor();
    const one = use();
    pool.failures.push(new Error('Connection terminated unexpectedly'));
    await expect(door.admit('c', one, null)).rejects.toThrow('terminated');
    expect(await door.admit('c', one, null)).toEqual({ bound: null, heads: [] });
  });

  test('tells heads of streams in the same statement, as they are when it is sent', async () => {
    const pool = new CountingPool();
    await database.pool.query('CREATE TABLE ending (place_of text, version integer, hash bytea)');
    const { heads } = endings(database.pool);
    const door = new Door(pool as unknown as pg.Pool, 1, undefined, undefined, heads);
    const ask = (streams: readonly string[]) => door.admit(randomUUID(), use(), binding(), streams);
    expect(await ask(['a', 'b'])).toMatchObject({ heads: [null, null] });
    await database.pool.query("INSERT INTO ending VALUES ('b', 3, '\\xab')");
    const statements = pool.statements;
    const answers = await Promise.all([ask(['b', 'a']), ask(['b']), ask([]), ask(['c', 'b'])]);
    const head = { version: 3, hash: 'ab' };
    expect(answers.map((answer) => answer?.heads)).toEqual([
      [head, null],
      [head],
      [],
      [null, head],
    ]);
    expect(pool.statements - statements).toBe(2);
  });

  test('a statement that was a deadlock’s victim is sent again', async () => {
    const { door, pool } = aDoor();
    const deadlock = Object.assign(new pg.DatabaseError('deadlock detected', 0, 'error'), {
      code: '40P01',
    });
    pool.failures.push(deadlock);
    expect(await door.admit('c', use(), null)).toEqual({ bound: null, heads: [] });
    pool.failures.push(deadlock, deadlock, deadlock);
    await expect(door.admit('c', use(), null)).rejects.toBe(deadlock);
  });
});
