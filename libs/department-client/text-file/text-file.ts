import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { InvalidError, LineCutter } from '#libs/kernel';
import { ascii, decoded, decodeLine, type Encoding, encodings, type NotText } from './decoding.js';

/** The file as a whole cannot be read. */
export class TextFileRefused extends InvalidError<
  | 'file_unreadable'
  | 'file_not_in_encoding'
  | 'file_is_spreadsheet'
  | 'line_ends_unknown'
  | 'encoding_unknown'
  | 'encoding_contradicted'
> {}

/** A line that is no text, or too long to be one of ours. */
export type LineFault = NotText | { readonly fault: 'line_too_long'; readonly at: null };

export interface TextLine {
  /** From 1. */
  readonly line: number;
  /** Without its end. Where it is at fault: as far as it can be shown. */
  readonly text: string;
  readonly fault: LineFault | null;
  /** Bytes of the file up to and with its end. */
  readonly upTo: number;
}

export interface TextFile {
  readonly encoding: Encoding;
  readonly lines: AsyncIterable<readonly TextLine[]>;
}

/** Bytes of a line: more than any certificate that a city takes. */
export const maxLineBytes = 256 * 1024;

const marks: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/**
 * Opens a file of text in the encoding that is named, else that of its byte order mark, else UTF-8,
 * or GB18030 where the first line is that and no UTF-8. Nothing is decoded around an error: a line
 * that is not in the encoding is given as such.
 * @throws TextFileRefused
 */
export async function openText(path: string, named?: string): Promise<TextFile> {
  const head = await readHead(path);
  refuseSpreadsheet(head);
  const mark = marks.find(([, bytes]) => bytes.every((byte, n) => head[n] === byte));
  const encoding = encodingOf(head, mark?.[0], named);
  refuseLoneReturns(head, encoding);
  const skip = mark?.[1].length ?? 0;
  return { encoding, lines: linesOf(path, encoding, skip, named !== undefined) };
}

/** First bytes of Excel's own formats: the compound file of .xls, and the ZIP of .xlsx. */
const spreadsheets: readonly (readonly [string, readonly number[]])[] = [
  ['.xls', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['.xlsx', [0x50, 0x4b, 0x03, 0x04]],
];

/** By its bytes, for people rename such files to .csv. */
function refuseSpreadsheet(head: Uint8Array): void {
  const found = spreadsheets.find(([, bytes]) => bytes.every((byte, n) => head[n] === byte));
  if (found === undefined) return;
  throw new TextFileRefused(
    'file_is_spreadsheet',
    `这是电子表格（${found[0]}），不是 CSV / this is a spreadsheet (${found[0]}), and no CSV`,
    { format: found[0] },
    {
      hint: '请在电子表格中另存为“CSV UTF-8（逗号分隔）” / save it in the spreadsheet as "CSV UTF-8 (comma delimited)"',
    },
  );
}

/** Lines that end in a carriage return alone would be one line of many. */
function refuseLoneReturns(head: Uint8Array, encoding: Encoding): void {
  const text = new TextDecoder(encoding).decode(head);
  if (!text.includes('\r') || text.includes('\n')) return;
  throw new TextFileRefused(
    'line_ends_unknown',
    '各行以单独的回车符（CR，旧式 Mac）结束，应为换行符（LF 或 CRLF）/ lines end in a carriage return alone (CR, as old Macs wrote it); they are to end in LF or CRLF',
    {},
    {
      hint: '请另存为“CSV UTF-8” / save it again as "CSV UTF-8"',
    },
  );
}

function encodingOf(head: Uint8Array, marked: Encoding | undefined, named?: string): Encoding {
  if (named !== undefined) {
    const encoding = namedEncoding(named);
    if (marked !== undefined && marked !== encoding)
      throw new TextFileRefused(
        'encoding_contradicted',
        `--encoding ${encoding}，但文件的字节顺序标记是 ${marked} 的 / the file's byte order mark is that of ${marked}`,
        { named: encoding, marked },
      );
    return encoding;
  }
  if (marked !== undefined) return marked;
  if (head.includes(0))
    throw new TextFileRefused(
      'encoding_unknown',
      '文件不是文本，或是没有字节顺序标记的 UTF-16 / the file is no text, or UTF-16 without a byte order mark',
      {},
      { hint: `若是 UTF-16，请指明 / if it is UTF-16, say so: --encoding utf-16le` },
    );
  const feed = head.indexOf(0x0a);
  const first = head.subarray(0, feed === -1 ? head.length : feed);
  if (decoded(first, 'utf-8') !== null) return 'utf-8';
  const chinese = decoded(first, 'gb18030');
  return chinese !== null && !ascii(chinese) && feed !== -1 ? 'gb18030' : 'utf-8';
}

function namedEncoding(name: string): Encoding {
  const plain = name.toLowerCase();
  const known = plain === 'gbk' || plain === 'gb2312' ? 'gb18030' : plain;
  const encoding = encodings.find((one) => one === known || one.replace('-', '') === known);
  if (encoding !== undefined) return encoding;
  throw new TextFileRefused(
    'encoding_unknown',
    `不认识的编码 / no such encoding: ${name}`,
    {},
    {
      hint: `--encoding ${encodings.join(' | ')}`,
    },
  );
}

async function readHead(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxLineBytes), 0, maxLineBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new TextFileRefused(
      'file_unreadable',
      `文件无法读取 / the file cannot be read: ${path}`,
      {},
      { cause },
    );
  }
}

async function* linesOf(
  path: string,
  encoding: Encoding,
  skip: number,
  named: boolean,
): AsyncGenerator<readonly TextLine[], void> {
  const wide = encoding === 'utf-16le' || encoding === 'utf-16be';
  const cutter = new LineCutter(maxLineBytes, wide ? encoding : 'byte');
  const read = ({
    line,
    bytes,
    upTo,
    tooLong,
  }: ReturnType<LineCutter['end']>[number]): TextLine => {
    const place = { line, upTo: upTo + skip };
    if (tooLong) return { ...place, text: '', fault: { fault: 'line_too_long', at: null } };
    const text = decodeLine(bytes, encoding, named);
    if (typeof text === 'string') return { ...place, text, fault: null };
    return { ...place, text: new TextDecoder(encoding).decode(bytes), fault: text };
  };
  for await (const chunk of createReadStream(path, { start: skip }) as AsyncIterable<Buffer>)
    yield cutter.push(chunk).map(read);
  yield cutter.end().map(read);
}

/**
 * A file of a table of ours, whole. A byte order mark is taken off. @throws TextFileRefused, naming
 * the first line that is at fault
 */
export async function wholeText(path: string, named?: string): Promise<string> {
  const { encoding, lines } = await openText(path, named);
  let text = '';
  for await (const chunk of lines)
    for (const { line, text: written, fault } of chunk) {
      if (fault !== null)
        throw new TextFileRefused(
          'file_not_in_encoding',
          `第 ${line} 行不是 ${encoding} 文字 / line ${line} is no text of ${encoding} (${fault.fault})`,
          { line, encoding, fault: fault.fault },
          { hint: `若是 GBK，请指明 / where it is GBK, say so: --encoding gb18030` },
        );
      text += `${written}\n`;
    }
  return text;
}
