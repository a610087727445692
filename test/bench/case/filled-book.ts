import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { StoredRecord } from '#libs/event-store';
import { PostgresEventStore } from '#libs/event-store/postgres';
import type { JsonObject } from '#libs/kernel';
import { eventCity } from './side.js';

/** Records in one append. */
const atOnce = 300;

/** The books of the ledger, by their streams' names, and how many records each has. */
export async function booksIn(url: string): Promise<ReadonlyMap<string, number>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ stream: string; records: number }>(
      `SELECT stream, count(*)::integer AS records FROM log_record
       WHERE stream LIKE 'book-%' GROUP BY stream`,
    );
    return new Map(rows.map(({ stream, records }) => [stream, records]));
  } finally {
    await client.end();
  }
}

/**
 * Fills a book that has one whole case with copies of it, under ids of their own, up to `size`
 * records, while no program runs on the store. The copies' signatures fit nothing, which only an
 * audit reads.
 */
export async function fillBook(url: string, stream: string, size: number): Promise<void> {
  const store = await PostgresEventStore.open({ city: eventCity, connectionString: url });
  try {
    const model = await store.readStream(stream);
    let version = model.length - 1;
    while (version + 1 < size) {
      const events = [];
      while (events.length < atOnce && version + 1 + events.length < size)
        events.push(...copyOf(model));
      await store.append(stream, version, events);
      version += events.length;
    }
  } finally {
    await store.close();
  }
}

const newId = () => randomBytes(16).toString('base64url');

function copyOf(model: readonly StoredRecord[]) {
  const [first] = model;
  const { consent, case: atCase } = (first?.body.data ?? {}) as { consent: string; case: string };
  const [otherConsent, otherCase] = [newId(), newId()];
  return model.map(({ body: { type, schema, time, actor, data } }) => ({
    id: randomBytes(16).toString('hex'),
    type,
    schema,
    time,
    actor,
    data: JSON.parse(
      JSON.stringify(data).replaceAll(consent, otherConsent).replaceAll(atCase, otherCase),
    ) as JsonObject,
  }));
}
