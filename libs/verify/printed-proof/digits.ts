/**
 * Bytes as decimal digits, for the numeric mode of a QR code (ISO/IEC 18004: ten bits for three
 * digits). Groups of 23 bits, the first bit of a byte being its highest, are seven digits each, and
 * what is left at the end as few digits as can hold it: 1.4 % more than the bytes.
 */
const GROUP = { bits: 23, digits: 7 } as const;
/** By digits: the most bits that so many digits hold whatever the bits are. */
const bitsIn = [0, 3, 6, 9, 13, 16, 19, 23];
/** By bits: the fewest digits that hold so many. */
const digitsFor = Array.from({ length: GROUP.bits + 1 }, (_, bits) =>
  bitsIn.findIndex((held) => held >= bits),
);

/** How many digits `length` bytes are: no two lengths have the same number. */
export const digitCount = (length: number): number =>
  Math.floor((length * 8) / GROUP.bits) * GROUP.digits +
  (digitsFor[(length * 8) % GROUP.bits] ?? 0);

export function toDigits(bytes: Uint8Array): string {
  const groups: string[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    if (bits < GROUP.bits) continue;
    bits -= GROUP.bits;
    groups.push(String(held >> bits).padStart(GROUP.digits, '0'));
    held &= (1 << bits) - 1;
  }
  if (bits > 0) groups.push(String(held).padStart(digitsFor[bits] ?? 0, '0'));
  return groups.join('');
}

/** Strict: null unless the text is exactly what `toDigits` writes for some bytes. */
export function fromDigits(text: string): Uint8Array | null {
  if (!/^[0-9]*$/.test(text)) return null;
  const last = bitsIn[text.length % GROUP.digits] ?? 0;
  const length = Math.floor((Math.floor(text.length / GROUP.digits) * GROUP.bits + last) / 8);
  if (digitCount(length) !== text.length) return null;
  const bytes = new Uint8Array(length);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let from = 0; from < text.length; from += GROUP.digits) {
    const taken = Math.min(GROUP.bits, (length - at) * 8 - bits);
    const value = Number(text.slice(from, from + GROUP.digits));
    if (value >= 1 << taken) return null;
    // At most 7 bits are held over: 30 bits in all, which shifts can carry.
    held = (held << taken) | value;
    bits += taken;
    while (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return bytes;
}
