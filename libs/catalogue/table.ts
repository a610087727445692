import { type CsvError, type Info, parse } from 'csv-parse/sync';
import { utf8Text } from '#libs/kernel';
import { CatalogueFileInvalid } from './catalogue.errors.js';

/** A line of a table: its number in the file (the header is 1), and its cells by column, trimmed; null where their number is wrong. */
export interface TableLine {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>> | null;
}

export interface Table {
  readonly columns: readonly string[];
  readonly lines: readonly TableLine[];
}

/**
 * Bytes of a file as text. A byte order mark may stand before it.
 * @throws CatalogueFileInvalid `file_not_utf8`
 */
export function fileText(bytes: Uint8Array): string {
  try {
    return utf8Text(bytes);
  } catch (cause) {
    throw new CatalogueFileInvalid(
      'file_not_utf8',
      'the file is not UTF-8',
      {},
      { cause, hint: 'save it as UTF-8; spreadsheets on Chinese systems often write GBK' },
    );
  }
}

/**
 * Reads a table with a header: tab-separated where the header holds a tab (then quotes mean nothing), else comma-separated (RFC 4180).
 * A byte order mark, CRLF and empty lines are tolerated; a line with too few or too many cells is returned as such, not refused here.
 * @throws CatalogueFileInvalid where there is no header, a column stands twice, or a quote is broken
 */
export function readTable(text: string): Table {
  const header = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  const tabs = header.includes('\t');
  let rows: { record: string[]; info: Info }[];
  try {
    rows = parse(text, {
      bom: true,
      delimiter: tabs ? '\t' : ',',
      quote: tabs ? null : '"',
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      info: true,
    }) as unknown as { record: string[]; info: Info }[];
  } catch (cause) {
    throw new CatalogueFileInvalid(
      'file_malformed',
      'the file cannot be read as a table',
      { line: lineOf(cause) },
      { cause },
    );
  }
  const [first, ...rest] = rows;
  if (first === undefined) throw new CatalogueFileInvalid('file_empty', 'the file holds nothing');
  const columns = first.record;
  const twice = columns.findIndex((column, i) => columns.indexOf(column) !== i);
  if (twice >= 0)
    throw new CatalogueFileInvalid('column_twice', 'a column stands twice in the header', {
      column: twice + 1,
    });
  return {
    columns,
    lines: rest.map(({ record, info }) => ({
      line: info.lines,
      cells:
        record.length === columns.length
          ? Object.fromEntries(columns.map((column, i) => [column, record[i] ?? '']))
          : null,
    })),
  };
}

const lineOf = (cause: unknown): number | null => {
  const line: unknown = (cause as Partial<CsvError & { lines: unknown }>).lines;
  return typeof line === 'number' ? line : null;
};
