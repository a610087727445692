import { access } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { findRunning, startDatabase } from '#libs/embedded-postgres';
import { ledgerOf, mustBeLedger } from '#libs/event-store/postgres';
import { AbsentError } from '#libs/kernel';
import { checkDatabase, mustBeKnownFormat, Settings } from '#libs/platform';

/** The settings name a place where no ledger is. Nothing was made there. */
export class LedgerAbsent extends AbsentError<'ledger_absent'> {}

/** The database of a city, for commands that read it directly. */
export interface Ledger {
  readonly settings: Settings;
  readonly pool: pg.Pool;
}

/**
 * Runs `work` on the database that the city of these settings uses: the server of DATABASE_URL, the
 * embedded one as the running city has it, or, while no city runs, one started for this. Makes
 * none: only a city and `restore` do.
 * @throws LedgerAbsent where there is none; DatabaseRefused where it cannot be worked on;
 * StoreNotOfDatabase where its records are not where the settings say
 */
export async function withLedger<Result>(
  work: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  const settings = Settings.from();
  const dataDir = join(settings.dataDir, 'postgres');
  const running = settings.databaseUrl ?? (await findRunning(dataDir));
  if (running === undefined) await mustBeThere(dataDir);
  if (settings.databaseUrl !== undefined)
    await checkDatabase(settings.databaseUrl, { changes: false });
  const own = running === undefined ? await startDatabase({ dataDir }) : undefined;
  const pool = new pg.Pool({
    connectionString: running ?? own?.url,
    application_name: 'mianzheng cli',
  });
  pool.on('error', () => undefined); // the statement that needed the connection fails and says so
  try {
    await mustHoldLedger(pool);
    await mustBeLedger(pool, ledgerOf(settings));
    return await work({ settings, pool });
  } finally {
    await pool.end();
    await own?.stop();
  }
}

async function mustBeThere(dataDir: string): Promise<void> {
  try {
    await access(join(dataDir, 'PG_VERSION'));
  } catch (cause) {
    throw absent(`there is no database in ${dataDir}`, { cause });
  }
}

/** The table of records is there also where the records are in a store of their own. */
async function mustHoldLedger(pool: pg.Pool): Promise<void> {
  await mustBeKnownFormat(pool);
  const { rows } = await pool.query<{ table: string | null }>(
    `SELECT to_regclass('public.log_record')::text AS table`,
  );
  if (rows[0]?.table == null) throw absent('the database holds no ledger');
}

const absent = (message: string, options: ErrorOptions = {}) =>
  new LedgerAbsent(
    'ledger_absent',
    message,
    {},
    { ...options, hint: 'DATA_DIR or DATABASE_URL names the city that is meant.' },
  );
