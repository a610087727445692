/** Encodings that browsers and servers share. */
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8Bytes = (text: string): Uint8Array<ArrayBuffer> => utf8.encode(text);

/**
 * The text of exactly these bytes: a byte order mark stays in it as U+FEFF, so that what was signed
 * or hashed has one spelling. Throws a TypeError on bytes that are not UTF-8.
 */
export const utf8Text = (bytes: Uint8Array): string => strictUtf8.decode(bytes);

/**
 * Without the byte order mark that programs put before a whole file or body, where it is no part of
 * a signed or hashed text.
 */
export const withoutBom = (text: string): string =>
  text.startsWith('\uFEFF') ? text.slice(1) : text;

/**
 * Conversions of bytes and texts. Decoding accepts one spelling only, and gives `null` for any
 * other.
 */
interface Encodings {
  readonly hex: (bytes: Uint8Array) => string;
  readonly fromHex: (text: string) => Uint8Array | null;
  readonly base64url: (bytes: Uint8Array) => string;
  readonly fromBase64url: (text: string) => Uint8Array | null;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const values = new Map(Array.from(alphabet, (letter, value) => [letter, value]));

/** For browsers. */
export const portableEncodings: Encodings = {
  hex(bytes) {
    let text = '';
    for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
    return text;
  },

  fromHex(text) {
    if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
    const bytes = new Uint8Array(text.length / 2);
    for (let i = 0; i < bytes.length; i++)
      bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
    return bytes;
  },

  base64url(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
      const group = (a << 16) | (b << 8) | c;
      const letters = Math.min(bytes.length - i, 3) + 1;
      for (let k = 0; k < letters; k++) text += alphabet.charAt((group >> (18 - 6 * k)) & 63);
    }
    return text;
  },

  fromBase64url(text) {
    if (text.length % 4 === 1) return null;
    const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
    let bits = 0;
    let held = 0;
    let at = 0;
    for (const letter of text) {
      const value = values.get(letter);
      if (value === undefined) return null;
      held = ((held << 6) | value) & 0xffff;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes[at++] = (held >> bits) & 0xff;
      }
    }
    return (held & ((1 << bits) - 1)) === 0 ? bytes : null;
  },
};

interface NodeBytes extends Uint8Array {
  toString(encoding?: 'hex' | 'base64url'): string;
}
/** The part of Node's Buffer that is used here; this room does not import Node. */
interface NodeBuffers {
  from(text: string, encoding: 'hex' | 'base64url'): NodeBytes;
  from(buffer: ArrayBufferLike, offset: number, length: number): NodeBytes;
}

/**
 * Node's own encodings are many times faster, but lenient in decoding: the result is encoded again
 * and compared.
 */
function nodeEncodings(node: NodeBuffers): Encodings {
  const write = (bytes: Uint8Array, encoding: 'hex' | 'base64url') =>
    node.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
  const read = (text: string, encoding: 'hex' | 'base64url') => {
    const bytes = node.from(text, encoding);
    // Copied, because Node cuts small buffers from a shared one.
    return bytes.toString(encoding) === text ? new Uint8Array(bytes) : null;
  };
  return {
    hex: (bytes) => write(bytes, 'hex'),
    fromHex: (text) => read(text, 'hex'),
    base64url: (bytes) => write(bytes, 'base64url'),
    fromBase64url: (text) => read(text, 'base64url'),
  };
}

const node = (globalThis as { readonly Buffer?: NodeBuffers }).Buffer;
const encodings = node === undefined ? portableEncodings : nodeEncodings(node);

export const hex = (bytes: Uint8Array): string => encodings.hex(bytes);

/** `null` where the text is not an even number of lower-case hexadecimal digits. */
export const fromHex = (text: string): Uint8Array | null => encodings.fromHex(text);

/** RFC 4648, section 5, without padding. */
export const base64url = (bytes: Uint8Array): string => encodings.base64url(bytes);

/**
 * Strict: `null` on any other letter, on padding, on an impossible length and on unused bits that
 * are not zero.
 */
export const fromBase64url = (text: string): Uint8Array | null => encodings.fromBase64url(text);
