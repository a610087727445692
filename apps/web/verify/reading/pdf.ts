/**
 * Files that a PDF carries (ISO 32000-1, 7.11.4), found without reading the rest of it: streams
 * whose own dictionary says /Type /EmbeddedFile, with a direct /Length, plain or in Flate. That is
 * how Typst writes PDF/A-3 and what an incremental update (a signature) leaves as it is.
 */

/** Characters of a stream's dictionary. */
const maxDictionaryBytes = 4096;
/** Bytes of a PDF that is looked through, and of a file in it. */
const [maxBytes, maxAttachedBytes] = [30 * 1024 * 1024, 1024 * 1024];

export const isPdf = (bytes: Uint8Array): boolean =>
  latin1(bytes.subarray(0, 1024)).includes('%PDF-');

/**
 * @returns the content of each file, in their order
 * @throws TypeError where one is damaged, or larger than any proof
 */
export async function embeddedFiles(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
  if (bytes.length > maxBytes) throw new TypeError('too large');
  const text = latin1(bytes);
  const files: Uint8Array[] = [];
  for (const { index, 0: keyword } of text.matchAll(/\bstream\r?\n/g)) {
    const before = text.slice(Math.max(0, index - maxDictionaryBytes), index);
    const dictionary = before.slice(before.lastIndexOf(' obj'));
    if (!/^ obj\s*<<[^]*\/Type\s*\/EmbeddedFile\b[^]*>>\s*$/.test(dictionary)) continue;
    const length = /\/Length (\d+)(?! \d+ R)\b/.exec(dictionary)?.[1];
    const from = index + keyword.length;
    const until = from + Number(length);
    if (length === undefined || !/^\s*endstream\b/.test(text.slice(until, until + 12)))
      throw new TypeError('a file in the PDF is not whole');
    files.push(await content(bytes.subarray(from, until), dictionary));
  }
  return files;
}

async function content(stream: Uint8Array, dictionary: string): Promise<Uint8Array> {
  const filter = /\/Filter\s*\[?\s*(\/\w+(?:\s*\/\w+)*)/.exec(dictionary)?.[1];
  if (filter === undefined) return stream.slice();
  if (filter !== '/FlateDecode' || /\/DecodeParms\b/.test(dictionary))
    throw new TypeError('a file in the PDF is packed in another way');
  const reader = new Blob([stream.slice()])
    .stream()
    .pipeThrough(new DecompressionStream('deflate'))
    .getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    // A little stream can unpack to gigabytes.
    if (length > maxAttachedBytes) throw new TypeError('a file in the PDF is too large');
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const latin1 = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);
