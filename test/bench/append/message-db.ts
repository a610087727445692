import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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

/** The files that message-db's install.sh runs, in its order, as far as writing needs them. */
const files = [
  'roles/message-store.sql',
  'schema/message-store.sql',
  'extensions/pgcrypto.sql',
  'tables/messages.sql',
  'types/message.sql',
  ...[
    'message-store-version',
    'hash-64',
    'acquire-lock',
    'category',
    'is-category',
    'id',
    'cardinal-id',
    'stream-version',
    'write-message',
  ].map((name) => `functions/${name}.sql`),
  'indexes/messages-id.sql',
  'indexes/messages-stream.sql',
  'indexes/messages-category.sql',
];

const write = {
  name: 'write_message',
  text: 'SELECT write_message($1::varchar, $2::varchar, $3::varchar, $4::jsonb, $5::jsonb, $6::bigint)',
};

/** message-db: its SQL as it ships, its `write_message` called through a pool of connections. */
export async function messageDb(url: string): Promise<Side> {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('@eventide/message-db/package.json')),
    'database',
  );
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    options: '-c search_path=message_store,public',
  });
  for (const file of files) {
    const sql = await readFile(join(folder, file), 'utf8');
    // CREATE INDEX CONCURRENTLY may not stand with other statements in one message; on an empty
    // table plain is the same.
    await pool.query(sql.replaceAll(/\bCONCURRENTLY\b/gi, ''));
  }
  const data = JSON.stringify(eventData);
  return {
    name: 'message-db',
    append: (stream, version) => {
      const id = nextId();
      const metadata = JSON.stringify({
        city: eventCity,
        time: eventTime,
        actor: eventActor,
        prev,
      });
      const values = [id, stream, eventType, data, metadata, version - 1];
      return pool.query({ ...write, values });
    },
    close: () => pool.end(),
  };
}

/** It keeps no chain; the bytes of a link are there so that rows are of one size. */
const prev = '0'.repeat(64);
