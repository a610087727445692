import type pg from 'pg';
import { projectionClasses } from '../../libs/composition/schema.js';

/** Of each table of the read models: its rows, each as JSON with sorted members, in their order. */
export type ReadModels = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

const tables = projectionClasses.flatMap((Class) => new Class().tables).sort();

/**
 * The rows of the read models. @param of those of an earlier release: only its columns are read,
 * for a later one may have more
 */
export async function readModelsOf(pool: pg.Pool, of?: ReadModels): Promise<ReadModels> {
  const found: Record<string, Record<string, unknown>[]> = {};
  for (const table of of === undefined ? tables : Object.keys(of)) {
    const columns = Object.keys(of?.[table]?.[0] ?? {});
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(
      `SELECT row_to_json(t) AS row FROM (SELECT ${columns.length === 0 ? '*' : columns.map((name) => `"${name}"`).join(', ')} FROM "${table}") t`,
    );
    const texts = rows.map(({ row }) => JSON.stringify(sorted(row)));
    found[table] = texts.sort().map((text) => JSON.parse(text) as Record<string, unknown>);
  }
  return found;
}

const sorted = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
