import { isObject, JsonError, type JsonObject, type JsonValue, parseJson } from '#libs/kernel';
import type { IdentifierKind } from '#libs/subject';
import type { TextFile } from '../text-file/text-file.js';
import { refusedText } from './csv-rows.js';
import {
  ImportRefused,
  type LineCounts,
  LineRefused,
  noExpiry,
  type RawCertificate,
  type Row,
  type Source,
} from './rows.js';

/**
 * Each line is an object; a member `refused`, which an earlier import put there, is passed over.
 */
export function openNdjson(text: TextFile): Source {
  const counts = { header: 0, blank: 0, rows: 0 };
  async function* rows(): AsyncGenerator<Row, void> {
    for await (const lines of text.lines)
      for (const { line, text: raw, fault, upTo } of lines) {
        if (fault === null && /^[ \t]*$/.test(raw)) {
          counts.blank++;
          continue;
        }
        counts.rows++;
        if (fault !== null) {
          yield { line, lines: 1, raw, upTo, read: refusedText(fault), value: () => null };
          continue;
        }
        yield { line, lines: 1, upTo, ...readLine(raw) };
      }
    if (counts.rows === 0)
      throw new ImportRefused('import_empty', '文件里没有数据 / the file has no line');
  }
  return { format: { is: 'ndjson' }, counts: (): LineCounts => ({ ...counts }), rows: rows() };
}

function readLine(text: string): Pick<Row, 'raw' | 'read' | 'value'> {
  let value: JsonValue;
  try {
    value = parseJson(text, 8);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return {
      raw: text,
      read: new LineRefused('line_malformed', error.message),
      value: () => null,
    };
  }
  if (!isObject(value)) return { raw: text, read: malformed(), value: () => null };
  const { refused, ...said } = value;
  const fields = isObject(said['fields']) ? said['fields'] : {};
  return {
    raw: refused === undefined ? text : JSON.stringify(said),
    read: readObject(said),
    value: (column) =>
      shown(fields[column] ?? holdersOf(said, column) ?? said[members[column] ?? column]),
  };
}

const shown = (value: JsonValue | undefined): string | null =>
  value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);

/** What a column of a CSV would hold of all holders. */
function holdersOf({ holders }: JsonObject, column: string): string | undefined {
  const member = column === 'role' ? 'role' : /^holder_(kind|number|issuer)$/.exec(column)?.[1];
  if (member === undefined || !Array.isArray(holders)) return undefined;
  return (holders as readonly JsonValue[])
    .map((holder) => (isObject(holder) ? (shown(holder[member]) ?? '') : ''))
    .join(';');
}

/** Columns of a CSV as they are called here. */
const members: Readonly<Record<string, string>> = {
  valid_from: 'validFrom',
  valid_until: 'validUntil',
  as_of: 'asOf',
};

const malformed = () =>
  new LineRefused(
    'line_malformed',
    'a line is {type, holders: [{role, kind, number, issuer?}], validFrom, validUntil?, identifier?, serial?, asOf?, fields, files?}',
  );

function readObject(value: Readonly<Record<string, JsonValue>>): RawCertificate | LineRefused {
  const { type, holders, validFrom, validUntil, identifier, serial, asOf, fields, files, ...more } =
    value;
  if (
    Object.keys(more).length > 0 ||
    typeof type !== 'string' ||
    typeof validFrom !== 'string' ||
    !(validUntil === undefined || validUntil === null || typeof validUntil === 'string') ||
    !(identifier === undefined || typeof identifier === 'string') ||
    !(serial === undefined || typeof serial === 'string') ||
    !(asOf === undefined || typeof asOf === 'string') ||
    !(files === undefined || isObject(files)) ||
    !isObject(fields) ||
    !Array.isArray(holders)
  )
    return malformed();
  const people: RawCertificate['holders'][number][] = [];
  for (const holder of holders as readonly JsonValue[]) {
    if (!isObject(holder)) return malformed();
    const { role = 'holder', kind, number, issuer } = holder;
    if (typeof role !== 'string' || typeof kind !== 'string' || typeof number !== 'string')
      return malformed();
    if (issuer !== undefined && typeof issuer !== 'string') return malformed();
    people.push({
      role,
      kind: kind as IdentifierKind,
      number,
      ...(issuer !== undefined && { issuer }),
    });
  }
  const paths: Record<string, string> = {};
  for (const [name, path] of Object.entries(files ?? {})) {
    if (typeof path !== 'string') return malformed();
    paths[name] = path;
  }
  return {
    type,
    holders: people,
    validFrom,
    validUntil: typeof validUntil === 'string' && noExpiry.has(validUntil) ? null : validUntil,
    ...(identifier !== undefined && { identifier }),
    ...(serial !== undefined && { serial }),
    ...(asOf !== undefined && { asOf }),
    fields,
    files: paths,
  };
}
