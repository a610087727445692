import {
  type CatalogueFile,
  type CatalogueFileKind,
  readCatalogueFile,
  type RefusedLine,
} from './catalogue-file.js';
import { CatalogueFileInvalid } from './catalogue.errors.js';

/** A catalogue file cut up for sending: each part has the header, and counts its lines on from `lineOffset`. */
export interface CatalogueParts {
  readonly kind: CatalogueFileKind;
  readonly parts: readonly { readonly content: string; readonly lineOffset: number }[];
  /** Lines that stood before, perhaps in an earlier part: they are in no part. */
  readonly duplicates: readonly RefusedLine[];
}

/**
 * Cuts a file between lines into parts of about `maxBytes` of UTF-8; the rules of one matter stay together.
 * @throws CatalogueFileInvalid where it is no catalogue file, or where the rules of one matter would come apart
 */
export function cutCatalogueFile(text: string, maxBytes = 400_000): CatalogueParts {
  const file = readCatalogueFile(text);
  const duplicates = file.refused.filter(({ reason }) => reason === 'code_duplicate');
  const leftOut = new Set(duplicates.map(({ line }) => line));
  const [header, ...records] = recordsOf(text);
  if (header === undefined) throw new CatalogueFileInvalid('file_empty', 'the file holds nothing');

  const parts: { content: string; lineOffset: number; from: number; upTo: number }[] = [];
  let open: { content: string; bytes: number; lineOffset: number; from: number } | null = null;
  const close = (before: number) => {
    if (open !== null) parts.push({ ...open, upTo: before });
    open = null;
  };
  const matterOf = matterByLine(file);
  let matter: string | null = null;
  for (const record of records) {
    const last = record.line + record.lines - 1;
    // What is left out stays as an empty line, so that those behind it keep their numbers.
    const content = leftOut.has(last) ? '\n' : record.text;
    const bytes = Buffer.byteLength(content);
    const before: string | null = matter;
    matter = matterOf.get(last) ?? before;
    const mayCut = file.kind !== 'rules' || matter !== before;
    if (open !== null && mayCut && open.bytes + bytes > maxBytes) close(record.line);
    open ??= {
      content: header.text,
      bytes: Buffer.byteLength(header.text),
      lineOffset: record.line - 1 - header.lines,
      from: record.line,
    };
    open.content += content;
    open.bytes += bytes;
  }
  close(Infinity);
  if (file.kind === 'rules' && parts.length > 1)
    for (const { from, upTo } of parts)
      refuseScattered(
        file.lines.map(({ line, value }) => ({
          matter: value.matter,
          inside: line >= from && line < upTo,
        })),
      );
  return {
    kind: file.kind,
    parts: parts.map(({ content, lineOffset }) => ({ content, lineOffset })),
    duplicates,
  };
}

/** Of a rules file: the matter that each line speaks of, where that can be told. */
function matterByLine(file: CatalogueFile): ReadonlyMap<number, string> {
  const matters = new Map<number, string>();
  if (file.kind !== 'rules') return matters;
  for (const { line, value } of file.lines) matters.set(line, value.matter);
  for (const { line, code } of file.refused) if (code !== null) matters.set(line, code);
  return matters;
}

/** A material's rule is set whole: if its lines came in two parts, the second would replace the first. */
function refuseScattered(lines: readonly { matter: string; inside: boolean }[]): void {
  const inside = new Set(lines.filter((line) => line.inside).map(({ matter }) => matter));
  const scattered = lines.find((line) => !line.inside && inside.has(line.matter));
  if (scattered !== undefined)
    throw new CatalogueFileInvalid(
      'rules_scattered',
      'the rules of one matter stand far apart in the file',
      { matter: scattered.matter },
      { hint: 'sort the file by matter, or import it in several files' },
    );
}

interface TextRecord {
  readonly text: string;
  /** Number of its first line in the file, from 1, and how many it takes. */
  readonly line: number;
  readonly lines: number;
}

/** The file's records as they are written: lines, but in CSV a quoted cell may hold line breaks. */
function recordsOf(text: string): TextRecord[] {
  const quotes = !(/^[^\r\n]*/.exec(text)?.[0] ?? '').includes('\t');
  const records: TextRecord[] = [];
  let pending = '';
  let first = 1;
  let line = 0;
  for (const piece of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    line++;
    pending += piece;
    if (quotes && (pending.split('"').length - 1) % 2 === 1) continue;
    records.push({ text: pending, line: first, lines: line - first + 1 });
    pending = '';
    first = line + 1;
  }
  if (pending !== '') records.push({ text: pending, line: first, lines: line - first + 1 });
  return records;
}
