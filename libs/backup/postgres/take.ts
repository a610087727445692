import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import {
  backupFormat,
  type BackupManifest,
  type BackupTable,
  fileOf,
  policyFile,
} from '../manifest.js';
import { BackupRefused } from '../backup.errors.js';
import { BackupDraft } from './folder.js';
import { keptTables, quotedColumns, quotedTable, underWayTable } from './tables.js';

export interface BackupOptions {
  /** The folder to be made; its parent must be there. */
  readonly target: string;
  readonly product: string;
  readonly city: string;
  /** Tables that can be rebuilt, or mean nothing elsewhere; names with their schema. */
  readonly leftOut: readonly string[];
  readonly records: BackupManifest['records'];
  /** The log's policy as it stands in its file, to be kept beside; null where there is none yet. */
  readonly policy: Uint8Array | null;
  /** The advisory lock of migrations, held meanwhile. */
  readonly migrationLock: number;
  readonly onProgress?: (bytes: number, of: number) => void;
}

export interface TakenBackup {
  readonly manifest: BackupManifest;
  readonly bytes: number;
  /** Of `SHA256SUMS`, which covers every byte of the backup. Hexadecimal. */
  readonly digest: string;
}

/**
 * Copies a ledger's tables, as of one moment, into a folder, while programs continue to use them.
 * Memory does not grow with the ledger, and an interrupted copy leaves no folder of that name.
 * @throws BackupRefused
 */
export async function takeBackup(url: string, options: BackupOptions): Promise<TakenBackup> {
  const draft = await BackupDraft.begin(options.target);
  try {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'mianzheng backup',
      keepAlive: true,
    });
    // the statement that needs the connection fails with it
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await copyAll(client, draft, options);
    } finally {
      await client.end().catch(() => undefined);
    }
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

async function copyAll(
  client: pg.Client,
  draft: BackupDraft,
  options: BackupOptions,
): Promise<TakenBackup> {
  // The tables must be those of the snapshot: migrations are locked out until the tables are locked
  // for reading.
  await client.query('SELECT pg_advisory_lock_shared($1)', [options.migrationLock]);
  await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0');
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const taken = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  await mustBeWhole(client);
  const applied = await migrationsOf(client);
  const tables = await keptTables(client, options.leftOut);
  await client.query(
    `LOCK TABLE ${tables.map(({ name }) => quotedTable(name)).join(', ')} IN ACCESS SHARE MODE`,
  );
  await client.query('SELECT pg_advisory_unlock_shared($1)', [options.migrationLock]);

  const total = tables.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  const copied: BackupTable[] = [];
  for (const { name, columns } of tables) {
    const copy = copyTo(
      `COPY ${quotedTable(name)} (${quotedColumns(columns)}) TO STDOUT (FORMAT binary)`,
      { highWaterMark: 1024 * 1024 },
    );
    const file = fileOf(name);
    const written = await draft.write(file, client.query(copy) as AsyncIterable<Buffer>, (more) => {
      bytes += more;
      options.onProgress?.(bytes, total);
    });
    // The count comes with the command's end, which the driver reads after the data's.
    await client.query('SELECT 1');
    copied.push({ name, file, columns, rows: copy.rowCount, ...written });
  }
  const log = options.records === 'here' ? await logOf(client) : null;
  await client.query('COMMIT');
  const policy =
    options.policy === null ? null : await draft.writeWhole(policyFile, options.policy);
  const manifest: BackupManifest = {
    format: backupFormat,
    product: options.product,
    city: options.city,
    taken: (taken.rows[0]?.now ?? new Date(0)).toISOString(),
    records: options.records,
    migrations: applied,
    log,
    policy,
    tables: copied,
  };
  return { manifest, bytes, digest: await draft.finish(manifest) };
}

/**
 * A half restored ledger must not be backed up, because the backup could replace a complete one.
 */
async function mustBeWhole(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ mark: string | null }>('SELECT to_regclass($1) AS mark', [
    `public.${underWayTable}`,
  ]);
  if (rows[0]?.mark != null)
    throw new BackupRefused(
      'restore_unfinished',
      'a backup was being restored into this database, and that was not finished',
      {},
      { hint: 'Run the same `mianzheng restore` again: it begins anew.' },
    );
}

async function migrationsOf(client: pg.Client): Promise<string[]> {
  const there = await client.query<{ table: string | null }>(
    `SELECT to_regclass('public.migrations')::text AS table`,
  );
  const { rows } =
    there.rows[0]?.table == null
      ? { rows: [] }
      : await client.query<{ name: string }>('SELECT name FROM public.migrations ORDER BY id');
  if (rows.length === 0)
    throw new BackupRefused(
      'ledger_absent',
      'the database holds no ledger',
      {},
      { hint: 'DATA_DIR or DATABASE_URL names the city that is to be backed up.' },
    );
  return rows.map(({ name }) => name);
}

async function logOf(client: pg.Client): Promise<BackupManifest['log']> {
  const { rows } = await client.query<{ size: string; note: Buffer | null }>(
    'SELECT size, note FROM public.log_sealed',
  );
  const [row] = rows;
  return row === undefined
    ? null
    : { size: Number(row.size), checkpoint: row.note?.toString('utf8') ?? null };
}
