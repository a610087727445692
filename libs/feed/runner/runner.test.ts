import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { type Position, type PositionedRecord, type RecordedEvent, START } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import type { Fact } from '#libs/kernel';
import { leaseMigrations, type LeaseTimes, PostgresLeases } from '#libs/lease/postgres';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { Projection, type Together, type Write, writeInOrder } from '../projection.js';
import { checkpointOf, holdCheckpoint, inTransaction } from './checkpoint.js';
import { foldPage, foldTogether } from './folding.js';
import { feedMigrations } from './projection.migrations.js';
import { ProjectionRunner } from './runner.js';
import { rebuild } from './rebuild.js';

/** Whether projections of the test can write a page at once. */
let atOnce = false;

type Seen = Fact<'Seen', { readonly thing: string }>;

/** How many times each thing was seen, and when last. */
class Sightings extends Projection<Seen> {
  readonly name = 'sightings';
  readonly tables = ['sighting'];
  readonly folds = { Seen: [] };
  pages: number[] = [];
  broken = false;

  override async apply(page: readonly RecordedEvent<Seen>[], client: PoolClient): Promise<void> {
    this.pages.push(page.length);
    await writeInOrder(this.#writes(page), client);
  }

  override together(page: readonly RecordedEvent<Seen>[]): Together | null {
    return atOnce ? { writes: this.#writes(page) } : null;
  }

  #writes(page: readonly RecordedEvent<Seen>[]): Write[] {
    if (this.broken) throw new TypeError('it does not work');
    return [
      {
        name: 'sighting_added',
        text: `
          INSERT INTO sighting (thing, times, last)
          SELECT thing, count(*), max(at) FROM unnest($1::text[], $2::text[]) AS s (thing, at) GROUP BY thing
          ON CONFLICT (thing) DO UPDATE SET times = sighting.times + excluded.times, last = excluded.last`,
        values: [page.map(({ data }) => data.thing), page.map(({ time }) => time)],
      },
    ];
  }
}

/** As read from a node that is behind: the latest appends are missing. */
class LaggingEventStore extends MemoryEventStore {
  lag = 0;
  override async readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    const page = await super.readAll(after, limit + this.lag);
    return page.slice(0, Math.max(0, Math.min(limit, page.length - this.lag)));
  }
}

/** Folds the same events into a table of its own, to show that failures are independent. */
class Names extends Projection<Seen> {
  readonly name = 'names';
  readonly tables = ['thing_name'];
  readonly folds = { Seen: [] };
  /** Called before it writes, within the transaction. */
  first: (client: PoolClient) => Promise<void> = () => Promise.resolve();
  override async apply(page: readonly RecordedEvent<Seen>[], client: PoolClient): Promise<void> {
    await this.first(client);
    await writeInOrder(this.#writes(page), client);
  }

  override together(page: readonly RecordedEvent<Seen>[]): Together | null {
    return atOnce ? { writes: this.#writes(page) } : null;
  }

  #writes(page: readonly RecordedEvent<Seen>[]): Write[] {
    return [
      {
        name: 'thing_name_new',
        text: 'INSERT INTO thing_name SELECT DISTINCT unnest($1::text[]) ON CONFLICT DO NOTHING',
        values: [page.map(({ data }) => data.thing)],
      },
    ];
  }
}

/** Folds none of the events that come here. */
class Nothing extends Projection<Fact<'Unheard', object>> {
  readonly name = 'nothing';
  readonly tables = [];
  readonly folds = { Unheard: [] };
  apply(): Promise<void> {
    return Promise.reject(new TypeError('there is nothing to fold'));
  }
}

type Told = readonly [{ readonly name?: string } | string, ...unknown[]];

/**
 * Breaks the first commit of a page on the pool from now on.
 * @returns how many there were
 */
function breakCommit(pool: Pool, how: 'lost' | 'done, and reported as failed'): () => number {
  let commits = 0;
  const gone = new TypeError('the connection is gone');
  pool.on('acquire', (client) => {
    const query = client.query.bind(client) as (...told: readonly unknown[]) => Promise<unknown>;
    const ofTransaction = async (told: Told) => {
      await query(how === 'lost' ? 'ROLLBACK' : told[0]);
      throw gone;
    };
    // A pool's own query takes a callback.
    const ofStatement = (told: Told) => {
      const answer = told.at(-1) as (error: unknown) => void;
      if (how === 'lost') setImmediate(answer, gone);
      else
        void query(...told.slice(0, -1), () => {
          answer(gone);
        });
    };
    Object.assign(client, {
      query: (...told: Told) => {
        if (told[0] === 'COMMIT' && commits++ === 0) return ofTransaction(told);
        const isFold = typeof told[0] === 'object' && told[0].name?.startsWith('fold_');
        if (isFold && commits++ === 0) {
          ofStatement(told);
          return;
        }
        return query(...told);
      },
    });
  });
  return () => commits;
}

describe.each(['one after the other', 'at once'])('projections that write %s', (way) => {
  let database: TestDatabase;
  let store: LaggingEventStore;
  let runners: ProjectionRunner[];
  /** Records of the pages that were folded, and how many statements wrote several parts. */
  let pages: number[];
  let statements: number;
  let ids = 0;

  beforeEach(async () => {
    atOnce = way === 'at once';
    database = await freshDatabase();
    const dataSource = new DataSource({
      type: 'postgres',
      url: database.url,
      migrations: [...feedMigrations, ...leaseMigrations],
    });
    await dataSource.initialize();
    await dataSource.runMigrations();
    await dataSource.destroy();
    await database.pool.query(
      'CREATE TABLE sighting (thing text PRIMARY KEY, times bigint NOT NULL, last text NOT NULL)',
    );
    await database.pool.query('CREATE INDEX sighting_by_last ON sighting (last)');
    await database.pool.query('CREATE TABLE thing_name (name text PRIMARY KEY)');
    store = new LaggingEventStore('city.example');
    runners = [];
    pages = [];
    statements = 0;
  });
  afterEach(async () => {
    await Promise.all(runners.map((runner) => runner.stop()));
    await database.drop();
  });

  const run = (
    projections: Projection[],
    failed: (name: string) => void = () => undefined,
    lease?: Partial<LeaseTimes>,
  ) => {
    const runner = new ProjectionRunner(
      database.pool,
      store,
      projections,
      {
        folded: (_, records) => pages.push(records),
        wroteAtOnce: () => statements++,
        failed,
        interrupted: () => undefined,
      },
      database.url,
      lease,
    );
    runners.push(runner);
    void runner.start();
    return runner;
  };
  const see = async (thing: string, times = 1, type = 'Seen') => {
    const stream = `thing-${thing}`;
    const found = await store.readStream(stream);
    await store.append(
      stream,
      found.length - 1,
      Array.from({ length: times }, () => ({
        id: (++ids).toString(16).padStart(32, '0'),
        type,
        schema: 1,
        time: '2026-01-01T00:00:00.000Z',
        actor: { client: 'tester' },
        data: { thing },
      })),
    );
  };
  const rows = async () =>
    (
      await database.pool.query<{ thing: string; times: number }>(
        'SELECT thing, times::int FROM sighting ORDER BY thing',
      )
    ).rows;

  test('fold what there is and what comes', async () => {
    await see('heron', 5000);
    const runner = run([new Sightings(), new Names()]);
    await runner.caughtUp();
    await see('otter');
    await runner.caughtUp();
    expect(await rows()).toEqual([
      { thing: 'heron', times: 5000 },
      { thing: 'otter', times: 1 },
    ]);
    expect(runner.health()).toBeNull();
  });

  test('write a page and all their checkpoints in one transaction', async () => {
    const runner = run([new Sightings(), new Names(), new Nothing()]);
    await runner.start();
    await see('heron');
    await runner.caughtUp();
    const { rows: written } = await database.pool.query(
      `SELECT DISTINCT xmin::text FROM sighting UNION SELECT xmin::text FROM thing_name
       UNION SELECT xmin::text FROM projection_checkpoint`,
    );
    expect(written).toHaveLength(1);
    const head = await store.head();
    for (const name of ['sightings', 'names', 'nothing'])
      expect(await checkpointOf(database.pool, name)).toBe(head);
    expect(statements).toBe(atOnce ? 1 : 0);
  });

  test.each([0, 1])(
    'write nothing, and move no checkpoint, where one of them is elsewhere: %i',
    async (n) => {
      await see('heron');
      const page = await store.readAll(START, 10);
      const head = await store.head();
      const projections = [new Sightings(), new Names()];
      await database.pool.query('INSERT INTO projection_checkpoint SELECT unnest($1::text[]), 0', [
        projections.map(({ name }) => name),
      ]);
      const lease = await leaseOf(50);
      const other = projections[n]!.name;
      await database.pool.query('UPDATE projection_checkpoint SET position = $2 WHERE name = $1', [
        other,
        head,
      ]);
      const shares = projections.map((projection) => ({
        projection,
        part: projection.partOf(page),
        from: START,
        to: head,
      }));
      expect(await foldTogether(database.pool, shares, lease)).toBe(false);
      expect(await rows()).toEqual([]);
      expect((await database.pool.query('SELECT FROM thing_name')).rowCount).toBe(0);
      expect(await checkpointOf(database.pool, projections[1 - n]!.name)).toBe(START);
      await lease.giveBack();
    },
  );

  test('a page waits for a checkpoint that a rebuild holds, and keeps no table from it meanwhile', async () => {
    await see('heron');
    const page = await store.readAll(START, 10);
    const projection = new Sightings();
    const share = { projection, part: projection.partOf(page), from: START, to: page[0]!.position };
    const lease = await leaseOf(50);
    const client = await database.pool.connect();
    await client.query(
      "BEGIN; INSERT INTO projection_checkpoint VALUES ('sightings', 0); COMMIT; BEGIN",
    );
    expect(await holdCheckpoint(client, 'sightings', null)).toBe(START);
    const folded = foldTogether(database.pool, [share], lease);
    const waiting = `SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE NOT l.granted AND a.datname = current_database()`;
    while ((await database.pool.query(waiting)).rowCount === 0)
      await new Promise((resolve) => setImmediate(resolve));
    await client.query('LOCK TABLE sighting IN ACCESS EXCLUSIVE MODE');
    await client.query('COMMIT');
    client.release();
    expect(await folded).toBe(true);
    expect(await rows()).toEqual([{ thing: 'heron', times: 1 }]);
    await lease.giveBack();
  });

  test('a rebuild takes no table from a statement that holds another', async () => {
    const runner = run([new Sightings()]);
    await see('heron');
    await runner.caughtUp();
    class Two extends Sightings {
      override readonly tables = ['sighting', 'thing_name'];
    }
    const client = await database.pool.connect();
    await client.query('BEGIN; LOCK TABLE thing_name IN ROW EXCLUSIVE MODE');
    const rebuilt = rebuild(database.pool, store, new Two());
    const waiting = `SELECT FROM pg_locks
      WHERE relation = 'thing_name'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`;
    while ((await database.pool.query(waiting)).rowCount === 0)
      await new Promise((resolve) => setImmediate(resolve));
    await client.query('LOCK TABLE sighting IN ROW EXCLUSIVE MODE');
    await client.query('COMMIT');
    client.release();
    expect((await rebuilt).tables).toMatchObject([{ table: 'sighting', rows: 1 }, {}]);
  });

  test('gather what comes within some milliseconds into one page', async () => {
    const runner = run([new Sightings()]);
    await runner.start();
    await see('heron');
    while (pages.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (let n = 0; n < 5; n++) await see('heron');
    await runner.caughtUp();
    expect(pages[0]).toBe(1);
    expect(pages.length).toBeLessThan(4);
    expect(await rows()).toEqual([{ thing: 'heron', times: 6 }]);
  });

  test.each(['lost', 'done, and reported as failed'] as const)(
    'a commit that is %s leaves rows and checkpoints together, and each record is folded once',
    async (how) => {
      const failed: string[] = [];
      const runner = run([new Sightings(), new Names()], (name) => failed.push(name));
      await see('heron', 2);
      await runner.caughtUp();
      const commits = breakCommit(database.pool, how);
      await see('otter', 3);
      await see('heron');
      await runner.caughtUp();
      expect(commits()).toBeGreaterThan(0);
      expect(await rows()).toEqual([
        { thing: 'heron', times: 3 },
        { thing: 'otter', times: 3 },
      ]);
      const head = await store.head();
      for (const name of ['sightings', 'names'])
        expect(await checkpointOf(database.pool, name)).toBe(head);
      expect(failed).toEqual([]);
    },
  );

  if (way !== 'at once')
    test('a connection that is cut in the middle of a page keeps neither its rows nor its checkpoints, and each record is folded once', async () => {
      const [sightings, names] = [new Sightings(), new Names()];
      const runner = run([sightings, names]);
      await see('heron', 2);
      await runner.caughtUp();
      const kept = await store.head();
      const afterCut: unknown[] = [];
      names.first = async (client) => {
        names.first = () => Promise.resolve();
        client.on('error', () => undefined);
        const own = (await client.query('SELECT thing FROM sighting ORDER BY thing')).rows;
        expect(own).toEqual([{ thing: 'heron' }, { thing: 'otter' }]);
        await client.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
        afterCut.push(await rows());
        for (const { name } of [sightings, names])
          afterCut.push(await checkpointOf(database.pool, name));
      };
      await see('otter', 3);
      await runner.caughtUp();
      expect(afterCut).toEqual([[{ thing: 'heron', times: 2 }], kept, kept]);
      expect(await rows()).toEqual([
        { thing: 'heron', times: 2 },
        { thing: 'otter', times: 3 },
      ]);
      const found = await database.pool.query('SELECT name FROM thing_name ORDER BY name');
      expect(found.rows).toEqual([{ name: 'heron' }, { name: 'otter' }]);
      const head = await store.head();
      for (const { name } of [sightings, names])
        expect(await checkpointOf(database.pool, name)).toBe(head);
      expect(runner.health()).toBeNull();
    });

  test('what a database forgot in a crash, rows and checkpoints, is folded again', async () => {
    const runner = run([new Sightings(), new Names(), new Nothing()]);
    await see('heron', 2);
    await runner.caughtUp();
    const kept = await store.head();
    await see('otter');
    await runner.caughtUp();
    await database.pool.query(
      `WITH rows AS (DELETE FROM sighting WHERE thing = 'otter'),
            names AS (DELETE FROM thing_name WHERE name = 'otter')
       UPDATE projection_checkpoint SET position = $1`,
      [kept],
    );
    await see('heron');
    await runner.caughtUp();
    expect(await rows()).toEqual([
      { thing: 'heron', times: 3 },
      { thing: 'otter', times: 1 },
    ]);
    const names = await database.pool.query('SELECT name FROM thing_name ORDER BY name');
    expect(names.rows).toEqual([{ name: 'heron' }, { name: 'otter' }]);
  });

  test('go on where they were after a restart, folding nothing twice', async () => {
    await see('heron', 10);
    const first = run([new Sightings()]);
    await first.caughtUp();
    await first.stop();
    await see('passer-by', 3, 'Unseen');
    await see('heron', 10);
    await run([new Sightings()]).caughtUp();
    expect(await rows()).toEqual([{ thing: 'heron', times: 20 }]);
  });

  test('a process that stands by knows how far the other is, also past records that nobody folds', async () => {
    const [a, b] = [run([new Sightings()]), run([new Sightings()])];
    await see('heron');
    await see('passer-by', 3, 'Unseen');
    await Promise.all([a.caughtUp(), b.caughtUp()]);
    // Both have begun: one folds, and the other knows it.
    await Promise.all([a.start(), b.start()]);
    expect([a.health(), b.health()]).toEqual([null, null]);
  });

  test('one that fails holds up no other, and catches up when it works again', async () => {
    const sightings = new Sightings();
    sightings.broken = true;
    const failed: string[] = [];
    const runner = run([sightings, new Names()], (name) => failed.push(name));
    await see('heron');
    while (failed.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(runner.health()).toBe('projection_failed');
    expect((await database.pool.query('SELECT name FROM thing_name')).rows).toEqual([
      { name: 'heron' },
    ]);
    expect(await rows()).toEqual([]);
    expect(await checkpointOf(database.pool, 'sightings')).toBe(START);
    sightings.broken = false;
    await see('heron');
    await runner.caughtUp();
    expect(await rows()).toEqual([{ thing: 'heron', times: 2 }]);
    expect(runner.health()).toBeNull();
  });

  test('two runners on one database fold each record once, and one takes over from the other', async () => {
    const [a, b] = [run([new Sightings()]), run([new Sightings()])];
    for (let i = 0; i < 20; i++) await see('heron', 7);
    await Promise.all([a.caughtUp(), b.caughtUp()]);
    expect(await rows()).toEqual([{ thing: 'heron', times: 140 }]);
    await a.stop();
    await see('heron');
    await b.caughtUp();
    expect(await rows()).toEqual([{ thing: 'heron', times: 141 }]);
  });

  const leaseOf = (renewEvery: number) =>
    new PostgresLeases(
      { connectionString: database.url },
      { lasts: 300, renewEvery, askEvery: 20 },
    ).take('projections', AbortSignal.timeout(20_000));

  test('eight that fold the same page at once, under one lease, fold each record once', async () => {
    const projection = new Sightings();
    await see('heron', 100);
    const page = await store.readAll(START, 100);
    const lease = await leaseOf(50);
    const cursors = await Promise.all(
      Array.from({ length: 8 }, () => foldPage(database.pool, projection, START, page, lease)),
    );
    expect(new Set(cursors)).toEqual(new Set([page.at(-1)!.position]));
    expect(await rows()).toEqual([{ thing: 'heron', times: 100 }]);
    await lease.giveBack();
  });

  test('a runner that is frozen is followed by another, also in the middle of a page, and folds nothing when it wakes', async () => {
    await see('heron', 100);
    const page = await store.readAll(START, 100);
    const lease = await leaseOf(3_600_000);
    // It sleeps within its transaction, with the checkpoint's row locked, until the other has
    // folded everything.
    const others = Promise.withResolvers<undefined>();
    const held = Promise.withResolvers<undefined>();
    const asleep = inTransaction(database.pool, async (client) => {
      client.on('error', () => undefined);
      expect(await holdCheckpoint(client, 'sightings', lease)).toBe(START);
      held.resolve(undefined);
      await others.promise;
      const sightings = new Sightings();
      await sightings.apply(sightings.partOf(page), client);
    });
    await held.promise;
    await run([new Sightings()]).caughtUp();
    await see('otter');
    others.resolve(undefined);
    await expect(asleep).rejects.toThrow();
    // A page begun again names a lease that another holds, even where the checkpoint would match.
    const again = new Sightings();
    for (const from of [START, await checkpointOf(database.pool, 'sightings')]) {
      const rest = await store.readAll(from, 1000);
      if (rest.length > 0) {
        await expect(foldPage(database.pool, again, from, rest, lease)).rejects.toMatchObject({
          code: 'lease_lost',
        });
        const share = { projection: again, part: again.partOf(rest), from, to: await store.head() };
        expect(await foldTogether(database.pool, [share], lease)).toBe(false);
      }
    }
    await runners[0]!.caughtUp();
    expect(await rows()).toEqual([
      { thing: 'heron', times: 100 },
      { thing: 'otter', times: 1 },
    ]);
    expect(again.pages).toEqual([]);
  });

  test('a runner that stops is followed at once, though its lease would last long', async () => {
    const slow = { lasts: 3_600_000, renewEvery: 1000, askEvery: 20 };
    const [a, b] = [
      run([new Sightings()], undefined, slow),
      run([new Sightings()], undefined, slow),
    ];
    await see('heron');
    await Promise.all([a.caughtUp(), b.caughtUp()]);
    await a.stop();
    await see('heron');
    await b.caughtUp();
    expect(await rows()).toEqual([{ thing: 'heron', times: 2 }]);
  });

  test('come back byte-equal from the feed while they are written and read', async () => {
    const runner = run([new Sightings()]);
    await see('heron', 3000);
    await runner.caughtUp();
    const indexes = () =>
      database.pool.query(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'sighting' AND schemaname = 'public' ORDER BY 1",
      );
    const before = (await indexes()).rows;
    const done = new AbortController();
    const writing = (async () => {
      while (!done.signal.aborted) {
        await see('otter');
        await database.pool.query('SELECT 1'); // the memory store alone would never yield
      }
    })();
    const reading = (async () => {
      while (!done.signal.aborted) {
        const { rows: found } = await database.pool.query<{ times: string }>({
          name: 'herons',
          text: "SELECT times FROM sighting WHERE thing = 'heron'",
        });
        expect(found).toEqual([{ times: '3000' }]);
      }
    })();
    const checked = await rebuild(database.pool, store, new Sightings(), { check: true });
    expect(checked.tables).toEqual([{ table: 'sighting', rows: 2, differing: 0 }]);
    for (let i = 0; i < 3; i++) await rebuild(database.pool, store, new Sightings());
    done.abort();
    await Promise.all([writing, reading]);
    await runner.caughtUp();
    const otters = (await store.readStream('thing-otter')).length;
    expect(await rows()).toEqual([
      { thing: 'heron', times: 3000 },
      { thing: 'otter', times: otters },
    ]);
    expect((await indexes()).rows).toEqual(before);
  });

  test('a check finds a row that somebody changed, and a rebuild mends it', async () => {
    const runner = run([new Sightings()]);
    await see('heron', 2);
    await runner.caughtUp();
    await database.pool.query('UPDATE sighting SET times = 3');
    const checked = await rebuild(database.pool, store, new Sightings(), { check: true });
    expect(checked.tables).toEqual([{ table: 'sighting', rows: 1, differing: 2 }]);
    expect(await rows()).toEqual([{ thing: 'heron', times: 3 }]);
    await rebuild(database.pool, store, new Sightings());
    expect(await rows()).toEqual([{ thing: 'heron', times: 2 }]);
  });

  test('a rebuild from a store that does not show all that was folded is refused, and changes nothing', async () => {
    const runner = run([new Sightings()]);
    await see('heron', 5);
    await see('otter');
    await runner.caughtUp();
    store.lag = 1;
    for (const options of [{}, { check: true }])
      await expect(rebuild(database.pool, store, new Sightings(), options)).rejects.toMatchObject({
        code: 'feed_behind',
      });
    expect(await rows()).toEqual([
      { thing: 'heron', times: 5 },
      { thing: 'otter', times: 1 },
    ]);
    store.lag = 0;
    const rebuilt = await rebuild(database.pool, store, new Sightings());
    expect(rebuilt.tables).toEqual([{ table: 'sighting', rows: 2, differing: null }]);
  });

  test('one that catches up from a store that does not show everything skips nothing, and goes on when it does', async () => {
    const sightings = new Sightings();
    sightings.broken = true;
    const failed: string[] = [];
    const runner = run([sightings, new Names()], (name) => failed.push(name));
    await see('heron');
    while (failed.length < 1) await new Promise((resolve) => setImmediate(resolve));
    sightings.broken = false;
    store.lag = 1;
    const before = failed.length;
    const until = Date.now() + 10_000;
    while (failed.length < before + 2 && Date.now() < until)
      await new Promise((resolve) => setImmediate(resolve));
    expect(failed.length).toBeGreaterThanOrEqual(before + 2);
    expect(await rows()).toEqual([]);
    store.lag = 0;
    await runner.caughtUp();
    expect(await rows()).toEqual([{ thing: 'heron', times: 1 }]);
  });
});
