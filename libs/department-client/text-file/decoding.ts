/** Encodings in which files are taken. */
export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030'] as const;
export type Encoding = (typeof encodings)[number];

/** Why bytes are not exactly one text: `at` counts bytes from 0, where that is known. */
export interface NotText {
  readonly fault: 'not_in_encoding' | 'private_use' | 'utf8_among_gb18030';
  readonly at: number | null;
}

/**
 * `ignoreBOM` keeps a mark in the text: where one is allowed, the opening code removes its bytes.
 */
const decoders = new Map(
  encodings.map((encoding) => [
    encoding,
    new TextDecoder(encoding, { fatal: true, ignoreBOM: true }),
  ]),
);

/**
 * Decodes a line strictly. In GB18030 bytes are refused that would not encode back to themselves:
 * the single byte 80, and letters of the private use area, which differ between fonts.
 * @param named whether the encoding was named by the user; a line that is UTF-8 by chance is then
 *   accepted
 */
export function decodeLine(
  bytes: Uint8Array,
  encoding: Encoding,
  named: boolean,
): string | NotText {
  const text = decoded(bytes, encoding);
  if (text === null) return { fault: 'not_in_encoding', at: firstWrong(bytes, encoding) };
  if (encoding !== 'gb18030' || ascii(text)) return text;
  if (/[\ue000-\uf8ff]|[\u{f0000}-\u{10ffff}]/u.test(text) || text.includes('€'))
    return { fault: 'private_use', at: null };
  // Bytes of GB18030 are UTF-8 by chance for a letter or two; for more, they are UTF-8.
  const utf8 = decoded(bytes, 'utf-8');
  if (utf8 !== null && (!named || utf8.replace(/[\u0000-\u07ff]/g, '').length >= 3))
    return { fault: 'utf8_among_gb18030', at: null };
  return text;
}

export function decoded(bytes: Uint8Array, encoding: Encoding): string | null {
  try {
    return decoders.get(encoding)?.decode(bytes) ?? null;
  } catch {
    return null;
  }
}

export const ascii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

/**
 * The longest beginning that can be decoded ends where the first wrong letter begins; found by
 * halving, in whole units.
 */
function firstWrong(bytes: Uint8Array, encoding: Encoding): number {
  const streaming = (length: number): boolean => {
    try {
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, length), {
        stream: true,
      });
      return true;
    } catch {
      return false;
    }
  };
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (middle <= bytes.length && streaming(middle)) good = middle;
    else bad = middle;
  }
  return Math.min(good, Math.max(0, bytes.length - 1));
}
