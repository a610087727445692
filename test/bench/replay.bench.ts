import type { Event, ReadEvent } from '@event-driven-io/emmett';
import {
  getPostgreSQLEventStore,
  type PostgresReadEventMetadata,
  pongoMultiStreamProjection,
  rebuildPostgreSQLProjections,
} from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { consentMigrations } from '#libs/consent/consent.module';
import { createEventStore, PostgresEventStore } from '#libs/event-store/postgres';
import { feedMigrations, rebuild } from '#libs/feed/runner';
import type { JsonObject } from '#libs/kernel';
import { leaseMigrations } from '#libs/lease/postgres';
import { ConsentPlacesProjection } from '../../libs/consent/consent-places.projection.js';
import { eventActor, eventTime, nextId } from './append/side.js';
import { type Bench, type BenchContext, median, type Row } from './bench.js';

const records = 100_000;
/** It is some hundred times slower. */
const recordsOfPongo = 3000;
const streams = 1000;
const rounds = 3;
const eventCity = 'ledger.city.example';
const eventType = 'ConsentRequested';

/**
 * The replay of one read model, a row for each consent: ours from the feed with every record hashed
 * (`rebuild`, as `mianzheng replay` does it); emmett's rebuild of a Pongo projection, with a batch
 * of thousands; and pure SQL, one INSERT … SELECT out of the JSON of our records. Goals: 200 times
 * Pongo, 0.4 times SQL.
 */
export const bench: Bench = {
  name: 'replay',
  async run(context) {
    const url = await context.database();
    const pool = new pg.Pool({ connectionString: url });
    const own: number[] = [];
    const sql: number[] = [];
    try {
      await fillOurs(url, pool);
      for (let round = 0; round < rounds; round++) {
        own.push(await replayed(url, pool));
        sql.push(await selected(pool));
      }
    } finally {
      await pool.end();
    }
    const pongo = await pongoPerSecond(context);
    const rate = median(own);
    const row = (side: string, perSecond: number, figures?: Row['figures']): Row => ({
      test: 'replay',
      side,
      callers: 1,
      perSecond,
      p50Ms: null,
      p99Ms: null,
      ...(figures !== undefined && { figures }),
    });
    return [
      row('ours', rate, {
        'times Pongo': rate / pongo,
        'goal of Pongo': 200,
        'times SQL': rate / median(sql),
        'goal of SQL': 0.4,
      }),
      row('Pongo', pongo),
      row('SQL', median(sql)),
    ];
  },
};

const consentOf = (stream: number, version: number) => `consent-${stream}-${version}`;

/** A request of about the size that a real one has. */
const dataOf = (stream: number, version: number): JsonObject => ({
  consent: consentOf(stream, version),
  case: `case-${stream}-${version}`,
  matter: 'SX0047',
  role: 'applicant',
  window: 'bench-1',
  department: '人社',
  terminal: 'k3uYfR1mW0xv8n2QpZ5tLA',
  purpose: 'social-insurance-registration',
  fields: ['name', 'validUntil'],
  answerBy: eventTime,
});

async function fillOurs(url: string, pool: pg.Pool): Promise<void> {
  await createEventStore(pool);
  const source = new DataSource({
    type: 'postgres',
    url,
    migrations: [...leaseMigrations, ...feedMigrations, ...consentMigrations],
  });
  await source.initialize();
  await source.runMigrations();
  await source.destroy();
  const store = await PostgresEventStore.open({ city: eventCity, pool });
  await Promise.all(
    Array.from({ length: streams }, (_, stream) =>
      store.append(
        `book-${stream}`,
        -1,
        Array.from({ length: records / streams }, (_none, version) => ({
          id: nextId(),
          type: eventType,
          schema: 1,
          time: eventTime,
          actor: eventActor,
          data: dataOf(stream, version),
        })),
      ),
    ),
  );
  // Replayed up to where the live read model is, which is folded to the end.
  await pool.query('INSERT INTO projection_checkpoint VALUES ($1, $2)', [
    new ConsentPlacesProjection().name,
    records,
  ]);
  await store.close();
  await pool.query('VACUUM ANALYZE log_record');
}

async function replayed(url: string, pool: pg.Pool): Promise<number> {
  const store = await PostgresEventStore.open({ city: eventCity, connectionString: url });
  try {
    const start = performance.now();
    const { tables } = await rebuild(pool, store, new ConsentPlacesProjection());
    const seconds = (performance.now() - start) / 1000;
    if (tables[0]?.rows !== records) throw new RangeError('the replay has another number of rows');
    return records / seconds;
  } finally {
    await store.close();
  }
}

/** Into a table of the same shape and indexes, in the same order, in one transaction. */
async function selected(pool: pg.Pool): Promise<number> {
  await pool.query('DROP TABLE IF EXISTS consent_place_by_sql');
  const start = performance.now();
  await pool.query(`
    BEGIN;
    CREATE TABLE consent_place_by_sql (LIKE consent_place INCLUDING ALL);
    INSERT INTO consent_place_by_sql (consent, version, case_id)
      SELECT body->'data'->>'consent', (body->>'version')::int, body->'data'->>'case'
      FROM (SELECT position, convert_from(bytes, 'utf8')::jsonb AS body FROM log_record) r
      WHERE body->>'type' = '${eventType}' ORDER BY position;
    COMMIT`);
  return records / ((performance.now() - start) / 1000);
}

// Pongo wants an index signature, which an interface has not.
type Place = { readonly version: number; readonly case: string };

type Requested = Event<typeof eventType, { readonly consent: string; readonly case: string }>;
type Read = ReadEvent<Requested, PostgresReadEventMetadata>;

const places = pongoMultiStreamProjection<Place, Requested>({
  collectionName: 'consent_places',
  canHandle: [eventType],
  getDocumentId: ({ data }) => data.consent,
  evolve: (_place: Place | null, { data, metadata }: Read) => ({
    version: Number(metadata.streamPosition),
    case: data.case,
  }),
});

async function pongoPerSecond({ database }: BenchContext): Promise<number> {
  const url = await database();
  const pool = new pg.Pool({ connectionString: url });
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } });
  await store.schema.migrate();
  const each = recordsOfPongo / 30;
  for (let stream = 0; stream < 30; stream++)
    await store.appendToStream(
      `book-${stream}`,
      Array.from({ length: each }, (_, version) => ({
        type: eventType,
        data: dataOf(stream, version),
        metadata: { id: nextId(), city: eventCity, time: eventTime, actor: eventActor },
      })),
    );
  const consumer = rebuildPostgreSQLProjections<Requested>({
    connectionString: url,
    pulling: { batchSize: 1000 },
    projections: [places],
  });
  try {
    const start = performance.now();
    await consumer.start();
    const seconds = (performance.now() - start) / 1000;
    const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM consent_places');
    if (Number(rows[0]?.count) !== recordsOfPongo)
      throw new RangeError(`Pongo has ${rows[0]?.count ?? 'no'} documents`);
    return recordsOfPongo / seconds;
  } finally {
    await consumer.close();
    await store.close();
    await pool.end();
  }
}
