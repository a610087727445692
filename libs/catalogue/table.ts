import { type CsvFault, readCsvLine, utf8Text, withoutBom } from '#libs/kernel';
import { CatalogueFileInvalid } from './catalogue.errors.js';

/**
 * A line of a table: its number in the file (the header is 1), and its cells by column, trimmed;
 * null where their number is wrong, or where it is no line of CSV, for which `fault` says why.
 */
export interface TableLine {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>> | null;
  readonly fault?: CsvFault;
}

export interface Table {
  readonly columns: readonly string[];
  readonly lines: readonly TableLine[];
}

/** More than any of our tables has. */
const maxColumns = 64;

/**
 * Bytes of a file as text. A byte order mark may stand before it.
 * @throws CatalogueFileInvalid `file_not_utf8`
 */
export function fileText(bytes: Uint8Array): string {
  try {
    return withoutBom(utf8Text(bytes));
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
 * Reads a table with a header: tab-separated where the header holds a tab (quotes mean nothing
 * then), else RFC 4180, with no cell over several lines. A byte order mark, CRLF and empty lines
 * are tolerated; a line with the wrong number of cells or wrong quotation marks is returned as
 * such.
 * @param maxLines empty ones included; nothing behind the first excess is read
 * @throws CatalogueFileInvalid where there is no header, a column stands twice, or there are too
 * many columns or lines
 */
export function readTable(text: string, maxLines = Infinity): Table {
  let columns: readonly string[] | null = null;
  let tabs = false;
  const lines: TableLine[] = [];
  for (const { line, text: written } of physicalLines(withoutBom(text))) {
    if (line > maxLines)
      throw new CatalogueFileInvalid(
        'file_too_long',
        `a file has at most ${maxLines} lines; send a longer one in parts`,
        { maxLines },
      );
    if (/^[ \t]*$/.test(written)) continue;
    if (columns === null) {
      tabs = written.includes('\t');
      columns = headerOf(written, tabs);
      continue;
    }
    const read = cellsOf(written, tabs);
    lines.push(
      typeof read === 'string'
        ? { line, cells: null, fault: read }
        : { line, cells: byColumn(columns, read) },
    );
  }
  if (columns === null) throw new CatalogueFileInvalid('file_empty', 'the file holds nothing');
  return { columns, lines };
}

/** Cut as they are asked for, each without its end. */
export function* physicalLines(text: string): Generator<{ line: number; text: string }, void> {
  for (let [line, start] = [1, 0]; start < text.length; line++) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    const written = text.slice(start, end);
    yield { line, text: feed !== -1 && written.endsWith('\r') ? written.slice(0, -1) : written };
    start = end + 1;
  }
}

function headerOf(written: string, tabs: boolean): readonly string[] {
  const columns = cellsOf(written, tabs);
  if (columns === 'cells_too_many')
    throw new CatalogueFileInvalid(
      'columns_too_many',
      `a header has at most ${maxColumns} columns`,
      { maxColumns },
    );
  if (typeof columns === 'string')
    throw new CatalogueFileInvalid('file_malformed', 'the file cannot be read as a table', {
      line: 1,
      fault: columns,
    });
  const twice = columns.findIndex((column, i) => columns.indexOf(column) !== i);
  if (twice >= 0)
    throw new CatalogueFileInvalid('column_twice', 'a column stands twice in the header', {
      column: twice + 1,
    });
  return columns;
}

function cellsOf(written: string, tabs: boolean): readonly string[] | CsvFault {
  if (tabs) {
    const cells = written.split('\t', maxColumns + 1);
    return cells.length > maxColumns ? 'cells_too_many' : cells.map((cell) => cell.trim());
  }
  const read = readCsvLine(written, { separator: ',', maxCells: maxColumns });
  switch (read.state) {
    case 'read':
      return read.cells.map((cell) => cell.trim());
    case 'open':
      return 'quote_unclosed';
    case 'wrong':
      return read.fault;
  }
}

const byColumn = (
  columns: readonly string[],
  cells: readonly string[],
): Readonly<Record<string, string>> | null =>
  cells.length === columns.length
    ? Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']))
    : null;
