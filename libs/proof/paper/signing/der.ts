/*
 * DER (ITU-T X.690) as far as a signature over a page needs it: written from parts, and read one
 * element at a time from a certificate that this city was given.
 */

const tags = {
  integer: 0x02,
  bitString: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** @param tag the identifier octet, of one byte */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(
    body.length.toString(16).padStart(body.length < 0x100 ? 2 : body.length < 0x10000 ? 4 : 6, '0'),
    'hex',
  );
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

export const sequence = (...parts: readonly Uint8Array[]) => element(tags.sequence, ...parts);
export const octets = (bytes: Uint8Array) => element(tags.octets, bytes);
export const bits = (bytes: Uint8Array) => element(tags.bitString, Buffer.of(0), bytes);
export const utf8 = (text: string) => element(tags.utf8, Buffer.from(text, 'utf8'));

/** Elements of a SET OF stand in the order of their bytes (X.690, 11.6). */
export const setOf = (...parts: readonly Buffer[]) =>
  element(tags.set, ...parts.toSorted((a, b) => Buffer.compare(a, b)));

/** @param bytes a number without a sign, most significant byte first */
export const integer = (bytes: Uint8Array) =>
  element(tags.integer, ...((bytes[0] ?? 0) >= 0x80 ? [Buffer.of(0), bytes] : [bytes]));

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const arcs = [first * 40 + second, ...rest].map((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80);
    return Buffer.from(groups);
  });
  return element(tags.oid, ...arcs);
}

/** A moment to the second: UTCTime until 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
export function time(instant: string): Buffer {
  const digits = `${instant.slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return digits < '2050'
    ? element(tags.utcTime, Buffer.from(digits.slice(2)))
    : element(tags.generalizedTime, Buffer.from(digits));
}

/** The element that begins at an offset: all of its bytes, and where its contents begin. */
export function elementAt(
  bytes: Uint8Array,
  offset: number,
): { readonly whole: Uint8Array; readonly contents: number } {
  const first = bytes[offset + 1] ?? 0;
  const count = first < 0x80 ? 0 : first & 0x7f;
  let length = first < 0x80 ? first : 0;
  for (let n = 0; n < count; n++) length = length * 256 + (bytes[offset + 2 + n] ?? 0);
  const contents = offset + 2 + count;
  return { whole: bytes.subarray(offset, contents + length), contents };
}
