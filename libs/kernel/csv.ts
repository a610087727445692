/** Why a line is not CSV as RFC 4180 has it. */
export type CsvFault =
  | 'quote_in_text' // a quotation mark within a cell that does not begin with one
  | 'text_behind_quote' // text between a closing mark and the next separator
  // a cell that begins with a quotation mark, and the line ends before its closing one
  | 'quote_unclosed'
  | 'carriage_return' // a CR that ends no line
  | 'cells_too_many';

export interface CsvForm {
  readonly separator: string;
  readonly maxCells: number;
}

/** A quoted cell that continues after the line's end, and the cells before it. */
export interface OpenCsv {
  readonly cells: readonly string[];
  readonly starts: readonly number[];
  /** The open cell so far, with the line end that it holds. */
  readonly cell: string;
  /** Length of the text read so far, its line ends included. */
  readonly length: number;
}

export type CsvLine =
  /** `starts` says where in the text each cell begins, quotation mark included. */
  | {
      readonly state: 'read';
      readonly cells: readonly string[];
      readonly starts: readonly number[];
    }
  /** `cell` counts from 0; `at` is the place in the line, in UTF-16 units from 0. */
  | {
      readonly state: 'wrong';
      readonly fault: CsvFault;
      readonly cell: number;
      readonly at: number;
    }
  | { readonly state: 'open'; readonly open: OpenCsv };

/**
 * Reads one physical line of CSV by RFC 4180 alone: a quotation mark stands around a whole cell or
 * doubled within one. The caller decides about an open cell: where values have one line it is a
 * fault of this line, otherwise the next line is read with `open`.
 * @param text without its line end
 */
export function readCsvLine(
  text: string,
  { separator, maxCells }: CsvForm,
  open?: OpenCsv,
): CsvLine {
  const before = open?.length ?? 0;
  const cells = [...(open?.cells ?? [])];
  const starts = [...(open?.starts ?? [])];
  const wrong = (fault: CsvFault, at: number): CsvLine => ({
    state: 'wrong',
    fault,
    cell: cells.length,
    at,
  });
  const carriageReturn = text.indexOf('\r');
  if (carriageReturn !== -1) return wrong('carriage_return', carriageReturn);
  let at = 0;
  for (let opened = open; ; opened = undefined) {
    if (opened === undefined) {
      if (cells.length >= maxCells) return wrong('cells_too_many', at);
      starts.push(before + at);
    }
    if (opened === undefined && text.charCodeAt(at) !== quote) {
      const separated = text.indexOf(separator, at);
      const end = separated === -1 ? text.length : separated;
      const cell = text.slice(at, end);
      const mark = cell.indexOf('"');
      if (mark !== -1) return wrong('quote_in_text', at + mark);
      cells.push(cell);
      at = end;
    } else {
      const begins = opened === undefined ? at + 1 : at;
      const closing = closingQuote(text, begins);
      const part = text.slice(begins, closing === -1 ? text.length : closing);
      const cell = (opened?.cell ?? '') + part.replaceAll('""', '"');
      if (closing === -1) {
        const length = before + text.length + 1;
        return { state: 'open', open: { cells, starts, cell: `${cell}\n`, length } };
      }
      at = closing + 1;
      if (at < text.length && text[at] !== separator) return wrong('text_behind_quote', at);
      cells.push(cell);
    }
    if (at >= text.length) return { state: 'read', cells, starts };
    at++;
  }
}

const quote = 0x22;

/**
 * Where the quoted text that begins at `from` is closed; -1 where it is not. A doubled mark closes
 * nothing.
 */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2))
    if (text.charCodeAt(at + 1) !== quote) return at;
  return -1;
}
