import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { BackupTable } from '../manifest.js';
import { RestoreFailed, RestoreRefused } from '../backup.errors.js';
import type { CheckedBackup } from './folder.js';
import { keptTables, quotedColumns, quotedTable, underWayTable } from './tables.js';

/**
 * Refuses a database that is not empty, and marks it. The rest of an interrupted restore is
 * deleted.
 * @throws RestoreRefused
 */
export async function beginRestore(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const others = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
       AND application_name LIKE 'mianzheng%' AND pid <> pg_backend_pid()`,
    );
    if (others.rowCount !== 0)
      throw new RestoreRefused(
        'city_running',
        'a program of a city works on this database',
        {},
        { hint: 'Stop every process of the city, or name another database.' },
      );
    const found = await client.query<{ name: string; kind: string }>(
      `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^(pg_|information_schema$)'`,
    );
    const names = found.rows.map(({ name }) => name);
    if (names.includes(`public.${underWayTable}`)) await clear(client);
    else if (names.length > 0)
      throw new RestoreRefused(
        'database_not_empty',
        'the database is not empty',
        { tables: names.length },
        {
          hint: 'A backup is restored into an empty database: name another one, or move the old data away first (embedded: rename the folder `postgres` of the data directory).',
        },
      );
    await client.query(`CREATE TABLE ${underWayTable} (since timestamptz NOT NULL DEFAULT now())`);
  });
}

/** Everything except the mark, which survives an interruption here, too. */
async function clear(client: pg.Client): Promise<void> {
  await client.query('BEGIN');
  const { rows } = await client.query<{ schema: string }>(
    `SELECT nspname AS schema FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|public$)'`,
  );
  for (const { schema } of rows)
    await client.query(`DROP SCHEMA "${schema.replaceAll('"', '""')}" CASCADE`);
  const tables = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  for (const { name } of tables.rows)
    await client.query(`DROP TABLE IF EXISTS ${quotedTable(`public.${name}`)} CASCADE`);
  await client.query('COMMIT');
}

/** The ledger is complete from here on. */
export async function endRestore(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`DROP TABLE ${underWayTable}`);
  });
}

/**
 * Loads a backup's files into tables that its own migrations made, in one transaction. Writers and
 * sealers of the epochs in the backup, wherever they still run, are fenced off from the loaded
 * tables.
 * @param afterwards statements of the same transaction
 * @throws RestoreFailed
 */
export async function loadBackup(
  url: string,
  { folder, manifest }: CheckedBackup,
  leftOut: readonly string[],
  afterwards: readonly string[],
  onProgress: (bytes: number, of: number) => void = () => undefined,
): Promise<void> {
  const total = manifest.tables.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  await withClient(url, async (client) => {
    await client.query('BEGIN');
    mustMatch(manifest.tables, await keptTables(client, [...leftOut, `public.${underWayTable}`]));
    // Migrations put first rows into some of them.
    await client.query(
      `TRUNCATE ${manifest.tables.map(({ name }) => quotedTable(name)).join(', ')}`,
    );
    for (const table of manifest.tables) {
      // Verified again: a file may have been changed since the check.
      const digest = createHash('sha256');
      const counted = new Transform({
        highWaterMark: 1024 * 1024,
        transform(chunk: Buffer, _encoding, pass) {
          digest.update(chunk);
          onProgress((done += chunk.length), total);
          pass(null, chunk);
        },
      });
      const into = client.query(
        copyFrom(
          `COPY ${quotedTable(table.name)} (${quotedColumns(table.columns)}) FROM STDIN (FORMAT binary)`,
        ),
      );
      await pipeline(
        createReadStream(join(folder, table.file), { highWaterMark: 1024 * 1024 }),
        counted,
        into,
      );
      if (into.rowCount !== table.rows)
        throw new RestoreFailed('rows_missing', `${table.name} did not take every row`, {
          table: table.name,
          rows: into.rowCount,
          expected: table.rows,
        });
      if (digest.digest('hex') !== table.sha256)
        throw new RestoreFailed(
          'file_changed',
          `${table.file} was changed while the backup was being restored`,
          { file: table.file },
          { hint: 'Nothing was loaded. Run the same command again, or take another backup.' },
        );
    }
    for (const statement of afterwards) await client.query(statement);
    await client.query('COMMIT');
    await client.query('ANALYZE');
  });
}

function mustMatch(
  tables: readonly BackupTable[],
  made: readonly { readonly name: string; readonly columns: readonly string[] }[],
): void {
  const text = (all: readonly { readonly name: string; readonly columns: readonly string[] }[]) =>
    new Map(all.map(({ name, columns }) => [name, columns.join(', ')]));
  const [kept, there] = [text(tables), text(made)];
  const differing = [...new Set([...kept.keys(), ...there.keys()])].filter(
    (name) => kept.get(name) !== there.get(name),
  );
  if (differing.length > 0)
    throw new RestoreFailed(
      'tables_differ',
      `the tables that this program makes are not those of the backup: ${differing.join(', ')}`,
      { tables: differing },
      { hint: 'Restore it with the release that wrote it.' },
    );
}

async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'mianzheng restore',
    keepAlive: true,
  });
  client.on('error', () => undefined); // the statement that needs the connection fails with it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined); // a transaction that was not committed goes with it
  }
}
