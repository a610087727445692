import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { type RecordedEvent, START } from '#libs/event-store';
import { EventStoreDbEventStore } from '#libs/event-store/eventstoredb';
import { Projection } from '#libs/feed';
import { feedMigrations, ProjectionRunner, rebuild } from '#libs/feed/runner';
import { checkLedger } from '#libs/audit/ledger-check';
import { appendRecords, appendTo, SealedLedger } from '../support/sealed-ledger.js';
import { EventStoreDouble } from './double.js';

/** A read model of the test's own: how many records each stream has. */
class Lengths extends Projection {
  readonly name = 'lengths';
  readonly tables = ['stream_length'];
  readonly folds = { CaseClosed: [] };
  async apply(page: readonly RecordedEvent[], client: PoolClient): Promise<void> {
    await client.query(
      `INSERT INTO stream_length (stream, records)
       SELECT stream, count(*) FROM unnest($1::text[]) AS s (stream) GROUP BY stream
       ON CONFLICT (stream) DO UPDATE SET records = stream_length.records + excluded.records`,
      [page.map(({ stream }) => stream)],
    );
  }
}

/**
 * What stands on an event store, on this one: against the server of EVENT_STORE_URL, or else the
 * double.
 */
describe('a ledger whose records are in EventStoreDB', () => {
  let double: EventStoreDouble | undefined;
  let store: EventStoreDbEventStore;
  let ledger: SealedLedger;
  beforeAll(async () => {
    let url = process.env['EVENT_STORE_URL'];
    url ??= (double = await EventStoreDouble.start()).url;
    const city = `test-${randomBytes(8).toString('hex')}.example`;
    store = await EventStoreDbEventStore.open({ city, url });
    ledger = await SealedLedger.make(1, 'elsewhere', store);
  });
  afterAll(async () => {
    await ledger.close();
    await store.close();
    await double?.stop();
  });

  test('is sealed, witnessed, folded and checked', async () => {
    const sealer = ledger.sealer();
    sealer.start();
    const streams = await appendRecords(store, 600);
    for (const stream of streams.slice(0, 100)) await appendTo(store, stream, 0);
    const checkpoint = await sealer.reached(700, 60_000);
    expect(checkpoint?.size).toBe(700);
    await sealer.stop();

    const { pool, url } = ledger.database;
    const report = await checkLedger(pool, url, {
      city: store.city,
      policy: ledger.policy,
      store,
      threads: 0,
    });
    expect(report).toMatchObject({ records: 700, streams: 600, covered: 700, findings: [] });

    // The same sealer, restarted, continues after what it sealed.
    const again = ledger.sealer();
    again.start();
    await appendRecords(store, 5);
    expect((await again.reached(705, 60_000))?.size).toBe(705);
    await again.stop();
  });

  test('is folded into read models', async () => {
    const { pool, url } = ledger.database;
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      migrations: [...feedMigrations],
    });
    await dataSource.initialize();
    await dataSource.runMigrations();
    await dataSource.destroy();
    await pool.query(
      'CREATE TABLE stream_length (stream text PRIMARY KEY, records bigint NOT NULL)',
    );
    const failed = (_projection: string, error: unknown) => {
      throw error;
    };
    const runner = new ProjectionRunner(
      pool,
      store,
      [new Lengths()],
      {
        folded: () => undefined,
        wroteAtOnce: () => undefined,
        failed,
        interrupted: () => undefined,
      },
      url,
    );
    void runner.start();
    await runner.caughtUp();
    await runner.stop();
    const all = await store.readAll(START, 10_000);
    const { rows } = await pool.query<{ records: number }>(
      'SELECT sum(records)::int AS records FROM stream_length',
    );
    expect(rows).toEqual([{ records: all.length }]);
    const again = await rebuild(pool, store, new Lengths(), { check: true });
    expect(again).toMatchObject({ records: all.length, tables: [{ differing: 0 }] });
  });
});
