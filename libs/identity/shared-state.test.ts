import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import { Clock, type Instant } from '#libs/kernel';
import { Settings } from '#libs/platform';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { createIdentityTables } from './identity.migrations.js';
import type { ClientCaller, Question } from './caller.js';
import { identityServices } from './services.js';

class FixedClock extends Clock {
  constructor(public at: Instant) {
    super();
  }
  now(): Instant {
    return this.at;
  }
}

const caller = (more: Partial<ClientCaller> = {}): ClientCaller => ({
  is: 'client',
  client: 'c1',
  kind: 'terminal',
  name: 't',
  department: '人社',
  window: 'w1',
  town: null,
  authority: null,
  scopes: new Set(),
  jkt: 'k',
  ...more,
});

describe('what processes share through PostgreSQL', () => {
  let own: TestDatabase;
  const clock = new FixedClock('2026-03-01T02:00:00.000Z');
  beforeAll(async () => {
    own = await freshDatabase();
    await createIdentityTables(own.pool);
  });
  afterAll(() => own.drop());

  const department = () => `部门${randomUUID()}`;
  /** Each has a memory of its own; only the database is shared. */
  const newProcess = (env: Record<string, string> = {}) =>
    identityServices({
      store: new MemoryEventStore('trial.city.example'),
      pool: own.pool,
      clock,
      settings: Settings.from(env),
    });
  const outcomes = async (calls: readonly Promise<unknown>[]) => {
    const settled = await Promise.allSettled(calls);
    return settled.map((one) =>
      one.status === 'fulfilled' ? one.value : (one.reason as { code: unknown }).code,
    );
  };
  const count = (values: readonly unknown[], value: unknown) =>
    values.filter((one) => one === value).length;

  describe('a one-time value', () => {
    test('is new once, of 64 uses in two processes at the same moment', async () => {
      const [a, b] = [newProcess(), newProcess()];
      const value = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 64 }, (_, n) =>
          (n % 2 ? a : b).replays.firstUse('test', value, '2026-03-01T02:01:00.000Z'),
        ),
      );
      expect(count(answers, true)).toBe(1);
    });

    test('of one purpose says nothing of another', async () => {
      const { replays } = newProcess();
      const value = randomUUID();
      expect(await replays.firstUse('a', value, '2026-03-01T02:01:00.000Z')).toBe(true);
      expect(await replays.firstUse('b', value, '2026-03-01T02:01:00.000Z')).toBe(true);
    });

    test('many different ones in two processes, in any order, do not stand in each other’s way', async () => {
      const [a, b] = [newProcess(), newProcess()];
      const values = Array.from({ length: 300 }, () => randomUUID());
      const use = (process: typeof a, all: readonly string[]) =>
        Promise.all(
          all.map((value) => process.replays.firstUse('t', value, '2026-03-01T02:01:00Z')),
        );
      const [first, second] = await Promise.all([use(a, values), use(b, values.toReversed())]);
      expect(count(first, true) + count(second, true)).toBe(300);
    });

    test('is remembered past its end, while another clock may be behind, and then forgotten', async () => {
      const { replays } = newProcess();
      const value = randomUUID();
      const again = () => replays.firstUse('test', value, '2026-03-01T02:01:00.000Z');
      await again();
      const kept = new FixedClock('2026-03-01T02:05:59.000Z');
      clock.at = kept.at;
      await replays.forgetExpired();
      expect(await again()).toBe(false);
      clock.at = '2026-03-01T02:06:01.000Z';
      await replays.forgetExpired();
      expect(await again()).toBe(true);
      clock.at = '2026-03-01T02:00:00.000Z';
    });

    test('is not taken for new when the database does not answer', async () => {
      const broken = await freshDatabase();
      const { replays } = identityServices({
        store: new MemoryEventStore('trial.city.example'),
        pool: broken.pool, // without tables
        clock,
        settings: Settings.from({}),
      });
      await expect(replays.firstUse('t', 'v', '2026-03-01T02:01:00Z')).rejects.toThrow();
      await broken.drop();
    });
  });

  describe('the rate of a client', () => {
    test('is one over all processes, and leaves other clients alone', async () => {
      const env = { REQUESTS_PER_SECOND: '20' };
      const [a, b] = [newProcess(env), newProcess(env)];
      const client = randomUUID();
      const second = async () => {
        const { rows } = await own.pool.query<{ second: number }>(
          'SELECT floor(extract(epoch FROM clock_timestamp()))::integer AS second',
        );
        return rows[0]?.second ?? 0;
      };
      const began = await second();
      const answers = await outcomes(
        Array.from({ length: 500 }, (_, n) => (n % 2 ? a : b).door.count(client)),
      );
      const seconds = (await second()) - began + 1;
      expect(count(answers, undefined)).toBeGreaterThanOrEqual(20);
      expect(count(answers, undefined)).toBeLessThanOrEqual(20 * seconds);
      expect(count(answers, undefined) + count(answers, 'rate_exceeded')).toBe(500);
      await expect(a.door.count(randomUUID())).resolves.toBeUndefined();
    });
  });

  describe('questions about one holder', () => {
    const env = { QUESTIONS_PER_HOLDER_AND_HOUR: '4' };
    const now = '2026-03-01T02:00:00.000Z';

    test('are limited by window and hour, over all processes; others, and other windows, are asked on', async () => {
      const [a, b] = [newProcess(env), newProcess(env)];
      const who = caller({ department: `部门${randomUUID()}` });
      interface Asking {
        readonly at?: Instant;
        readonly by?: ClientCaller;
        readonly about?: Question;
        readonly n?: number;
        readonly key?: string;
      }
      const ask = (
        holder: string,
        { at = now, by = who, about = 'consent', n = 0, key = randomUUID() }: Asking = {},
      ) => (n % 2 ? a : b).holders.question(by, about, holder, { now: at, idempotencyKey: key });
      const answers = await outcomes(Array.from({ length: 20 }, (_, n) => ask('one', { n })));
      expect(count(answers, undefined)).toBe(4);
      expect(count(answers, 'questions_of_holder')).toBe(16);
      await ask('another');
      const key = 'sent-again-and-again';
      for (let n = 0; n < 9; n++) await ask('asked by one command', { key });
      await ask('one', { about: 'identify' });
      await ask('one', { by: { ...who, window: 'w2' } });
      await ask('one', { at: '2026-03-01T03:00:00.000Z' });
    });

    test('however many at one moment, cost those about others no statement', async () => {
      const { holders } = newProcess(env);
      const who = caller({ department: department() });
      const ask = (holder: string, key: string) =>
        holders.question(who, 'consent', holder, { now, idempotencyKey: key });
      await ask('one', 'first');
      const asked = jest.spyOn(own.pool, 'query');
      const answers = await outcomes([
        ...['2', '3', '2', '4', 'first', '5', '4', '6', '5'].map((key) => ask('one', key)),
        ...['1', '2', '3', '4', '5'].map((key) => ask('another', key)),
      ]);
      expect(asked.mock.calls.length).toBe(1);
      asked.mockRestore();
      const no = 'questions_of_holder';
      const ofOne = [undefined, undefined, undefined, undefined, undefined, no, undefined, no, no];
      const ofAnother = [undefined, undefined, undefined, undefined, no];
      expect(answers).toEqual([...ofOne, ...ofAnother]);
    });

    test('are forgotten when their hour is two hours past', async () => {
      const { holders } = newProcess(env);
      const hours = async () => {
        const { rows } = await own.pool.query<{ hour: string }>(
          'SELECT DISTINCT hour FROM hourly_question ORDER BY hour',
        );
        return rows.map(({ hour }) => hour);
      };
      const ask = (at: Instant) =>
        holders.question(caller(), 'consent', 'one', { now: at, idempotencyKey: randomUUID() });
      await ask('2026-03-01T05:00:00.000Z');
      await ask('2026-03-01T07:59:00.000Z');
      expect(await hours()).toEqual(['2026-03-01T05', '2026-03-01T07']);
      await ask('2026-03-01T08:00:00.000Z');
      expect(await hours()).toEqual(['2026-03-01T07', '2026-03-01T08']);
    });
  });

  describe('the distinct holders of a day', () => {
    const env = { HOLDERS_PER_WINDOW_AND_DAY: '5', HOLDERS_PER_DEPARTMENT_AND_DAY: '8' };
    const now = '2026-03-01T02:00:00.000Z';

    test('are limited at a window, over all processes, and none is counted past the limit', async () => {
      const [a, b] = [newProcess(env), newProcess(env)];
      const who = caller({ department: department() });
      const calls = Array.from({ length: 40 }, (_, n) =>
        (n % 2 ? a : b).holders.count(who, [`subject-${n}`], now),
      );
      const answers = await outcomes(calls);
      expect(count(answers, undefined)).toBe(5);
      expect(count(answers, 'daily_holders_of_window')).toBe(35);
      // What was refused at the window did not use up the department.
      const others = caller({ ...who, window: 'w2' });
      const there = await outcomes(
        Array.from({ length: 5 }, (_, n) => a.holders.count(others, [`other-${n}`], now)),
      );
      expect(count(there, undefined)).toBe(3);
      expect(count(there, 'daily_holders_of_department')).toBe(2);
    });

    test('of a window that is full are refused alone, of all that are counted at one moment', async () => {
      const { holders } = newProcess({ HOLDERS_PER_WINDOW_AND_DAY: '2' });
      const full = caller({ department: `部门${randomUUID()}` });
      const other = { ...full, window: 'w2' };
      await holders.count(full, ['one', 'two'], clock.at);
      const answers = await outcomes([
        holders.count(full, ['three'], clock.at),
        holders.count(other, ['three'], clock.at),
        holders.count(full, ['one'], clock.at),
        holders.count(other, ['four'], clock.at),
        holders.count(other, ['five'], clock.at),
      ]);
      expect(answers).toEqual([
        'daily_holders_of_window',
        undefined,
        undefined,
        undefined,
        'daily_holders_of_window',
      ]);
    });

    test('of a window that is full cost the others of one moment a statement more, and not one each', async () => {
      const { holders } = newProcess({ HOLDERS_PER_WINDOW_AND_DAY: '2' });
      const full = caller({ department: department() });
      await holders.count(full, ['one', 'two'], clock.at);
      const asked = jest.spyOn(own.pool, 'query');
      const answers = await outcomes([
        ...Array.from({ length: 30 }, (_, n) =>
          holders.count({ ...full, window: `other-${n}` }, ['three'], clock.at),
        ),
        holders.count(full, ['three'], clock.at),
      ]);
      expect(count(answers, undefined)).toBe(30);
      expect(answers.at(-1)).toBe('daily_holders_of_window');
      expect(asked.mock.calls.length).toBe(3);
      asked.mockRestore();
    });

    test('do not count twice, also when asked for at the same moment', async () => {
      const { holders } = newProcess(env);
      const who = caller({ department: department() });
      const same = Array.from({ length: 20 }, () => holders.count(who, ['subject-1'], now));
      expect(count(await outcomes(same), undefined)).toBe(20);
      const rest = ['2', '3', '4', '5'].map((n) => holders.count(who, [`subject-${n}`], now));
      expect(count(await outcomes(rest), undefined)).toBe(4);
      expect(await outcomes([holders.count(who, ['subject-1'], now)])).toEqual([undefined]);
      expect(await outcomes([holders.count(who, ['subject-6'], now)])).toEqual([
        'daily_holders_of_window',
      ]);
    });

    test('are counted together or not at all, and looked at without being counted', async () => {
      const { holders } = newProcess(env);
      const who = caller({ department: department() });
      await holders.count(who, ['1', '2', '3'], now);
      expect(await outcomes([holders.count(who, ['3', '4', '5', '6'], now)])).toEqual([
        'daily_holders_of_window',
      ]);
      expect(await outcomes([holders.check(who, ['4', '5', '6'], now)])).toEqual([
        'daily_holders_of_window',
      ]);
      for (let time = 0; time < 3; time++) await holders.check(who, ['4', '5'], now);
      await holders.count(who, ['4', '5'], now);
      expect(await outcomes([holders.check(who, ['6'], now)])).toEqual(['daily_holders_of_window']);
    });

    test('begin anew at midnight in Shanghai, not in London', async () => {
      const { holders } = newProcess(env);
      const who = caller({ department: department(), window: null });
      const late = '2026-03-01T15:59:59.999Z';
      const fill = Array.from({ length: 8 }, (_, n) => holders.count(who, [`s-${n}`], late));
      expect(count(await outcomes(fill), undefined)).toBe(8);
      expect(await outcomes([holders.count(who, ['late'], late)])).toEqual([
        'daily_holders_of_department',
      ]);
      expect(await outcomes([holders.count(who, ['next'], '2026-03-01T16:00:00.000Z')])).toEqual([
        undefined,
      ]);
    });

    test('cannot be told from the tables', async () => {
      const { holders } = newProcess(env);
      const marker = `subject-${randomUUID()}`;
      await holders.count(caller({ department: department() }), [marker], now);
      const { rows } = await own.pool.query('SELECT h::text FROM daily_holder h');
      expect(JSON.stringify(rows)).not.toContain(marker);
    });
  });
});
