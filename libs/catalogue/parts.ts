import {
  type CatalogueFile,
  type CatalogueFileKind,
  readCatalogueFile,
  type RefusedLine,
} from './catalogue-file.js';
import { CatalogueFileInvalid } from './catalogue.errors.js';

/**
 * A catalogue file cut up for sending: each part has the header, and counts its lines on from
 * `lineOffset`.
 */
export interface CatalogueParts {
  readonly kind: CatalogueFileKind;
  readonly parts: readonly { readonly content: string; readonly lineOffset: number }[];
  /** Lines that stood before, perhaps in an earlier part: they are in no part. */
  readonly duplicates: readonly RefusedLine[];
}

/** Lines of one part, the header and empty ones included: what one request may hold. */
export const maxLinesOfPart = 20_000;

/**
 * Cuts a file between lines into parts of about `maxBytes` of UTF-8; the rules of one matter stay
 * together.
 * @throws CatalogueFileInvalid where it is no catalogue file, or where the rules of one matter
 * would come apart
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
    // What is left out stays as an empty line, so that those behind it keep their numbers.
    const content = leftOut.has(record.line) ? '\n' : record.text;
    const bytes = Buffer.byteLength(content);
    const before: string | null = matter;
    matter = matterOf.get(record.line) ?? before;
    const mayCut = file.kind !== 'rules' || matter !== before;
    if (
      open !== null &&
      mayCut &&
      (open.bytes + bytes > maxBytes || record.line - open.from >= cutAt)
    )
      close(record.line);
    open ??= {
      content: header.text,
      bytes: Buffer.byteLength(header.text),
      lineOffset: record.line - 2,
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

/**
 * A material's rule is set whole: if its lines came in two parts, the second would replace the
 * first.
 */
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

/** The rules of one matter stay together, so a part may grow beyond it. */
const cutAt = maxLinesOfPart / 2;

interface TextRecord {
  readonly text: string;
  /** Its number in the file, from 1. */
  readonly line: number;
}

/** The file's lines as they are written, with their ends. */
const recordsOf = (text: string): TextRecord[] =>
  (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((written, n) => ({ text: written, line: n + 1 }));
