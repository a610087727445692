/**
 * Two-byte letters of GB18030, by what they are decoded to. Node decodes it and does not write it.
 */
const letters = new Map<string, readonly [number, number]>();
const decoder = new TextDecoder('gb18030');
for (let first = 0x81; first <= 0xfe; first++)
  for (let second = 0x40; second <= 0xfe; second++) {
    const text = decoder.decode(Uint8Array.of(first, second));
    if (text.length === 1 && !letters.has(text)) letters.set(text, [first, second]);
  }

/** Text as a program on a Chinese system writes it without being asked. */
export const gb18030 = (text: string): Uint8Array =>
  Uint8Array.from(
    Array.from(text).flatMap((letter) => {
      if (letter <= '\u007f') return [letter.charCodeAt(0)];
      const bytes = letters.get(letter);
      if (bytes === undefined) throw new RangeError(`no two bytes for ${letter}`);
      return [...bytes];
    }),
  );
