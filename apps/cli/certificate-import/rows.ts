import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { CsvError, parse } from 'csv-parse';
import { InvalidError, isObject, JsonError, type JsonValue, parseJson } from '#libs/kernel';
import type { IdentifierKind } from '#libs/privacy';

/** What one line of an import says of a certificate, before the catalogue is asked what its fields are. */
export interface RawCertificate {
  readonly type: string;
  readonly holders: readonly { role: string; kind: IdentifierKind; number: string }[];
  readonly validFrom: string;
  /** Undefined where the type's own duration is to be followed; null for no expiry. */
  readonly validUntil: string | null | undefined;
  readonly identifier?: string;
  readonly serial?: string;
  /** As written: texts from a CSV, any JSON from NDJSON. */
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** Paths of files that belong to the certificate, by name, relative to the import's folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** A line of the file: `line` is where it begins, counted from 1; `raw` as it stands there. */
export interface Row {
  readonly line: number;
  readonly raw: string;
  readonly read: RawCertificate | LineRefused;
  /** Bytes of the file up to its end. */
  readonly bytes: number;
}

/** A line that cannot be read. Codes only: what stands in the line is personal. */
export class LineRefused extends InvalidError<
  | 'line_malformed'
  | 'column_count'
  | 'holders_do_not_pair'
  | 'value_missing'
  | 'value_malformed'
  | 'file_unreadable'
  | 'type_unknown'
  | 'field_unknown'
> {}

/** The file as a whole is not one that can be imported. */
class ImportRefused extends InvalidError<
  'import_column_missing' | 'import_column_repeated' | 'import_format_unknown' | 'import_empty'
> {}

const required = ['type', 'holder_kind', 'holder_number', 'valid_from'] as const;
const own = new Set<string>([...required, 'role', 'valid_until', 'identifier', 'serial']);

/** A file to be imported: its rows, and for a CSV the header line, which the file of bad lines begins with. */
export interface Source {
  readonly header: () => string | null;
  readonly rows: AsyncIterable<Row>;
}

/**
 * Opens a CSV (`.csv`) or NDJSON (`.ndjson`, `.jsonl`) file. A CSV has the columns type, holder_kind, holder_number, role, valid_from and
 * valid_until, if wanted identifier or serial, and then fields of the type by their names; several holders stand in one cell each, parted
 * by `;`. A column `file.NAME` holds the path of a file.
 * @throws ImportRefused, also while rows are read
 */
export function openSource(file: string): Source {
  if (/\.csv$/i.test(file)) return openCsv(file);
  if (/\.(ndjson|jsonl)$/i.test(file)) return { header: () => null, rows: ndjsonRows(file) };
  throw new ImportRefused('import_format_unknown', 'a file is imported as .csv, .ndjson or .jsonl');
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly raw: string;
  readonly info: { readonly lines: number; readonly bytes: number };
}

function openCsv(file: string): Source {
  let header: string | null = null;
  async function* rows(): AsyncGenerator<Row, void> {
    const parser = createReadStream(file).pipe(
      parse({
        bom: true,
        info: true,
        raw: true,
        relax_column_count: true,
        relax_quotes: true,
        max_record_size: 1_000_000, // a quote that is never closed swallows what follows it
      }),
    );
    let columns: readonly string[] | null = null;
    let line = 1;
    let bytes = 0;
    try {
      for await (const { record, raw, info } of parser as AsyncIterable<CsvRecord>) {
        const begins = line;
        line = info.lines + 1;
        bytes = info.bytes;
        if (record.length === 1 && record[0]?.trim() === '') continue;
        const text = raw.replace(/\r?\n?$/, '');
        if (columns === null) {
          columns = readHeader(record);
          header = text.replace(/^\ufeff/, '');
        } else yield { line: begins, raw: text, bytes, read: readCells(columns, record) };
      }
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      const read = new LineRefused(
        'line_malformed',
        'the line has no end: is a quotation mark not closed? What follows it was not read',
      );
      yield { line, raw: '', bytes, read };
    }
    if (columns === null) throw new ImportRefused('import_empty', 'the file has no header line');
  }
  return { header: () => header, rows: rows() };
}

function readHeader(cells: readonly string[]): readonly string[] {
  const columns = cells.map((cell) => cell.trim());
  const missing = required.find((name) => !columns.includes(name));
  if (missing !== undefined)
    throw new ImportRefused('import_column_missing', `the file has no column ${missing}`, {
      column: missing,
    });
  if (new Set(columns).size !== columns.length)
    throw new ImportRefused('import_column_repeated', 'two columns have the same name');
  return columns;
}

function readCells(
  columns: readonly string[],
  cells: readonly string[],
): RawCertificate | LineRefused {
  if (cells.length !== columns.length)
    return new LineRefused('column_count', 'the line has not as many cells as the header', {
      cells: cells.length,
      columns: columns.length,
    });
  const values = new Map(columns.map((name, n) => [name, (cells[n] ?? '').trim()]));
  const value = (name: string) => values.get(name) ?? '';
  for (const name of required)
    if (value(name) === '')
      return new LineRefused('value_missing', `${name} is empty`, { column: name });
  const list = (name: string) =>
    value(name)
      .split(';')
      .map((part) => part.trim());
  const [kinds, numbers] = [list('holder_kind'), list('holder_number')];
  const roles = value('role') === '' ? rolesOf(numbers.length) : list('role');
  if (kinds.length !== numbers.length || roles.length !== numbers.length)
    return new LineRefused('holders_do_not_pair', 'kinds, numbers and roles are not as many');
  const others = columns.filter((name) => !own.has(name) && value(name) !== '');
  const isFile = (name: string) => name.startsWith('file.');
  const until = value('valid_until');
  return {
    type: value('type'),
    holders: numbers.map((number, n) => ({
      role: roles[n] ?? '',
      kind: (kinds[n] ?? '') as IdentifierKind,
      number,
    })),
    validFrom: value('valid_from'),
    validUntil: until === '' ? undefined : until === '-' || until === '长期' ? null : until,
    ...(value('identifier') !== '' && { identifier: value('identifier') }),
    ...(value('serial') !== '' && { serial: value('serial') }),
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

async function* ndjsonRows(file: string): AsyncGenerator<Row, void> {
  let line = 0;
  let bytes = 0;
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  for await (const raw of lines) {
    line++;
    bytes += Buffer.byteLength(raw) + 1;
    const text = raw.replace(/^\ufeff/, '');
    if (text.trim() !== '') yield { line, raw, bytes, read: readObject(text) };
  }
  if (line === 0) throw new ImportRefused('import_empty', 'the file has no line');
}

function readObject(text: string): RawCertificate | LineRefused {
  let value: JsonValue;
  try {
    value = parseJson(text, 8);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return new LineRefused('line_malformed', error.message);
  }
  const malformed = new LineRefused(
    'line_malformed',
    'a line is {type, holders: [{role, kind, number}], validFrom, validUntil?, identifier?, serial?, fields, files?}',
  );
  if (!isObject(value)) return malformed;
  const { type, holders, validFrom, validUntil, identifier, serial, fields, files, ...more } =
    value;
  if (
    Object.keys(more).length > 0 ||
    typeof type !== 'string' ||
    typeof validFrom !== 'string' ||
    !(validUntil === undefined || validUntil === null || typeof validUntil === 'string') ||
    !(identifier === undefined || typeof identifier === 'string') ||
    !(serial === undefined || typeof serial === 'string') ||
    !isObject(fields) ||
    !Array.isArray(holders)
  )
    return malformed;
  const people: RawCertificate['holders'][number][] = [];
  for (const holder of holders as readonly JsonValue[]) {
    if (!isObject(holder)) return malformed;
    const { role = 'holder', kind, number } = holder;
    if (typeof role !== 'string' || typeof kind !== 'string' || typeof number !== 'string')
      return malformed;
    people.push({ role, kind: kind as IdentifierKind, number });
  }
  const paths: Record<string, string> = {};
  for (const [name, path] of Object.entries(isObject(files) ? files : {})) {
    if (typeof path !== 'string') return malformed;
    paths[name] = path;
  }
  return {
    type,
    holders: people,
    validFrom,
    validUntil,
    ...(identifier !== undefined && { identifier }),
    ...(serial !== undefined && { serial }),
    fields,
    files: paths,
  };
}
