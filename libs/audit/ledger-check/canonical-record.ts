/**
 * Checks records in place, without parsing: bytes that pass are canonical, in the only spelling
 * that RFC 8785 allows. It knows the common forms only; what does not pass (members beyond ASCII,
 * fractions, deep nesting) is for `readRecord` and `canonicalize`.
 */
export class CanonicalRecord {
  /**
   * Where the parts of the record that passed last lie: each from its first byte to behind its
   * last; of texts, between the quotation marks.
   */
  /** Of the actor's client. */
  actorStart = 0;
  actorEnd = 0;
  /** Of the actor's operator; −1 where it names none. */
  operatorStart = -1;
  operatorEnd = -1;
  cityStart = 0;
  cityEnd = 0;
  dataStart = 0;
  dataEnd = 0;
  /** The 64 digits' first; −1 where `prev` is null. */
  prevStart = 0;
  schema = 0;
  streamStart = 0;
  streamEnd = 0;
  timeStart = 0;
  timeEnd = 0;
  typeStart = 0;
  typeEnd = 0;
  version = 0;

  private bytes: Uint8Array = new Uint8Array();

  /** Whether the bytes from `start` to `end` are a record, in canonical form. */
  passes(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    let at = (this.actorStart = this.expect(start, begin));
    at = this.text(at);
    this.actorEnd = at - 1;
    this.operatorStart = this.operatorEnd = -1;
    if (this.at(at) === comma) {
      this.operatorStart = this.expect(at, operator);
      at = this.text(this.operatorStart);
      this.operatorEnd = at - 1;
    }
    at = this.cityStart = this.expect(at, city);
    at = this.text(at);
    this.cityEnd = at - 1;
    at = this.dataStart = this.expect(at, data);
    // An object: what `data` begins with is the brace.
    at = at < 0 || this.at(at) !== brace ? -1 : this.object(at + 1, 2);
    this.dataEnd = at;
    at = this.expect(at, id);
    at = this.expect(this.hex(at, 32), prev);
    if (this.at(at) === quote) {
      this.prevStart = at + 1;
      at = this.hex(at + 1, 64);
      at = this.at(at) === quote ? at + 1 : -1;
    } else {
      this.prevStart = -1;
      at = this.expect(at, nothing);
    }
    at = this.count(this.expect(at, schema));
    this.schema = this.counted;
    at = this.streamStart = this.expect(at, stream);
    at = this.text(at);
    this.streamEnd = at - 1;
    at = this.timeStart = this.expect(at, time);
    at = this.text(at);
    this.timeEnd = at - 1;
    at = this.typeStart = this.expect(at, type);
    at = this.text(at);
    this.typeEnd = at - 1;
    at = this.count(this.expect(at, version));
    this.version = this.counted;
    return (
      this.at(at) === endBrace &&
      at + 1 === end &&
      this.streamEnd > this.streamStart &&
      this.prevStart < 0 === (this.version === 0)
    );
  }

  // Each of these takes a place, or −1 after an earlier failure, and returns the place after what
  // it read, or −1. A 0 follows the bytes and matches nothing, so that no place is compared with
  // the end.

  private at(place: number): number {
    return this.bytes[place] ?? 0;
  }

  private expect(at: number, what: Uint8Array): number {
    if (at < 0) return -1;
    for (let n = 0; n < what.length; n++) if (this.bytes[at + n] !== what[n]) return -1;
    return at + what.length;
  }

  /** @param at behind the opening quotation mark */
  private text(at: number): number {
    if (at < 0) return -1;
    const { bytes } = this;
    for (;;) {
      let byte = bytes[at] ?? 0;
      while (plain[byte] === 1) byte = bytes[++at] ?? 0;
      if (byte === quote) return at + 1;
      at = byte === backslash ? this.escape(at + 1) : this.sequence(at, byte);
      if (at < 0) return -1;
    }
  }

  /**
   * RFC 8785, section 3.2.2.2: the short escapes, and \u00xx in small letters for the other control
   * characters.
   */
  private escape(at: number): number {
    const letter = this.at(at);
    if (letter !== 0x75) return shortEscapes.has(letter) ? at + 1 : -1;
    const [a, b, c, d] = [this.at(at + 1), this.at(at + 2), this.at(at + 3), this.at(at + 4)];
    if (a !== zero || b !== zero || (c !== zero && c !== zero + 1)) return -1;
    const low = nibbles[d] ?? none;
    const code = (c - zero) * 16 + low;
    return low === none || haveShort.has(code) ? -1 : at + 5;
  }

  /** A character of two to four bytes (RFC 3629, section 4): no surrogates, no overlong forms. */
  private sequence(at: number, first: number): number {
    const second = this.at(at + 1);
    if (first >= 0xc2 && first <= 0xdf) return isRest(second) ? at + 2 : -1;
    if (first >= 0xe0 && first <= 0xef) {
      const fits =
        isRest(second) && (first !== 0xe0 || second >= 0xa0) && (first !== 0xed || second < 0xa0);
      return fits && isRest(this.at(at + 2)) ? at + 3 : -1;
    }
    if (first < 0xf0 || first > 0xf4) return -1;
    const fits =
      isRest(second) && (first !== 0xf0 || second >= 0x90) && (first !== 0xf4 || second < 0x90);
    return fits && isRest(this.at(at + 2)) && isRest(this.at(at + 3)) ? at + 4 : -1;
  }

  private value(at: number, depth: number): number {
    const byte = this.at(at);
    if (byte === quote) return this.text(at + 1);
    if (byte === brace) return this.object(at + 1, depth + 1);
    if (byte === bracket) return this.array(at + 1, depth + 1);
    if (byte === 0x74) return this.expect(at, yes);
    if (byte === 0x66) return this.expect(at, no);
    if (byte === 0x6e) return this.expect(at, nothing);
    if (byte !== minus) return this.count(at);
    const behind = this.count(at + 1);
    return this.counted === 0 ? -1 : behind;
  }

  private array(at: number, depth: number): number {
    if (depth > deepest) return -1;
    if (this.at(at) === endBracket) return at + 1;
    for (;;) {
      at = this.value(at, depth);
      if (at < 0) return -1;
      const byte = this.at(at++);
      if (byte === endBracket) return at;
      if (byte !== comma) return -1;
    }
  }

  /**
   * Names in their order, so that none occurs twice. Bytes order plain ASCII as UTF-16 does. @param
   * at after the brace
   */
  private object(at: number, depth: number): number {
    if (depth > deepest) return -1;
    if (this.at(at) === endBrace) return at + 1;
    let before = -1;
    let beforeEnd = -1;
    for (;;) {
      if (this.at(at) !== quote) return -1;
      const name = at + 1;
      let nameEnd = name;
      while (plain[this.at(nameEnd)] === 1) nameEnd++;
      if (this.at(nameEnd) !== quote || this.at(nameEnd + 1) !== colon) return -1;
      if (before >= 0 && !this.ascends(before, beforeEnd, name, nameEnd)) return -1;
      // Strict readers refuse __proto__.
      if (this.at(name) === underscore && this.at(name + 1) === underscore) return -1;
      before = name;
      beforeEnd = nameEnd;
      at = this.value(nameEnd + 2, depth);
      if (at < 0) return -1;
      const byte = this.at(at++);
      if (byte === endBrace) return at;
      if (byte !== comma) return -1;
    }
  }

  private ascends(a: number, aEnd: number, b: number, bEnd: number): boolean {
    for (; a < aEnd && b < bEnd; a++, b++) {
      const difference = this.at(a) - this.at(b);
      if (difference !== 0) return difference < 0;
    }
    return aEnd - a < bEnd - b;
  }

  private hex(at: number, digits: number): number {
    if (at < 0) return -1;
    for (let n = at; n < at + digits; n++) if (nibbles[this.at(n)] === none) return -1;
    return at + digits;
  }

  private counted = 0;
  /** A whole number from 0 to 10^15 − 1, which has one spelling. It is left in `counted`. */
  private count(at: number): number {
    if (at < 0) return -1;
    const first = at;
    let number = 0;
    let digit = this.at(at) - zero;
    while (digit >= 0 && digit <= 9) {
      number = number * 10 + digit;
      digit = this.at(++at) - zero;
    }
    this.counted = number;
    const digits = at - first;
    if (digits === 0 || digits > 15 || (digits > 1 && this.at(first) === zero)) return -1;
    const behind = this.at(at);
    return behind === point || behind === exponent || behind === 0x45 ? -1 : at;
  }
}

/**
 * What a hexadecimal digit stands for, by its byte; `none` for what is no digit in small letters.
 */
export const nibbles = new Uint8Array(256).fill(255);
const none = 255;
Array.from('0123456789abcdef', (digit, value) => (nibbles[digit.charCodeAt(0)] = value));

const ascii = (text: string) => new TextEncoder().encode(text);
// The members in their order, up to where all records are alike.
const begin = ascii('{"actor":{"client":"');
const operator = ascii(',"operator":"');
const city = ascii('},"city":"');
const data = ascii(',"data":');
const id = ascii(',"id":"');
const prev = ascii('","prev":');
const schema = ascii(',"schema":');
const stream = ascii(',"stream":"');
const time = ascii(',"time":"');
const type = ascii(',"type":"');
const version = ascii(',"v":1,"version":');
const nothing = ascii('null');
const yes = ascii('true');
const no = ascii('false');

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const brace = 0x7b;
const endBrace = 0x7d;
const bracket = 0x5b;
const endBracket = 0x5d;
const zero = 0x30;
const minus = 0x2d;
const point = 0x2e;
const exponent = 0x65;
const underscore = 0x5f;
/** As deep as `readRecord` goes. */
const deepest = 64;

/** ASCII that needs no escape within quotation marks, DEL included. */
const plain = new Uint8Array(256);
for (let byte = 0x20; byte < 0x80; byte++) plain[byte] = 1;
plain[0x22] = 0;
plain[0x5c] = 0;

const shortEscapes = new Set(ascii('"\\bfnrt'));
const haveShort = new Set([8, 9, 10, 12, 13]);
const isRest = (byte: number) => byte >= 0x80 && byte < 0xc0;
