/** A part of a catalogue file as one request takes it: each has the header. */
export interface CataloguePart {
  readonly content: string;
  readonly lineOffset: number;
}

/** Letters of one part: far below what a request may hold. */
const most = 120_000;

/** A file's text: UTF-8, or GB 18030 as older office programs write it. */
export function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

/**
 * Cuts a file between lines. Lines that begin alike stay together, because the rules of one matter
 * are set whole.
 */
export function partsOf(text: string, largest = most): readonly CataloguePart[] {
  const [header = '', ...lines] = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const parts: { content: string; lineOffset: number }[] = [];
  let open: { content: string; lineOffset: number } | null = null;
  let before = '';
  for (const [n, line] of lines.entries()) {
    const first = line.split(/[\t,]/, 1)[0] ?? '';
    if (open !== null && open.content.length > largest && first !== before) {
      parts.push(open);
      open = null;
    }
    open ??= { content: header, lineOffset: n };
    open.content += line;
    before = first;
  }
  if (open !== null) parts.push(open);
  return parts.length === 0 && header !== '' ? [{ content: header, lineOffset: 0 }] : parts;
}
