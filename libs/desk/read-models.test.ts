import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import type { PoolClient } from 'pg';
import type { PositionedRecord, RecordedEvent } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import type { Instant } from '#libs/kernel';
import { asExpressions, type Projection } from '#libs/feed';
import { numberedOn } from '#libs/platform';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { ReleaseScene } from '../../test/support/release-scene.js';
import { statisticsMigrations } from '../statistics/statistics.migrations.js';
import { PapersProjection } from '../statistics/papers.projection.js';
import { StatisticsProjection } from '../statistics/statistics.projection.js';
import { BoardProjection } from './board.projection.js';
import { deskMigrations } from './desk.migrations.js';

const idCard = { 姓名: '测试甲', 公民身份号码: '11010519491231002X' };
const number = '11010519491231002X';

const migrations = [...deskMigrations, ...statisticsMigrations].map((Made) => new Made());

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** How a projection writes pages: in order, or all that it can as one statement each. */
type Way = 'in order' | 'at once';

async function write(
  projection: Projection,
  page: readonly RecordedEvent[],
  client: PoolClient,
  way: Way,
): Promise<void> {
  const together = way === 'at once' ? (projection.together?.(page) ?? null) : null;
  if (together === null) {
    await projection.apply(page, client);
    return;
  }
  const { writes, where } = together;
  if (where !== undefined) {
    const { rows } = await client.query<{ holds: boolean }>(`SELECT ${where.text} AS holds`, [
      ...where.values,
    ]);
    if (rows[0]?.holds !== true) {
      await projection.apply(page, client);
      return;
    }
  }
  const { texts, values } = numberedOn(writes.map(asExpressions));
  if (texts.length > 0) await client.query(`WITH ${texts.join(', ')} SELECT`, [...values]);
}

/**
 * The rows that a projection makes of records in pages of these sizes, again and again, in tables
 * of its own.
 */
async function rowsOf(
  projection: Projection,
  records: readonly PositionedRecord[],
  sizes: number | readonly number[],
  way: Way = 'in order',
) {
  const schema = `s${Math.random().toString(36).slice(2)}`;
  const client = await database.pool.connect();
  try {
    await client.query(`CREATE SCHEMA ${schema}`);
    await client.query(`SET search_path TO ${schema}`);
    const up = { query: (statement: string) => client.query(statement) } as unknown as QueryRunner;
    for (const migration of migrations) await migration.up(up);
    const list = typeof sizes === 'number' ? [sizes] : sizes;
    for (let at = 0, nth = 0; at < records.length; nth++) {
      const size = list[nth % list.length] ?? 1;
      const page = projection.partOf(records.slice(at, (at += size)));
      if (page.length > 0) await write(projection, page, client, way);
    }
    const rows: Record<string, unknown[]> = {};
    for (const table of projection.tables)
      rows[table] = (await client.query(`SELECT * FROM ${table} ORDER BY 1, 2`)).rows;
    return rows;
  } finally {
    await client.query('RESET search_path');
    await client.query(`DROP SCHEMA ${schema} CASCADE`);
    client.release();
  }
}

/**
 * Cases in every stage: waiting, granted, refused, released, read again, withheld, withdrawn,
 * closed.
 */
async function history() {
  const store = new MemoryEventStore('city.example');
  const scene = new ReleaseScene(store);
  const holder = scene.person(number);
  await scene.certificate(holder.subject, 'ZZ001', idCard);
  const stages: ((atCase: string) => Promise<unknown>)[] = [
    async (atCase) => scene.request(atCase),
    async (atCase) => scene.grant(holder, await scene.request(atCase)),
    async (atCase) => scene.refuse(holder, await scene.request(atCase)),
    async (atCase) => {
      const consent = await scene.request(atCase);
      await scene.grant(holder, consent);
      await scene.pull(await scene.token(atCase, consent));
      await scene.readAgain(atCase, consent);
    },
    async (atCase) => {
      const consent = await scene.request(atCase);
      await scene.grant(holder, consent);
      scene.beforeLastLook = async () => {
        scene.beforeLastLook = () => Promise.resolve();
        await scene.bring(atCase, 'ZZ900');
      };
      await expect(scene.pull(await scene.token(atCase, consent))).rejects.toThrow();
    },
    async (atCase) => {
      const consent = await scene.request(atCase);
      await scene.grant(holder, consent);
      await scene.withdraw(holder, consent);
    },
    async (atCase) => {
      const consent = await scene.request(atCase);
      await scene.bring(atCase, 'ZZ900');
      await scene.close(atCase);
      await scene.grant(holder, consent); // which the phone does not know yet
    },
  ];
  const cases: string[] = [];
  for (const stage of stages) {
    const atCase = await scene.openFor(number);
    cases.push(atCase);
    await stage(atCase);
  }
  return { cases, records: await store.readAll(0n, 1000) };
}

/** Online cases that windows took, gave back and took again. */
async function givenBack() {
  const store = new MemoryEventStore('city.example');
  const scene = new ReleaseScene(store);
  const holder = scene.person(number);
  const [waits, elsewhere, closed] = [
    await scene.apply(holder),
    await scene.apply(holder),
    await scene.apply(holder),
  ];
  for (const id of [waits, elsewhere, closed]) {
    await scene.take(id);
    await scene.giveBack(id);
  }
  await scene.take(elsewhere, scene.otherWindow);
  await scene.bring(elsewhere, 'ZZ900', scene.otherWindow);
  await scene.take(closed);
  await scene.close(closed);
  return { waits, elsewhere, closed, records: await store.readAll(0n, 1000) };
}

/** Two cases with an answer each, closed at these times. */
async function closedAt(times: readonly Instant[]) {
  const store = new MemoryEventStore('city.example');
  const scene = new ReleaseScene(store);
  const holder = scene.person(number);
  await scene.certificate(holder.subject, 'ZZ001', idCard);
  const cases = [await scene.openFor(number), await scene.openFor(number)];
  for (const atCase of cases) {
    const consent = await scene.request(atCase);
    await scene.grant(holder, consent);
    await scene.pull(await scene.token(atCase, consent));
    await scene.bring(atCase, 'ZZ900');
  }
  for (const atCase of cases) await scene.close(atCase);
  const records = await store.readAll(0n, 1000);
  const closings = records.length - times.length;
  return {
    cases,
    records: records.map(({ bytes, hash, position, body }, n): PositionedRecord => {
      const time = times[n - closings] ?? body.time;
      return { bytes, hash, position, body: { ...body, time } };
    }),
  };
}

const ways = ['in order', 'at once'] as const;

describe('read models', () => {
  test('a case that was given back is where it was taken last, however the records are cut', async () => {
    const { waits, elsewhere, closed, records } = await givenBack();
    for (const projection of [new BoardProjection(), new PapersProjection()]) {
      const whole = await rowsOf(projection, records, records.length);
      for (const way of ways)
        for (const size of [1, 2, 3, 4, 5, 7, records.length])
          expect(await rowsOf(projection, records, size, way)).toEqual(whole);
    }
    expect(await rowsOf(new BoardProjection(), records, 3)).toMatchObject({
      board_online: [{ case_id: waits }],
      board_case: [{ case_id: elsewhere, window_id: 'window-2', origin: 'online', brought: 1 }],
      board_closed: [{ case_id: closed, window_id: 'window-1' }],
      application: expect.arrayContaining([
        expect.objectContaining({ case_id: waits, window_id: null, taken: null }),
        expect.objectContaining({ case_id: elsewhere, window_id: 'window-2' }),
      ]),
    });
    expect(await rowsOf(new PapersProjection(), records, 3)).toMatchObject({
      paper_statistic: [{ window_id: 'window-2', papers: '1' }],
    });
  });

  test('the board and the statistics come out the same, however the records are cut into pages', async () => {
    const { records } = await history();
    for (const projection of [
      new BoardProjection(),
      new StatisticsProjection(),
      new PapersProjection(),
    ]) {
      const whole = await rowsOf(projection, records, records.length);
      for (const way of ways)
        for (const sizes of [1, 2, 3, 7, records.length, [5, 1, 2], [1, 9, 4]])
          expect(await rowsOf(projection, records, sizes, way)).toEqual(whole);
    }
  });

  test.each([
    ['goes', 1, ['2026-11-22T15:59:59.999Z', '2026-11-22T16:00:00.000Z']],
    ['does not come', 0, ['2026-11-22T16:00:00.000Z', '2026-11-22T15:59:59.999Z']],
  ])(
    'what was closed the day before %s, with its answer, however the records are cut',
    async (_, kept, times) => {
      const { cases, records } = await closedAt(times);
      const whole = await rowsOf(new BoardProjection(), records, records.length);
      expect(whole).toMatchObject({
        board_closed: [{ case_id: cases[kept], brought: 1, brought_materials: ['ZZ900'] }],
        board_answer: [{ case_id: cases[kept] }],
        board_case: [],
        board_consent: [],
      });
      for (const way of ways)
        for (const sizes of [1, 2, 3, 5, records.length, [4, 1, 2], [1, 7]])
          expect(await rowsOf(new BoardProjection(), records, sizes, way)).toEqual(whole);
    },
  );

  test('the board shows open cases, and the consents that are waited for', async () => {
    const { cases, records } = await history();
    const { board_case: open, board_consent: awaited } = await rowsOf(
      new BoardProjection(),
      records,
      1000,
    );
    const ids = (open as { case_id: string }[]).map(({ case_id }) => case_id);
    expect(new Set(ids)).toEqual(new Set(cases.slice(0, -1)));
    expect(
      new Set(
        (awaited as { case_id: string; state: string }[]).map(
          ({ case_id, state }) => `${case_id} ${state}`,
        ),
      ),
    ).toEqual(new Set([`${cases[0]} waiting`, `${cases[1]} granted`]));
    expect(
      (open as { case_id: string; brought: number }[]).map(({ brought }) => brought).sort(),
    ).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test('statistics count what was answered, and take back what was withheld', async () => {
    const { records } = await history();
    const { statistic } = await rowsOf(new StatisticsProjection(), records, 1000);
    expect(statistic).toEqual([
      {
        day: '2026-11-22',
        type: 'ZZ001',
        matter: 'SX0001',
        department: '人社',
        window_id: 'window-1',
        town: '',
        exemptions: '1',
        releases: '1',
        readings: '1',
      },
    ]);
  });
});
