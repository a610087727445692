import { availableParallelism } from 'node:os';
import { leftOutOfBackups, projectionClasses, schema } from '#composition/schema';
import { checkLedger, type LedgerReport } from '#libs/audit/ledger-check';
import { BackupUnusable, RestoreFailed } from '#libs/backup';
import { beginRestore, type CheckedBackup, endRestore, loadBackup } from '#libs/backup/postgres';
import { fenceWriters, PostgresEventStore } from '#libs/event-store/postgres';
import type { Projection } from '#libs/feed';
import { ProjectionRunner } from '#libs/feed/runner';
import { type Database, type Log, migrationNames, openDatabase, unexpected } from '#libs/platform';
import { PostgresLogStorage, sealingAfterRestore } from '#libs/sealing/sealing.module';
import type { Policy } from '#libs/verify';

export interface RestoreOptions {
  /** Of an empty database, which the user owns. */
  readonly url: string;
  readonly city: string;
  /**
   * Of the store of their own that the records of this city are in; null where they are in the
   * database.
   */
  readonly eventStoreUrl: string | null;
  /** Under which the ledger is checked at the end. */
  readonly policy: Policy;
  readonly log: Log;
  readonly threads?: number;
  readonly onProgress?: (
    phase: 'loading' | 'records' | 'signatures',
    done: number,
    of: number,
  ) => void;
}

/**
 * Refuses a backup that is not of this city, or of a release that this program does not know.
 * @throws BackupUnusable
 */
export function mustFit(
  { manifest }: CheckedBackup,
  { city, apart }: { readonly city: string; readonly apart: boolean },
): void {
  if (manifest.city !== city)
    throw new BackupUnusable(
      'backup_of_other_city',
      `this is a backup of ${manifest.city}, and the settings name ${city}`,
      { city: manifest.city },
      { hint: 'Set CITY to the city of the backup, if that is the one that is meant.' },
    );
  if ((manifest.records === 'elsewhere') !== apart)
    throw new BackupUnusable(
      'backup_of_other_store',
      apart
        ? 'this backup holds its records, and EVENT_STORE_URL names another place for them'
        : 'this backup does not hold its records: they are in an event store of their own',
      {},
      {
        hint: apart
          ? 'Restore it without EVENT_STORE_URL.'
          : 'Restore the event store by its own tools, and set EVENT_STORE_URL.',
      },
    );
  const known = new Set(migrationNames(schema));
  const unknown = manifest.migrations.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new BackupUnusable(
      'backup_newer',
      `the backup was written by ${manifest.product}, which has tables that this program does not know`,
      { product: manifest.product, migrations: unknown },
      { hint: 'Restore it with the release that wrote it, or a later one.' },
    );
}

/**
 * Makes a ledger of a backup in an empty database (tables, rows, migrations, read models), and
 * checks all of it. Until the end the database is marked as unfinished, so that no program works on
 * it; then nothing new is taken until a sealer has compared it with its witnesses.
 * @returns what the check found: of the records in the event store, where they are there
 * @throws RestoreRefused, RestoreFailed, BackupUnusable, MigrationFailed; and what opening the
 * event store throws
 */
export async function restoreCity(
  backup: CheckedBackup,
  options: RestoreOptions,
): Promise<LedgerReport> {
  const { url, city, eventStoreUrl, log } = options;
  const apart = eventStoreUrl !== null;
  mustFit(backup, { city, apart });
  await beginRestore(url);
  await inDatabase(options, asIn(backup), () =>
    loadBackup(
      url,
      backup,
      leftOutOfBackups(apart),
      apart ? sealingAfterRestore : [...sealingAfterRestore, fenceWriters],
      (done, of) => options.onProgress?.('loading', done, of),
    ),
  );
  const report = await inDatabase(options, schema, async (database) => {
    const store =
      eventStoreUrl === null ? null : await storeElsewhere(city, eventStoreUrl, database);
    const checked = await checkLedger(database.pool, url, {
      city,
      policy: options.policy,
      threads: options.threads ?? availableParallelism(),
      onProgress: (phase, done, of) => options.onProgress?.(phase, done, of),
      ...(store !== null && { store }),
    }).finally(() => store?.close());
    // It may be the only copy, so it can be read; nothing is added to it before an operator has
    // checked.
    if (checked.findings.length > 0)
      await new PostgresLogStorage(database.pool).refuse('store_changed', null);
    // Read models are made of whole records only; those of a ledger that does not hold, or that is
    // elsewhere, are left to the city.
    else if (!apart) await fold(database, options, log);
    return checked;
  });
  await endRestore(url);
  return report;
}

/** Loaded where it is needed: its client is large. */
async function storeElsewhere(city: string, eventStoreUrl: string, { pool }: Database) {
  const { openEventStore } = await import('#composition/event-store');
  return openEventStore({ city, eventStoreUrl }, pool);
}

/** The tables as the backup's own release made them. */
const asIn = ({ manifest }: CheckedBackup) => ({
  ...schema,
  migrations: schema.migrations.filter((_, n) =>
    manifest.migrations.includes(migrationNames(schema)[n] ?? ''),
  ),
});

async function inDatabase<Result>(
  { url, log }: RestoreOptions,
  tables: typeof schema,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(url, tables, log, { unfinished: true });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** The read models, from the first record on. */
async function fold({ pool }: Database, { url, city }: RestoreOptions, log: Log): Promise<void> {
  const store = await PostgresEventStore.open({ city, pool });
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined); // it may come after the race is over
  const runner = new ProjectionRunner(
    pool,
    store,
    projectionClasses.map((Class): Projection => new Class()),
    {
      folded: () => undefined,
      wroteAtOnce: () => undefined,
      failed: (projection, error) => {
        failure.reject(
          new RestoreFailed(
            'read_models_failed',
            'a read model cannot be made of the records',
            { projection },
            { cause: error },
          ),
        );
      },
      interrupted: (error) => {
        log.warn(unexpected(error), 'projections_interrupted');
      },
    },
    url,
  );
  try {
    await runner.start();
    await Promise.race([runner.caughtUp(), failure.promise]);
  } finally {
    await runner.stop();
    await store.close();
  }
}
