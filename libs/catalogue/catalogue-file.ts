import type { MatterDefinition, TypeDefinition } from './catalogue.events.js';
import { CatalogueFileInvalid, LineInvalid, type LineRefusal } from './catalogue.errors.js';
import { readMatter, readRule, readType, type RuleLine } from './lines.js';
import { readTable, type Table } from './table.js';

export interface GoodLine<Value> {
  readonly line: number;
  readonly value: Value;
}

/** A line that was left out: where it stands, of what it spoke if that can be told, and why. */
export interface RefusedLine {
  readonly line: number;
  readonly code: string | null;
  readonly reason: LineRefusal;
  readonly detail: string;
}

export type CatalogueFile = { readonly refused: readonly RefusedLine[] } & (
  | { readonly kind: 'types'; readonly lines: readonly GoodLine<TypeDefinition>[] }
  | { readonly kind: 'matters'; readonly lines: readonly GoodLine<MatterDefinition>[] }
  | { readonly kind: 'rules'; readonly lines: readonly GoodLine<RuleLine>[] }
);
export type CatalogueFileKind = CatalogueFile['kind'];

/**
 * Columns of the three files, in their usual order; those after `may` can be left out. See
 * contracts/catalogue/README.md.
 */
export const catalogueColumns: Readonly<
  Record<CatalogueFileKind, { readonly must: readonly string[]; readonly may: readonly string[] }>
> = {
  types: {
    must: [
      'code',
      'category',
      'name_zh',
      'name_en',
      'issuing_department_zh',
      'holder',
      'validity',
      'national_type_code',
      'number_unique',
      'number_field',
      'data_fields_zh',
    ],
    may: ['department_en', 'fields_en', 'whose_fields', 'decision'],
  },
  matters: {
    must: [
      'code',
      'name_zh',
      'name_en',
      'department_zh',
      'level',
      'audience',
      'material_codes',
      'materials_zh',
      'scenario_zh',
    ],
    may: ['department_en', 'materials_en', 'place_zh', 'self_service'],
  },
  rules: {
    must: ['matter', 'material', 'type', 'whose', 'fields', 'indicative', 'reason'],
    may: [],
  },
};

/**
 * Reads a catalogue file, TSV or CSV, whose header tells which of the three it is. Nothing is
 * compared with the ledger here.
 * @param lineOffset is added to every line number, for a part of a larger file
 * @param maxLines of the file, empty ones included
 * @throws CatalogueFileInvalid where the file as a whole is not one
 */
export function readCatalogueFile(
  text: string,
  lineOffset = 0,
  maxLines = Infinity,
): CatalogueFile {
  const table = readTable(text, maxLines);
  const kind = kindOf(table);
  switch (kind) {
    case 'types':
      return { kind, ...readLines(table, lineOffset, readType, ({ code }) => code) };
    case 'matters':
      return { kind, ...readLines(table, lineOffset, readMatter, ({ code }) => code) };
    case 'rules':
      return { kind, ...readLines(table, lineOffset, readRule, ruleKey) };
  }
}

export const ruleKey = ({ matter, material, type, whose }: RuleLine): string =>
  `${matter}/${material}/${type}/${whose}`;

function kindOf({ columns }: Table): CatalogueFileKind {
  const kinds = Object.keys(catalogueColumns) as CatalogueFileKind[];
  const common = (kind: CatalogueFileKind) =>
    catalogueColumns[kind].must.filter((column) => columns.includes(column)).length;
  const kind = kinds.reduce((best, next) => (common(next) > common(best) ? next : best));
  const { must, may } = catalogueColumns[kind];
  const missing = must.filter((column) => !columns.includes(column));
  if (missing.length > 0)
    throw new CatalogueFileInvalid(
      'column_missing',
      `a column of the ${kind} file is missing`,
      { kind, missing },
      { hint: `the columns are: ${must.join(', ')}` },
    );
  // What stands in an unknown header cell is not repeated: a file without a header may be one of
  // persons.
  const unknown = columns.findIndex((column) => !must.includes(column) && !may.includes(column));
  if (unknown >= 0)
    throw new CatalogueFileInvalid('column_unknown', `the ${kind} file has no such column`, {
      kind,
      column: unknown + 1,
    });
  return kind;
}

function readLines<Value>(
  table: Table,
  lineOffset: number,
  read: (cells: Readonly<Record<string, string>>) => Value,
  keyOf: (value: Value) => string,
): { lines: GoodLine<Value>[]; refused: RefusedLine[] } {
  const lines: GoodLine<Value>[] = [];
  const refused: RefusedLine[] = [];
  const seen = new Set<string>();
  for (const { line: lineInTable, cells, fault } of table.lines) {
    const line = lineInTable + lineOffset;
    const code = codeOf(cells);
    try {
      if (fault !== undefined) throw new LineInvalid('quotation_wrong', fault);
      if (cells === null)
        throw new LineInvalid('columns_wrong', `${table.columns.length} are expected`);
      const value = read(cells);
      const key = keyOf(value);
      if (seen.has(key)) throw new LineInvalid('code_duplicate', key);
      seen.add(key);
      lines.push({ line, value });
    } catch (error) {
      if (!(error instanceof LineInvalid)) throw error;
      refused.push({ line, code, reason: error.code, detail: error.detail });
    }
  }
  return { lines, refused };
}

/** The code that a refused line speaks of, where it is one: other text is not repeated. */
function codeOf(cells: Readonly<Record<string, string>> | null): string | null {
  const code = cells?.['code'] ?? cells?.['matter'] ?? '';
  return /^[A-Z]{2}[0-9.]{1,10}$/.test(code) ? code : null;
}
