import { type CsvFault, type CsvLine, type OpenCsv, readCsvLine } from '#libs/kernel';
import type { IdentifierKind } from '#libs/subject';
import type { LineFault, TextFile, TextLine } from '../text-file/text-file.js';
import {
  type Header,
  maxCells,
  ownColumns,
  readHeader,
  requiredColumns,
  trimmed,
} from './header.js';
import {
  type Columns,
  ImportRefused,
  type LineCounts,
  LineRefused,
  noExpiry,
  type RawCertificate,
  type Row,
  type Source,
} from './rows.js';
import { looksLikeRow } from './swallowed-rows.js';

/** A cell of more lines than this has no closing mark. */
const maxLinesOfCell = 200;

/** Reads the header, and leaves the rows to be read as they are wanted. @throws ImportRefused */
export async function openCsv(text: TextFile, columns: Columns): Promise<Source> {
  const lines = flat(text.lines);
  const first = await lines.next();
  if (first.done === true)
    throw new ImportRefused('import_empty', '文件是空的 / the file holds nothing');
  if (first.value.fault !== null) throw refusedHeader(first.value.fault, text.encoding);
  const header = await readHeader(first.value.text, (name) => columns.isField(name));
  const counts = { header: 1, blank: 0, rows: 0 };
  return {
    format: { is: 'csv', header: header.text, separator: header.separator },
    counts: (): LineCounts => ({ ...counts }),
    rows: new CsvRows(header, lines, columns, counts).read(),
  };
}

async function* flat(chunks: TextFile['lines']): AsyncGenerator<TextLine, void> {
  for await (const lines of chunks) yield* lines;
}

/** A record that is still open: the lines that it has so far. */
interface Pending {
  readonly lines: TextLine[];
  readonly open: OpenCsv;
  /**
   * The first of its lines that would be a row by itself: the cell was opened by a stray quotation
   * mark.
   */
  readonly swallowed: { readonly line: number; readonly cell: number } | null;
}

class CsvRows {
  constructor(
    private readonly header: Header,
    private readonly lines: AsyncIterable<TextLine>,
    private readonly columns: Columns,
    private readonly counts: { blank: number; rows: number },
  ) {}

  async *read(): AsyncGenerator<Row, void> {
    let pending: Pending | undefined;
    for await (const line of this.lines) {
      const taken = [...(pending?.lines ?? []), line];
      if (line.fault !== null) {
        yield this.wrong(taken, this.noText(line, line.fault, pending?.open));
        pending = undefined;
        continue;
      }
      const { separator } = this.header;
      const read = readCsvLine(line.text, { separator, maxCells: maxCells }, pending?.open);
      const before = pending;
      pending = undefined;
      const swallowed = this.swallowed(line, before, read);
      switch (read.state) {
        case 'wrong':
          yield this.wrong(
            taken,
            swallowed === null
              ? this.fault(read.fault, read.cell, read.at)
              : this.rowInCell(swallowed),
          );
          break;
        case 'open':
          if (await this.goesOn(read.open, taken.length))
            pending = { lines: taken, open: read.open, swallowed };
          else if (swallowed !== null) yield this.wrong(taken, this.rowInCell(swallowed));
          else yield this.wrong(taken, this.fault('quote_unclosed', read.open.cells.length, null));
          break;
        case 'read':
          if (before === undefined && read.cells.every((cell) => trimmed(cell) === ''))
            this.counts.blank++;
          else if (swallowed !== null) yield this.wrong(taken, this.rowInCell(swallowed));
          else yield this.row(taken, read.cells, read.starts);
      }
    }
    // Its lines are not read again as others: what stands in an open cell is no certificate.
    if (pending !== undefined)
      yield this.wrong(
        pending.lines,
        pending.swallowed === null
          ? this.fault('quote_unclosed', pending.open.cells.length, null)
          : this.rowInCell(pending.swallowed),
      );
    if (this.counts.rows === 0)
      throw new ImportRefused(
        'import_empty',
        '文件只有表头，没有数据行 / the file has a header, and no line of a certificate',
      );
  }

  /**
   * Decoded around the fault, the text has a replacement character at its place; the cell before
   * which it stands is known by that.
   */
  private noText({ text }: TextLine, fault: LineFault, open: OpenCsv | undefined): LineRefused {
    const at = fault.fault === 'private_use' ? text.search(privateUse) : text.indexOf('\ufffd');
    const { separator } = this.header;
    const before =
      at < 0 ? null : readCsvLine(text.slice(0, at), { separator, maxCells: maxCells }, open);
    const cell =
      before === null || before.state === 'wrong'
        ? null
        : before.state === 'open'
          ? before.open.cells.length
          : before.cells.length - 1;
    return refusedText(fault, cell === null ? null : (this.header.columns[cell] ?? null));
  }

  /**
   * The row that a cell over several lines has in it: a line behind its first, or what follows in
   * the first where the number stands behind the mark.
   */
  private swallowed(
    { text, line }: TextLine,
    before: Pending | undefined,
    read: CsvLine,
  ): Pending['swallowed'] {
    if (before !== undefined && before.swallowed !== null) return before.swallowed;
    const [cell, from] =
      before === undefined
        ? read.state === 'open'
          ? [read.open.cells.length, read.open.cells.length + 1]
          : []
        : [before.open.cells.length, 0];
    if (cell === undefined || !looksLikeRow(text, this.header, from)) return null;
    return { line, cell };
  }

  /** Its lines are refused together: which of them the mark was meant for is not known here. */
  private rowInCell({ line, cell }: NonNullable<Pending['swallowed']>): LineRefused {
    return new LineRefused(
      'row_within_cell',
      'a cell over several lines has another row of the file in it',
      { column: this.header.columns[cell] ?? null, rowLine: line },
    );
  }

  /**
   * Only a text of several lines may, and which fields are, the type says, which stands before it.
   */
  private async goesOn({ cells }: OpenCsv, lines: number): Promise<boolean> {
    const column = this.header.columns[cells.length];
    const type = cells[this.header.columns.indexOf('type')];
    if (column === undefined || type === undefined || lines >= maxLinesOfCell) return false;
    return !ownColumns.has(column) && (await this.columns.isOfLines(trimmed(type), column));
  }

  private fault(fault: CsvFault, cell: number, at: number | null): LineRefused {
    return new LineRefused(fault, faults[fault], {
      column: this.header.columns[cell] ?? null,
      ...(at !== null && { at: at + 1 }),
    });
  }

  private wrong(lines: readonly TextLine[], refused: LineRefused): Row {
    return this.rowOf(lines, textOf(lines), refused, () => null);
  }

  private row(
    lines: readonly TextLine[],
    cells: readonly string[],
    starts: readonly number[],
  ): Row {
    const { columns, reasons } = this.header;
    const raw = textOf(lines).slice(starts[reasons] ?? 0);
    const values = new Map(columns.map((name, n) => [name, trimmed(cells[n] ?? '')]));
    const read =
      cells.length === columns.length
        ? readCells(columns.slice(reasons), values)
        : new LineRefused('column_count', 'the line has not as many cells as the header', {
            cells: cells.length,
            columns: columns.length,
          });
    const value = (column: string) =>
      cells.length === columns.length ? (values.get(column) ?? null) : null;
    return this.rowOf(lines, raw, read, value);
  }

  private rowOf(
    lines: readonly TextLine[],
    raw: string,
    read: Row['read'],
    value: Row['value'],
  ): Row {
    this.counts.rows += lines.length;
    const line = lines[0]?.line ?? 0;
    return { line, lines: lines.length, raw, read, value, upTo: lines.at(-1)?.upTo ?? 0 };
  }
}

const textOf = (lines: readonly TextLine[]) => lines.map(({ text }) => text).join('\n');

const faults: Readonly<Record<CsvFault, string>> = {
  quote_in_text: 'a quotation mark stands within a cell that does not begin with one',
  text_behind_quote: 'something stands between a closing quotation mark and the next cell',
  quote_unclosed: 'a quotation mark is not closed in its line',
  carriage_return: 'a carriage return stands within the line',
  cells_too_many: `a line has at most ${maxCells} cells`,
};

const privateUse = /[\ue000-\uf8ff€]|[\u{f0000}-\u{10ffff}]/u;

/**
 * The header decides how all lines are read: where it is no text, the file as a whole cannot be.
 */
function refusedHeader({ fault, at }: LineFault, encoding: string): ImportRefused {
  const place = at === null ? ['', ''] : [`第 ${at + 1} 字节`, `, byte ${at + 1}`];
  const why = {
    not_in_encoding: [`不是 ${encoding} 文字`, `is no text of ${encoding}`],
    private_use: ['有自造字（私用区）', 'has a letter of the private use area'],
    utf8_among_gb18030: ['是 UTF-8，不是 GB18030', 'is UTF-8, and no GB18030'],
    line_too_long: ['超过上限（256 KB）', 'is longer than may be (256 KB)'],
  }[fault];
  return new ImportRefused(
    fault,
    `第 1 行（表头）${place[0]}${why[0]} / line 1 (the header)${place[1]} ${why[1]}`,
    { line: 1, encoding, ...(at !== null && { byte: at + 1 }) },
    fault === 'not_in_encoding' || fault === 'utf8_among_gb18030'
      ? {
          hint:
            encoding === 'gb18030'
              ? '请去掉 --encoding，或写 --encoding utf-8 / leave --encoding out, or say --encoding utf-8'
              : '若是 GBK，请写 --encoding gb18030，或去掉 --encoding / where it is GBK, say --encoding gb18030, or leave --encoding out',
        }
      : {},
  );
}

/** Also for lines of NDJSON, which have no columns. */
export function refusedText({ fault, at }: LineFault, column: string | null = null): LineRefused {
  const message = {
    not_in_encoding: 'the line is not text of the encoding of the file',
    private_use: 'a letter of the line has no meaning outside of one font or program',
    utf8_among_gb18030: 'the line is UTF-8, in a file of GB18030',
    line_too_long: 'the line is longer than any certificate',
  }[fault];
  return new LineRefused(fault, message, {
    ...(column !== null && { column }),
    ...(at !== null && { byte: at + 1 }),
  });
}

function readCells(
  columns: readonly string[],
  values: ReadonlyMap<string, string>,
): RawCertificate | LineRefused {
  const value = (name: string) => values.get(name) ?? '';
  for (const name of requiredColumns)
    if (value(name) === '')
      return new LineRefused('value_missing', `${name} is empty`, { column: name });
  const list = (name: string) => value(name).split(';').map(trimmed);
  const [kinds, numbers] = [list('holder_kind'), list('holder_number')];
  const roles = value('role') === '' ? rolesOf(numbers.length) : list('role');
  const issuers = value('holder_issuer') === '' ? numbers.map(() => '') : list('holder_issuer');
  if ([kinds, roles, issuers].some(({ length }) => length !== numbers.length))
    return new LineRefused(
      'holders_do_not_pair',
      'kinds, numbers, issuers and roles are not as many',
      { column: 'holder_kind' },
    );
  const others = columns.filter(
    (name) => !ownColumns.has(name) && !name.startsWith('refused.') && value(name) !== '',
  );
  const isFile = (name: string) => name.startsWith('file.');
  const until = value('valid_until');
  return {
    type: value('type'),
    holders: numbers.map((number, n) => ({
      role: roles[n] ?? '',
      kind: (kinds[n] ?? '') as IdentifierKind,
      number,
      ...((issuers[n] ?? '') !== '' && { issuer: issuers[n] }),
    })),
    validFrom: value('valid_from'),
    validUntil: until === '' ? undefined : noExpiry.has(until) ? null : until,
    ...(value('identifier') !== '' && { identifier: value('identifier') }),
    ...(value('serial') !== '' && { serial: value('serial') }),
    ...(value('as_of') !== '' && { asOf: value('as_of') }),
    fields: Object.fromEntries(
      others.filter((name) => !isFile(name)).map((name) => [name, value(name)]),
    ),
    files: Object.fromEntries(
      others.filter(isFile).map((name) => [name.slice('file.'.length), value(name)]),
    ),
  };
}

const rolesOf = (holders: number): string[] =>
  holders === 1 ? ['holder'] : Array.from({ length: holders }, (_, n) => `holder-${n + 1}`);
