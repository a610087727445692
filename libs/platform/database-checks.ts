import pg from 'pg';
import { UnavailableError } from '#libs/kernel';

/** The database is unreachable, or not one that this program may use. Nothing was changed in it. */
export class DatabaseRefused extends UnavailableError<
  | 'database_unreachable' // no answer at the address, or not in time
  | 'database_login_refused' // user or password
  | 'database_missing' // the server has none of that name
  | 'database_not_owned' // its user may not make tables and schemas in it
  | 'database_read_only' // a standby, or set so
  | 'database_version_unsupported'
  | 'database_encoding_wrong' // anything other than UTF-8
  | 'database_too_old' // made before tables had the form that this release needs
  | 'schema_newer' // a later release made tables in it
  | 'restore_unfinished' // a backup is being loaded into it, or loading it was interrupted
> {}

/**
 * The version of all tables together, stored in a database when its tables are made. It is raised
 * by a release that cannot migrate an older form.
 */
export const databaseFormat = 4;

/**
 * Major versions of PostgreSQL that this release is tested with: Debian's, and the embedded one.
 */
export const supportedPostgres = { least: 15, most: 18 } as const;

const connectMs = 10_000;

export interface Using {
  /** Whether it will be written: a standby may be read. */
  readonly changes: boolean;
}
const usual: Using = { changes: true };

/**
 * Connects, and checks that the server and the database can be used, before anything is created in
 * them.
 * @returns the connection, for further use
 * @throws DatabaseRefused
 */
export async function connectTo(url: string, { changes }: Using = usual): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'mianzheng',
    connectionTimeoutMillis: connectMs,
  });
  client.on('error', () => undefined); // the statement that needs the connection fails with it
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw notConnected(url, error);
  }
  try {
    await mustBeUsable(client, changes);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Checks that a server is reachable and can be used; creates nothing. @throws DatabaseRefused */
export async function checkDatabase(url: string, using: Using = usual): Promise<void> {
  const client = await connectTo(url, using);
  try {
    await mustBeKnownFormat(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Without user and password, which must not be logged. */
function whereOf(url: string): { server: string; database: string; user: string } {
  const { hostname, port, pathname, username } = new URL(url);
  return {
    server: `${hostname === '' ? 'localhost' : hostname}:${port === '' ? '5432' : port}`,
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
  };
}

function notConnected(url: string, cause: unknown): DatabaseRefused {
  const { server, database, user } = whereOf(url);
  const state = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  switch (state) {
    case '28P01':
    case '28000':
      return new DatabaseRefused(
        'database_login_refused',
        `PostgreSQL at ${server} does not let the user ${user} in`,
        { server },
        { cause, hint: 'Mend user and password in DATABASE_URL, or pg_hba.conf on the server.' },
      );
    case '3D000':
      return new DatabaseRefused(
        'database_missing',
        `PostgreSQL at ${server} has no database ${database}`,
        { server, database },
        { cause, hint: `Make it there: CREATE DATABASE "${database}" OWNER "${user}";` },
      );
    case '57P03':
      return unreachable('is starting or stopping', 'Start this program again when it runs.');
    case '53300':
      return unreachable(
        'has no connection left',
        'Raise max_connections there, or end what holds them.',
      );
    default:
      return unreachable(
        'does not answer',
        'Is it running, and do host and port of DATABASE_URL lead to it from this machine (firewall, listen_addresses, sslmode)?',
      );
  }

  function unreachable(what: string, hint: string) {
    return new DatabaseRefused(
      'database_unreachable',
      `PostgreSQL at ${server} ${what}${state === '' ? '' : ` (${state})`}`,
      { server },
      { cause, hint },
    );
  }
}

async function mustBeUsable(client: pg.Client, changes: boolean): Promise<void> {
  const { rows } = await client.query<{
    version: string;
    encoding: string;
    database: string;
    user: string;
    owner: string;
    owns: boolean;
    locked: boolean;
  }>(
    `SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding,
       datname AS database, current_user AS user, pg_get_userbyid(datdba) AS owner,
       pg_has_role(datdba, 'USAGE') AND has_schema_privilege('public', 'CREATE') AS owns,
       pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool AS locked
     FROM pg_database WHERE datname = current_database()`,
  );
  const [found] = rows;
  if (found === undefined) return;
  const { least, most } = supportedPostgres;
  const major = Math.floor(Number(found.version) / 10_000);
  if (major < least || major > most)
    throw new DatabaseRefused(
      'database_version_unsupported',
      `the server is PostgreSQL ${major}, and this release works with ${least} to ${most}`,
      { major, least, most },
      { hint: 'Name another server in DATABASE_URL, or bring this one to a version in between.' },
    );
  if (found.encoding !== 'UTF8')
    throw new DatabaseRefused(
      'database_encoding_wrong',
      `the database ${found.database} has the encoding ${found.encoding}, and must have UTF8`,
      { encoding: found.encoding },
      {
        hint: `Make another: CREATE DATABASE "${found.database}" OWNER "${found.user}" ENCODING 'UTF8' TEMPLATE template0;`,
      },
    );
  if (!changes) return;
  if (found.locked)
    throw new DatabaseRefused(
      'database_read_only',
      `the database ${found.database} takes no changes: the server is a standby, or set so`,
      {},
      { hint: 'Name the primary in DATABASE_URL, or promote this server.' },
    );
  if (!found.owns)
    throw new DatabaseRefused(
      'database_not_owned',
      `the user ${found.user} may not make tables in the database ${found.database}, which belongs to ${found.owner}`,
      { user: found.user, owner: found.owner },
      { hint: `As ${found.owner}: ALTER DATABASE "${found.database}" OWNER TO "${found.user}";` },
    );
}

/** What queries run on: a client or a pool. */
type Asking = Pick<pg.Pool, 'query'> | Pick<pg.Client, 'query'>;

/**
 * Refuses tables of another form than this release's.
 * @returns whether the product's tables exist
 * @throws DatabaseRefused `database_too_old`, `schema_newer`
 */
export async function mustBeKnownFormat(client: Asking): Promise<boolean> {
  const { rows } = await client.query<{ made: boolean; numbered: boolean }>(
    `SELECT to_regclass('public.migrations') IS NOT NULL AS made,
       to_regclass('public.schema_format') IS NOT NULL AS numbered`,
  );
  const { made = false, numbered = false } = rows[0] ?? {};
  if (!numbered) {
    if (made) throw tooOld(1);
    return false;
  }
  const kept = await client.query<{ format: number }>('SELECT format FROM public.schema_format');
  const format = kept.rows[0]?.format ?? 1;
  if (format < databaseFormat) throw tooOld(format);
  if (format > databaseFormat)
    throw new DatabaseRefused(
      'schema_newer',
      `the tables of this database have format ${format}, and this release works on ${databaseFormat}`,
      { format },
      { hint: 'Start the release that made them, or a later one.' },
    );
  return true;
}

const tooOld = (format: number) =>
  new DatabaseRefused(
    'database_too_old',
    `the tables of this database have format ${format}, and this release works on ${databaseFormat} alone`,
    { format, needed: databaseFormat },
    {
      hint: 'No release turns one into the other. Keep the old database with the release that made it, and start this one on an empty database: another DATABASE_URL, or another DATA_DIR.',
    },
  );

/** Stores the format in a database without tables of the product. */
export async function noteFormat(client: Asking): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS public.schema_format AS SELECT ${databaseFormat}::integer AS format`,
  );
}

/** @throws DatabaseRefused `restore_unfinished` */
export async function mustBeWhole(client: Asking): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('public.restore_under_way') IS NOT NULL AS found`,
  );
  if (rows[0]?.found === true)
    throw new DatabaseRefused(
      'restore_unfinished',
      'a backup was being restored into this database, and that was not finished',
      {},
      { hint: 'Run the same `mianzheng restore` again: it begins anew.' },
    );
}

/**
 * A program must not use tables that a later release changed, because it does not know their
 * meaning. @throws DatabaseRefused
 */
export async function mustBeKnown(client: Asking, known: readonly string[]): Promise<void> {
  const there = await client.query<{ found: boolean }>(
    `SELECT to_regclass('public.migrations') IS NOT NULL AS found`,
  );
  if (there.rows[0]?.found !== true) return;
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM public.migrations WHERE name <> ALL ($1) ORDER BY id',
    [known],
  );
  if (rows.length === 0) return;
  throw new DatabaseRefused(
    'schema_newer',
    'a later release has changed the tables of this database',
    { migrations: rows.map(({ name }) => name) },
    {
      hint: 'Start that release, or a later one. To go back for good, restore a backup of before the upgrade.',
    },
  );
}
