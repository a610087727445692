import {
  isObject,
  JsonError,
  type JsonValue,
  LineCutter,
  parseJson,
  ProductError,
  readCsvLine,
  utf8Text,
  withoutBom,
} from '#libs/kernel';
import type { BodyWatch } from '#libs/platform';
import { BatchMalformed, CertificateMalformed } from './certificate.errors.js';
import { maxSdJwtLength } from './sd-jwt.js';
import { isCertificateId } from './certificate.stream.js';
import type { HandedFile } from './version-seals.js';

/**
 * A line of a batch, counted from 1 as an editor does: what it hands in, or why it cannot be read.
 */
export type BatchLine =
  | ({ readonly line: number } & HandedLine)
  | { readonly line: number; readonly error: ProductError };

/** `certificate` names the one that an amendment is of; without it, its paper's number does. */
interface HandedLine {
  readonly sdJwt: string;
  readonly files: readonly HandedFile[];
  readonly certificate?: string;
}

/** Lines of one request that hand something in, and those that are empty. */
const maxLines = 1000;
export const maxBatchBytes = 16 * 1024 * 1024;
/** Bytes of a line: the longest SD-JWT, and its files. */
const maxLineBytes = maxSdJwtLength + 64 * 1024;
/** Bytes that are looked at before what is in them is judged. */
const chunk = 4 * 1024;
const maxColumns = 64;

/**
 * Reads NDJSON: on each line `{"sdJwt": "…", "files": [{name, blob, key}], "certificate": "…"}`,
 * `files` only where there are some, and `certificate` only in an amendment. Empty lines are passed
 * over, and nothing is read behind the first line too many.
 * @throws BatchMalformed where the whole is no batch
 */
export function readNdjson(bytes: Uint8Array): BatchLine[] {
  const lines: BatchLine[] = [];
  for (const { line, text } of textLines(bytes))
    lines.push(
      readable(line, () => {
        if (text === null) throw lineTooLong();
        return readLine(text);
      }),
    );
  return lines;
}

/**
 * Reads CSV (RFC 4180) with a column `sd_jwt`; no cell has several lines. Line 1 is the header.
 * @throws BatchMalformed
 */
export function readCsv(bytes: Uint8Array): BatchLine[] {
  const lines: BatchLine[] = [];
  let columns: readonly string[] | null = null;
  for (const { line, text } of textLines(bytes, 1)) {
    if (columns === null) {
      columns = headerOf(text);
      continue;
    }
    const header = columns;
    lines.push(
      readable(line, () => {
        if (text === null) throw lineTooLong();
        const cells = cellsOf(text);
        const sdJwt = cells[header.indexOf('sd_jwt')];
        if (cells.length !== header.length || sdJwt === undefined || sdJwt === '')
          throw lineMalformed();
        return { sdJwt, files: [] };
      }),
    );
  }
  if (lines.length === 0) throw empty();
  return lines;
}

/** None where the line is no CSV. */
function cellsOf(text: string): readonly string[] {
  const read = readCsvLine(text, { separator: ',', maxCells: maxColumns });
  return read.state === 'read' ? read.cells.map((cell) => cell.trim()) : [];
}

/**
 * The lines that are not empty, cut as they are asked for; `text` is null where one is too long.
 * @param more lines than hand something in, as a header
 */
function* textLines(
  bytes: Uint8Array,
  more = 0,
): Generator<{ readonly line: number; readonly text: string | null }, void> {
  const lines = new BoundedLines(more);
  for (let start = 0; start <= bytes.length; start += chunk) {
    yield* lines.push(bytes.subarray(start, start + chunk));
    if (start + chunk >= bytes.length) yield* lines.end();
  }
}

/** Lines of a batch that comes chunk by chunk, with the bound on how many there are. */
class BoundedLines {
  readonly #cutter = new LineCutter(maxLineBytes);
  #taken = 0;
  #blank = 0;

  constructor(private readonly more: number) {}

  *push(chunk: Uint8Array): Generator<{ readonly line: number; readonly text: string | null }> {
    for (const line of this.#cutter.push(chunk)) yield* this.#line(line);
  }

  *end(): Generator<{ readonly line: number; readonly text: string | null }> {
    for (const line of this.#cutter.end()) yield* this.#line(line);
    if (this.#taken === 0) throw empty();
  }

  *#line({ line, bytes, tooLong }: ReturnType<LineCutter['end']>[number]) {
    const decoded = textOf(bytes);
    const text = line === 1 ? withoutBom(decoded) : decoded;
    const isBlank = !tooLong && text.trim() === '';
    if (isBlank) this.#blank++;
    else this.#taken++;
    if (this.#taken > maxLines + this.more || this.#blank > maxLines)
      throw new BatchMalformed('batch_too_long', `a batch has at most ${maxLines} lines`, {
        maxLines,
      });
    if (!isBlank) yield { line, text: tooLong ? null : text };
  }
}

/**
 * Judges a batch as it comes, before its caller is proved and its hash taken: at the first line too
 * many, a byte that is no UTF-8, or a header without the column, nothing more of it is read. What
 * the lines say is read later.
 * @throws BatchMalformed
 */
export function watchBatch(type: string): BodyWatch {
  const isCsv = type === 'text/csv';
  const lines = new BoundedLines(isCsv ? 1 : 0);
  let headed = !isCsv;
  return {
    push(bytes) {
      for (let start = 0; start < bytes.length; start += chunk)
        for (const { text } of lines.push(bytes.subarray(start, start + chunk))) {
          if (!headed) headerOf(text);
          headed = true;
        }
    },
  };
}

/** @throws BatchMalformed */
function headerOf(text: string | null): readonly string[] {
  const columns = text === null ? [] : cellsOf(text);
  if (!columns.includes('sd_jwt'))
    throw new BatchMalformed('batch_column_missing', 'the batch has no column sd_jwt', {
      column: 'sd_jwt',
    });
  return columns;
}

const empty = () => new BatchMalformed('batch_empty', 'the batch has no line');

function textOf(bytes: Uint8Array): string {
  try {
    return utf8Text(bytes);
  } catch (cause) {
    throw new BatchMalformed('batch_not_text', 'the batch is not UTF-8', {}, { cause });
  }
}

function readable(line: number, read: () => HandedLine): BatchLine {
  try {
    return { line, ...read() };
  } catch (error) {
    if (!(error instanceof ProductError)) throw error;
    return { line, error: error as ProductError };
  }
}

function readLine(text: string): HandedLine {
  let value: JsonValue;
  try {
    value = parseJson(text, 4);
  } catch (error) {
    // What stands behind the parser's error quotes the text.
    throw error instanceof JsonError ? new JsonError(error.code, error.message) : error;
  }
  if (!isObject(value) || typeof value['sdJwt'] !== 'string') throw lineMalformed();
  const { sdJwt, files = [], certificate, ...others } = value;
  if (Object.keys(others).length > 0 || !Array.isArray(files)) throw lineMalformed();
  if (
    certificate !== undefined &&
    !(typeof certificate === 'string' && isCertificateId(certificate))
  )
    throw lineMalformed();
  return {
    sdJwt,
    files: (files as readonly JsonValue[]).map(readFile),
    ...(certificate !== undefined && { certificate }),
  };
}

function readFile(value: JsonValue): HandedFile {
  if (!isObject(value) || Object.keys(value).length !== 3) throw lineMalformed();
  const { name, blob, key } = value;
  if (typeof name !== 'string' || typeof blob !== 'string' || typeof key !== 'string')
    throw lineMalformed();
  return { name, blob, key };
}

const lineMalformed = () =>
  new CertificateMalformed(
    'line_malformed',
    'a line hands in sdJwt, files where it has some, and for an amendment certificate',
  );

const lineTooLong = () =>
  new CertificateMalformed('line_too_long', 'a line is longer than a certificate may be', {
    maxLineBytes,
  });
