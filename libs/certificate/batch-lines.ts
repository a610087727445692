import { parse } from 'csv-parse/sync';
import { isObject, JsonError, type JsonValue, parseJson, ProductError } from '#libs/kernel';
import { BatchMalformed, CertificateMalformed } from './certificate.errors.js';
import type { HandedFile } from './version-seals.js';

/** A line of a batch, counted from 1 as an editor does: what it hands in, or why it cannot be read. */
export type BatchLine =
  | { readonly line: number; readonly sdJwt: string; readonly files: readonly HandedFile[] }
  | { readonly line: number; readonly error: ProductError };

/** Lines and bytes of one request. */
const mostLines = 1000;
export const largestBatch = 16 * 1024 * 1024;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads NDJSON: on each line `{"sdJwt": "…", "files": [{name, blob, key}]}`, `files` only where there are some. Empty lines are passed over.
 * @throws BatchMalformed where the whole is no batch
 */
export function readNdjson(bytes: Uint8Array): BatchLine[] {
  return atMost(
    textOf(bytes)
      .split(/\r?\n/)
      .map((text, n) => ({ text, line: n + 1 }))
      .filter(({ text }) => text.trim() !== ''),
  ).map(({ text, line }) => readable(line, () => readLine(text)));
}

/** Reads CSV with a column `sd_jwt`. Line 1 is the header. @throws BatchMalformed */
export function readCsv(bytes: Uint8Array): BatchLine[] {
  const [header, ...rows] = csvRows(textOf(bytes));
  const column = header?.record.indexOf('sd_jwt') ?? -1;
  if (column < 0)
    throw new BatchMalformed('batch_column_missing', 'the batch has no column sd_jwt', {
      column: 'sd_jwt',
    });
  return atMost(rows).map(({ record, info }) =>
    readable(info.lines, () => {
      const sdJwt = record[column];
      if (sdJwt === undefined || sdJwt === '') throw lineMalformed();
      return { sdJwt, files: [] };
    }),
  );
}

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function csvRows(text: string): Row[] {
  try {
    return parse(text, {
      info: true,
      bom: true,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as Row[];
  } catch {
    // The parser's message repeats what it read.
    throw new BatchMalformed('batch_not_text', 'the batch is not CSV (RFC 4180)');
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw new BatchMalformed('batch_not_text', 'the batch is not UTF-8', {}, { cause });
  }
}

function atMost<Line>(lines: readonly Line[]): readonly Line[] {
  if (lines.length === 0) throw new BatchMalformed('batch_empty', 'the batch has no line');
  if (lines.length > mostLines)
    throw new BatchMalformed('batch_too_long', `a batch has at most ${mostLines} lines`, {
      mostLines,
    });
  return lines;
}

function readable(
  line: number,
  read: () => { sdJwt: string; files: readonly HandedFile[] },
): BatchLine {
  try {
    return { line, ...read() };
  } catch (error) {
    if (!(error instanceof ProductError)) throw error;
    return { line, error: error as ProductError };
  }
}

function readLine(text: string): { sdJwt: string; files: readonly HandedFile[] } {
  let value: JsonValue;
  try {
    value = parseJson(text, 4);
  } catch (error) {
    // What stands behind the parser's error quotes the text.
    throw error instanceof JsonError ? new JsonError(error.code, error.message) : error;
  }
  if (!isObject(value) || typeof value['sdJwt'] !== 'string') throw lineMalformed();
  const { sdJwt, files = [], ...others } = value;
  if (Object.keys(others).length > 0 || !Array.isArray(files)) throw lineMalformed();
  return { sdJwt, files: (files as readonly JsonValue[]).map(readFile) };
}

function readFile(value: JsonValue): HandedFile {
  if (!isObject(value) || Object.keys(value).length !== 3) throw lineMalformed();
  const { name, blob, key } = value;
  if (typeof name !== 'string' || typeof blob !== 'string' || typeof key !== 'string')
    throw lineMalformed();
  return { name, blob, key };
}

const lineMalformed = () =>
  new CertificateMalformed('line_malformed', 'a line hands in sdJwt, and files where it has some');
