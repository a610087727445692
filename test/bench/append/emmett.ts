import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import {
  connections,
  eventActor,
  eventCity,
  eventData,
  eventTime,
  eventType,
  nextId,
  type Side,
} from './side.js';

/** emmett's event store on PostgreSQL, as its documentation uses it, with a pool of its own. */
export async function emmett(url: string): Promise<Side> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } });
  await store.schema.migrate();
  return {
    name: 'emmett',
    append: (stream, version) =>
      store.appendToStream(
        stream,
        [
          {
            type: eventType,
            data: eventData,
            metadata: { id: nextId(), city: eventCity, time: eventTime, actor: eventActor, prev },
          },
        ],
        { expectedStreamVersion: version === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(version) },
      ),
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}

/** It keeps no chain; the bytes of a link are there so that rows are of one size. */
const prev = '0'.repeat(64);
