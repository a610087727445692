import { type Instant, InvalidError, isObject, parseJson } from '#libs/kernel';
import { BackupUnusable } from './backup.errors.js';

/**
 * The version of the form of a backup, and of the tables in it, that this program writes and reads.
 */
export const backupFormat = 2;

export const manifestFile = 'manifest.json';
/** As `sha256sum -c` reads it: every file of the backup but itself. */
export const sumsFile = 'SHA256SUMS';
/** The log's policy as the city had it: keys of log and witnesses, all of them public. */
export const policyFile = 'log-policy';

/** One table, in one file in PostgreSQL's binary COPY format. */
export interface BackupTable {
  /** With its schema, as `public.log_record`. */
  readonly name: string;
  readonly file: string;
  /** Each with its type, as `position bigint`, in the order of the file. */
  readonly columns: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  /** Hexadecimal, of the file. */
  readonly sha256: string;
}

/**
 * The content of a backup: the state of one moment, `taken`. The manifest has no personal data; the
 * tables have all that the city has.
 */
export interface BackupManifest {
  readonly format: number;
  /** The release that wrote it. */
  readonly product: string;
  readonly city: string;
  readonly taken: Instant;
  /**
   * Where the records are: in the backup's own tables, or in a store that has a backup of its own.
   */
  readonly records: 'here' | 'elsewhere';
  /** Names of the migrations that made the tables. */
  readonly migrations: readonly string[];
  /**
   * How far the log was sealed, and its checkpoint published last. Null where the records are
   * elsewhere.
   */
  readonly log: { readonly size: number; readonly checkpoint: string | null } | null;
  readonly policy: { readonly sha256: string } | null;
  readonly tables: readonly BackupTable[];
}

/** The text of `SHA256SUMS`. @param manifestSha256 hexadecimal */
export function sumsOf(
  { tables, policy }: Pick<BackupManifest, 'tables' | 'policy'>,
  manifestSha256: string,
): string {
  const files = tables.map(({ file, sha256 }) => `${sha256}  ${file}\n`);
  if (policy !== null) files.push(`${policy.sha256}  ${policyFile}\n`);
  return [...files, `${manifestSha256}  ${manifestFile}\n`].join('');
}

class Malformed extends InvalidError<'member_wrong'> {}

/**
 * Reads the text of a manifest.
 * @throws BackupUnusable `backup_malformed`, `backup_newer`, `backup_too_old`
 */
export function parseManifest(text: string): BackupManifest {
  try {
    const value = parseJson(text, 8);
    if (!isObject(value)) throw wrong('manifest');
    const format = number(value['format'], 'format');
    if (format < backupFormat)
      throw new BackupUnusable(
        'backup_too_old',
        `the backup has format ${String(format)}, and this program reads ${String(backupFormat)} alone`,
        { format },
        {
          hint: 'Its tables are of a release that cannot be brought up to date: restore it with that release.',
        },
      );
    if (format > backupFormat)
      throw new BackupUnusable(
        'backup_newer',
        `the backup has format ${String(format)}, and this program reads ${String(backupFormat)}`,
        { format },
        { hint: 'Restore it with the release that wrote it, or a later one.' },
      );
    return {
      format,
      product: string(value['product'], 'product'),
      city: string(value['city'], 'city'),
      taken: string(value['taken'], 'taken'),
      records: value['records'] === 'elsewhere' ? 'elsewhere' : 'here',
      migrations: list(value['migrations'], 'migrations').map((one) => string(one, 'migrations')),
      log: logOf(value['log']),
      policy: policyOf(value['policy']),
      tables: list(value['tables'], 'tables').map(tableOf),
    };
  } catch (cause) {
    if (cause instanceof BackupUnusable) throw cause;
    throw new BackupUnusable(
      'backup_malformed',
      'the manifest of the backup cannot be read',
      {},
      { cause },
    );
  }
}

function logOf(value: unknown): BackupManifest['log'] {
  if (value === null) return null;
  if (!isObject(value)) throw wrong('log');
  const { size, checkpoint } = value;
  return {
    size: number(size, 'size'),
    checkpoint: checkpoint === null ? null : string(checkpoint, 'checkpoint'),
  };
}

function policyOf(value: unknown): BackupManifest['policy'] {
  if (value === null) return null;
  if (!isObject(value)) throw wrong('policy');
  return { sha256: digest(value['sha256']) };
}

function tableOf(value: unknown): BackupTable {
  if (!isObject(value)) throw wrong('tables');
  const name = string(value['name'], 'name');
  const file = string(value['file'], 'file');
  // Both go into statements and paths.
  if (!/^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$/.test(name) || file !== fileOf(name))
    throw wrong('name');
  return {
    name,
    file,
    columns: list(value['columns'], 'columns').map((one) => string(one, 'columns')),
    rows: number(value['rows'], 'rows'),
    bytes: number(value['bytes'], 'bytes'),
    sha256: digest(value['sha256']),
  };
}

/** The file of a table. */
export const fileOf = (table: string): string => `${table}.copy`;

const wrong = (member: string) =>
  new Malformed('member_wrong', `its ${member} is not as it should be`, { member });

function number(value: unknown, member: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(member);
  return value;
}

function string(value: unknown, member: string): string {
  if (typeof value !== 'string') throw wrong(member);
  return value;
}

function digest(value: unknown): string {
  const text = string(value, 'sha256');
  if (!/^[0-9a-f]{64}$/.test(text)) throw wrong('sha256');
  return text;
}

function list(value: unknown, member: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(member);
  return value as readonly unknown[];
}
