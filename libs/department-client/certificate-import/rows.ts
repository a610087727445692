import { InvalidError, type JsonValue } from '#libs/kernel';
import type { Identifier } from '#libs/subject';

/**
 * What one line of an import says of a certificate, before the catalogue is asked what its fields
 * are.
 */
export interface RawCertificate {
  readonly type: string;
  readonly holders: readonly ({ role: string } & Identifier)[];
  readonly validFrom: string;
  /** Undefined where the type's own duration is to be followed; null for no expiry. */
  readonly validUntil: string | null | undefined;
  readonly identifier?: string;
  readonly serial?: string;
  /** Of when the line is. */
  readonly asOf?: string;
  /** As written: texts from a CSV, any JSON from NDJSON. */
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** Paths of files that belong to the certificate, by name, relative to the import's folder. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * A certificate of the file, which is one line, or several where a cell holds a text of several.
 */
export interface Row {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** How many lines it takes. */
  readonly lines: number;
  /** As it stands there, without reasons of an earlier import; for the file of bad lines. */
  readonly raw: string;
  readonly read: RawCertificate | LineRefused;
  /** What stands in a column; null where that cannot be told. */
  readonly value: (column: string) => string | null;
  /** Bytes of the file up to its end. */
  readonly upTo: number;
}

/**
 * A line that cannot be taken. Facts name columns and places: what stands in the line is personal.
 */
export class LineRefused extends InvalidError<
  | 'line_malformed'
  | 'line_too_long'
  | 'not_in_encoding'
  | 'private_use'
  | 'utf8_among_gb18030'
  | 'quote_in_text'
  | 'text_behind_quote'
  | 'quote_unclosed'
  | 'row_within_cell'
  | 'carriage_return'
  | 'cells_too_many'
  | 'column_count'
  | 'holders_do_not_pair'
  | 'value_missing'
  | 'value_malformed'
  | 'number_rounded'
  | 'file_unreadable'
  | 'file_empty'
  | 'file_too_large'
  | 'file_wrong'
  | 'type_unknown'
  | 'type_not_of_authority'
  | 'field_unknown'
  | 'as_of_missing'
  | 'as_of_repeated'
  | 'version_outdated'
> {}

/** The file as a whole is not one that can be imported. */
export class ImportRefused extends InvalidError<
  | 'import_column_missing'
  | 'import_column_repeated'
  | 'import_column_unknown'
  | 'import_column_unnamed'
  | 'import_header_malformed'
  | 'import_separator_unknown'
  | 'import_format_unknown'
  | 'import_empty'
  | 'not_in_encoding'
  | 'private_use'
  | 'utf8_among_gb18030'
  | 'line_too_long'
  | 'issuer_not_caller'
> {}

/** Of lines, all that there are: the header, blank ones, and those of rows. */
export interface LineCounts {
  readonly header: number;
  readonly blank: number;
  readonly rows: number;
}

/** A file to be imported: its rows in order, and what its header was. */
export interface Source {
  readonly rows: AsyncIterable<Row>;
  readonly format: SourceFormat;
  /** Of what was read so far. */
  readonly counts: () => LineCounts;
}

export type SourceFormat =
  | { readonly is: 'csv'; readonly header: string; readonly separator: string }
  | { readonly is: 'ndjson' };

/** What reading a file asks of the catalogue. */
export interface Columns {
  /** Whether any type has a field of this name. */
  readonly isField: (name: string) => Promise<boolean>;
  /** Whether a cell of this field may hold a text of several lines. */
  readonly isOfLines: (type: string, field: string) => Promise<boolean>;
}

/** Words in the place of a last day for what does not expire. */
export const noExpiry: ReadonlySet<string> = new Set(['-', '长期', '永久', '长期有效', '永久有效']);
