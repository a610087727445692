import { join } from 'node:path';
import pg from 'pg';
import { Settings } from '#libs/platform';
import { findRunning, startDatabase } from '#libs/platform/embedded-postgres';

/** The database of a city, for commands that read it directly. */
export interface Ledger {
  readonly settings: Settings;
  readonly pool: pg.Pool;
}

/**
 * Runs `work` on the database that the city of these settings uses: the server of DATABASE_URL, the embedded one as the running city has
 * it, or, while no city runs, one started for this.
 */
export async function withLedger<Result>(
  work: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  const settings = Settings.from();
  const dataDir = join(settings.dataDir, 'postgres');
  const running = settings.databaseUrl ?? (await findRunning(dataDir));
  const own = running === undefined ? await startDatabase({ dataDir }) : undefined;
  const pool = new pg.Pool({
    connectionString: running ?? own?.url,
    application_name: 'mianzheng cli',
  });
  pool.on('error', () => undefined); // the statement that needed the connection fails and says so
  try {
    return await work({ settings, pool });
  } finally {
    await pool.end();
    await own?.stop();
  }
}
