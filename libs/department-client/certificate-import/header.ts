import { readCsvLine } from '#libs/kernel';
import { type Columns, ImportRefused } from './rows.js';

/** What the first line of a CSV says of those behind it. */
export interface Header {
  /** As it stands in the file, without columns of reasons. */
  readonly text: string;
  readonly separator: string;
  readonly columns: readonly string[];
  /** How many of the first columns are reasons of an earlier import. */
  readonly reasons: number;
}

export const requiredColumns = ['type', 'holder_kind', 'holder_number', 'valid_from'] as const;

/**
 * Columns of a certificate itself; all others are fields of its type, files (`file.NAME`), or
 * reasons of an earlier import.
 */
export const ownColumns: ReadonlySet<string> = new Set([
  ...requiredColumns,
  'holder_issuer',
  'role',
  'valid_until',
  'identifier',
  'serial',
  'as_of',
]);

/** What a file of bad lines begins with, and an import passes over. */
export const reasonColumns = ['refused.line', 'refused.code', 'refused.reason'] as const;
const isReason = (name: string) => name.startsWith('refused.');

/** More than any type has fields. */
export const maxCells = 256;

const separators = [',', ';', '\t'] as const;
const others = ['|', '，', '；', '、', ':', '：', ' '];

/** Outer blanks of a cell have no meaning. Other white space is judged with the value. */
export const trimmed = (cell: string): string => cell.replace(/^[ \t]+|[ \t]+$/g, '');

/** @throws ImportRefused, naming every mistake at once */
export async function readHeader(text: string, isField: Columns['isField']): Promise<Header> {
  const read = separators.map((separator) => ({ separator, ...cellsOf(text, separator) }));
  const found = read.reduce((best, next) =>
    requiredIn(next.columns) > requiredIn(best.columns) ? next : best,
  );
  if (requiredIn(found.columns) < requiredColumns.length)
    for (const separator of others)
      if (requiredIn(cellsOf(text, separator).columns) === requiredColumns.length)
        throw new ImportRefused(
          'import_separator_unknown',
          `各列之间是“${separator}”，应为逗号、分号或制表符 / columns are parted by "${separator}"; they are to be parted by a comma, a semicolon or a tab`,
          { separator },
        );
  const { separator, columns, starts } = found;
  await refuseMistakes(columns, isField);
  const first = columns.findIndex((name) => !isReason(name));
  const reasons = Math.max(0, first);
  return { text: text.slice(starts[reasons] ?? 0), separator, columns, reasons };
}

const requiredIn = (columns: readonly string[]): number =>
  requiredColumns.filter((name) => columns.includes(name)).length;

function cellsOf(text: string, separator: string) {
  const line = readCsvLine(text, { separator, maxCells: maxCells });
  return line.state === 'read'
    ? { columns: line.cells.map(trimmed), starts: line.starts }
    : { columns: [], starts: [] };
}

async function refuseMistakes(
  columns: readonly string[],
  isField: Columns['isField'],
): Promise<void> {
  if (columns.length === 0)
    throw new ImportRefused(
      'import_header_malformed',
      `第 1 行不是 CSV 表头（RFC 4180，至多 ${maxCells} 列）/ line 1 is no header of a CSV (RFC 4180, at most ${maxCells} columns)`,
      { line: 1 },
    );
  const missing = requiredColumns.filter((name) => !columns.includes(name));
  if (missing.length > 0)
    // Its cells are not repeated: a file without a header begins with a person.
    throw new ImportRefused(
      'import_column_missing',
      `第 1 行（表头）缺少列 / line 1 (the header) has no column ${missing.join(', ')}`,
      { line: 1, columns: missing },
      { hint: `必须有 / needed: ${requiredColumns.join(', ')}` },
    );
  const mistakes: [ConstructorParameters<typeof ImportRefused>[0], string, string[]][] = [];
  const unnamed = columns.flatMap((name, n) => (name === '' ? [String(n + 1)] : []));
  if (unnamed.length > 0)
    mistakes.push([
      'import_column_unnamed',
      `没有列名的列 / columns without a name: ${unnamed.join(', ')}`,
      unnamed,
    ]);
  const repeated = [
    ...new Set(columns.filter((name, n) => name !== '' && columns.indexOf(name) !== n)),
  ];
  if (repeated.length > 0)
    mistakes.push([
      'import_column_repeated',
      `重复的列 / columns that stand twice: ${repeated.join(', ')}`,
      repeated,
    ]);
  const unknown: string[] = [];
  for (const name of new Set(columns))
    if (name !== '' && !isKnown(name) && !(await isField(name))) unknown.push(name);
  if (unknown.length > 0)
    mistakes.push([
      'import_column_unknown',
      `不认识的列 / columns that no type has: ${unknown.join(', ')}`,
      unknown,
    ]);
  const [first] = mistakes;
  if (first === undefined) return;
  throw new ImportRefused(
    first[0],
    `第 1 行（表头）/ line 1 (the header): ${mistakes.map(([, said]) => said).join('; ')}`,
    { line: 1, columns: mistakes.flatMap(([, , names]) => names) },
    {
      hint: '列名是目录中的字段名，见 / columns are named as fields of the catalogue: GET /v1/types. 其他列请删去 / leave out others.',
    },
  );
}

const isKnown = (name: string): boolean =>
  ownColumns.has(name) || /^file\.[a-z][a-z0-9-]{0,31}$/.test(name) || isReason(name);
