import type pg from 'pg';

/**
 * Exists in a database from the first step of a restore to the last, so that a half restored one is
 * not taken for a ledger.
 */
export const underWayTable = 'restore_under_way';

/** A table that a backup keeps. */
export interface KeptTable {
  /** With its schema. */
  readonly name: string;
  /** Name and type of each, in their order. */
  readonly columns: readonly string[];
  /** On disk, without indexes: the approximate amount to copy. */
  readonly size: number;
}

/**
 * Every table of the product except those left out, so that a table of a new release is in its
 * backups by default. Unlogged tables are not, since a crash may empty them; nor the shadows of a
 * read model that is being rebuilt.
 * @param leftOut names with their schema
 */
export async function keptTables(
  client: pg.ClientBase,
  leftOut: readonly string[],
): Promise<readonly KeptTable[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; size: string }>(
    `SELECT n.nspname || '.' || c.relname AS name, pg_table_size(c.oid) AS size,
            array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relpersistence = 'p'
       AND n.nspname !~ '^(pg_|rebuild_|information_schema$)'
       AND n.nspname || '.' || c.relname <> ALL ($1)
     GROUP BY c.oid, n.nspname, c.relname ORDER BY 1`,
    [leftOut],
  );
  return rows.map(({ name, columns, size }) => ({
    name,
    columns: columns.map(String),
    size: Number(size),
  }));
}

/** A table's name as a statement takes it. */
export const quotedTable = (name: string): string =>
  name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');

/** The columns as COPY takes them. */
export const quotedColumns = (columns: readonly string[]): string =>
  columns
    .map((column) => `"${column.slice(0, column.indexOf(' ')).replaceAll('"', '""')}"`)
    .join(', ');
