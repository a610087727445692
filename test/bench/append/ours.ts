import pg from 'pg';
import { createEventStore, PostgresEventStore } from '#libs/event-store/postgres';
import {
  eventActor,
  eventCity,
  eventData,
  eventTime,
  eventType,
  nextId,
  type Side,
} from './side.js';

/** The product's event store: canonical JSON, chain and hashes included. */
export async function ours(url: string): Promise<Side> {
  const pool = new pg.Pool({ connectionString: url });
  await createEventStore(pool);
  const store = await PostgresEventStore.open({ city: eventCity, pool });
  return {
    name: 'ours',
    append: (stream, version) =>
      store.append(stream, version - 1, [
        {
          id: nextId(),
          type: eventType,
          schema: 1,
          time: eventTime,
          actor: eventActor,
          data: eventData,
        },
      ]),
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}
