import { InvalidError } from './error-families.js';

export type JsonValue = null | boolean | number | string | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

/**
 * Text that is not JSON as the ledger accepts it: malformed, too deep or too large, with a
 * duplicate member, or not representable in canonical form.
 */
export class JsonError extends InvalidError<
  | 'json_malformed'
  | 'json_too_deep'
  | 'json_duplicate_member'
  | 'json_forbidden_member'
  | 'json_too_many'
  | 'json_nul'
  | 'json_number_inexact'
  | 'json_not_canonical'
> {}

/**
 * RFC 8785 canonical JSON: members sorted by UTF-16 code units, no white space, ECMAScript numbers.
 * Lone surrogates, NaN and infinities are refused (RFC 8785, 3.2.2.2 and 3.2.2.3), and members
 * whose value is undefined are left out.
 */
export function canonicalize(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      if (!Number.isFinite(value)) throw notCanonical('a number is not finite');
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) {
        let text = '[';
        for (let i = 0; i < value.length; i++) {
          if (i > 0) text += ',';
          text += canonicalize(value[i]);
        }
        return text + ']';
      }
      const members = value as Record<string, unknown>;
      const names = Object.keys(members).sort();
      let text = '{';
      for (const name of names) {
        const member = members[name];
        if (member === undefined) continue;
        if (text.length > 1) text += ',';
        text += quote(name) + ':' + canonicalize(member);
      }
      return text + '}';
    }
    default:
      throw notCanonical(`a ${typeof value} has no JSON form`);
  }
}

/**
 * Printable ASCII without quotation mark and backslash needs no escaping, and the test is several
 * times faster than escaping.
 */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  // JSON.stringify escapes exactly what RFC 8785 asks, except that it writes lone surrogates as
  // \udXXX instead of refusing them.
  if (!text.isWellFormed()) throw loneSurrogate();
  return JSON.stringify(text);
}

const notCanonical = (why: string) =>
  new JsonError('json_not_canonical', `no canonical form: ${why}`);

/** Limits of a text. Without them the only limits are the text's own length and 20 levels. */
export interface JsonBounds {
  /** An object in an object is two. */
  readonly depth?: number;
  readonly membersOfAnObject?: number;
  readonly elementsOfAnArray?: number;
  /** Members and elements together, at all levels. */
  readonly values?: number;
  readonly lettersOfAName?: number;
  /** Whether U+0000 may stand in a string or a name: PostgreSQL's text cannot hold it. */
  readonly nul?: 'refused';
  /**
   * Whether each number must be the double that it becomes (`0.1` is, `0.10000000000000001` is
   * not); otherwise the nearest is taken.
   */
  readonly numbers?: 'exact';
}

/**
 * Parses JSON as the ledger takes it: what `JSON.parse` takes, without members that stand twice,
 * without `__proto__`, without what has no canonical form (`1e400`, a lone surrogate written as an
 * escape), and within bounds. The first excess ends it: nothing is built of a text that is refused
 * for its size or its names.
 * @param bounds a number is the depth alone
 */
export function parseJson(text: string, bounds: number | JsonBounds = {}): JsonValue {
  scan(text, typeof bounds === 'number' ? { depth: bounds } : bounds);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new JsonError('json_malformed', 'the text is not JSON', {}, { cause });
  }
}

interface OpenContainer {
  /** The names so far, of an object; null of an array. */
  readonly names: Set<string> | null;
  commas: number;
}

/**
 * Walks the tokens once, without building anything; what is malformed beyond nesting, names and
 * numbers is left to JSON.parse.
 */
function scan(text: string, bounds: JsonBounds): void {
  const { depth = 20, membersOfAnObject, elementsOfAnArray } = bounds;
  const { values = Infinity, lettersOfAName = Infinity } = bounds;
  const open: OpenContainer[] = [];
  let expectName = false;
  let counted = 0;
  if (!text.isWellFormed()) throw loneSurrogate();
  let suspect = -1; // at or after the token, once a string was met
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    switch (letter) {
      case 0x7b: // {
      case 0x5b: // [
        open.push({ names: letter === 0x7b ? new Set() : null, commas: 0 });
        if (open.length > depth)
          throw new JsonError('json_too_deep', `nested deeper than ${depth} levels`, {
            maxDepth: depth,
          });
        if (++counted > values) throw tooMany('values', values);
        expectName = letter === 0x7b;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        expectName = false;
        break;
      case 0x2c: {
        // ,
        const container = open.at(-1);
        expectName = container?.names instanceof Set;
        if (++counted > values) throw tooMany('values', values);
        if (container === undefined) break;
        const limit = (expectName ? membersOfAnObject : elementsOfAnArray) ?? Infinity;
        if (++container.commas >= limit) throw tooMany(expectName ? 'members' : 'elements', limit);
        break;
      }
      case 0x22: {
        // "
        const start = i;
        i = endOfString(text, start);
        if (suspect < start) suspect = nextSuspect(text, start);
        if (suspect < i) checkEscaped(unescaped(text.slice(start, i + 1)), bounds);
        if (!expectName) break;
        expectName = false;
        // A letter may be written in six.
        if (i - start > 6 * lettersOfAName) throw tooMany('letters of a name', lettersOfAName);
        checkName(nameOf(text.slice(start, i + 1)), open.at(-1)?.names);
        break;
      }
      case 0x20: // white space, and what stands between a name and its value
      case 0x0a:
      case 0x0d:
      case 0x09:
      case 0x3a:
        while (isSpace(text.charCodeAt(i + 1))) i++;
        break;
      default: {
        const end = endOfNumber(text, i, maxNumberLength + 1);
        if (end === i) break;
        checkNumber(text.slice(i, end), bounds);
        i = end - 1;
      }
    }
  }
}

const loneSurrogate = () => notCanonical('a string holds a lone surrogate');

const tooMany = (of: 'values' | 'members' | 'elements' | 'letters of a name', limit: number) =>
  new JsonError('json_too_many', `more ${of} than are taken`, { of, limit });

function checkEscaped(said: string, { nul }: JsonBounds): void {
  if (!said.isWellFormed()) throw loneSurrogate();
  if (nul === 'refused' && said.includes('\0'))
    throw new JsonError('json_nul', 'a string holds U+0000');
}

function checkName(name: string, seen: Set<string> | null | undefined): void {
  if (!(seen instanceof Set)) return;
  if (seen.has(name))
    throw new JsonError('json_duplicate_member', 'an object has the same member twice');
  if (name === '__proto__')
    throw new JsonError('json_forbidden_member', 'a member is named __proto__');
  seen.add(name);
}

const isSpace = (letter: number) =>
  letter === 0x20 || letter === 0x0a || letter === 0x0d || letter === 0x09;

const isDigit = (letter: number) => letter >= 0x30 && letter <= 0x39;

/** Digits, signs, point and exponent. */
const ofNumber = (letter: number) =>
  isDigit(letter) ||
  letter === 0x2e ||
  letter === 0x2b ||
  letter === 0x2d ||
  (letter | 32) === 0x65;

/** A double holds each number of so many letters, where none of them is an exponent. */
const alwaysExact = 15;
/** A longer number cannot be meant digit by digit. */
const maxNumberLength = 400;

/**
 * Where the number that begins at `start` ends, or is `maxLength` letters long; `start` where none
 * begins. What is malformed in it is left to JSON.parse.
 */
function endOfNumber(text: string, start: number, maxLength = Infinity): number {
  const first = text.charCodeAt(start);
  if (first !== 0x2d && !isDigit(first)) return start;
  const last = Math.min(text.length, start + maxLength);
  let end = start + 1;
  while (end < last && ofNumber(text.charCodeAt(end))) end++;
  return end;
}

function checkNumber(token: string, { numbers }: JsonBounds): void {
  if (token.length <= alwaysExact && !/e/i.test(token)) return;
  const held = token.length > maxNumberLength ? Infinity : Number(token);
  if (Number.isNaN(held)) return; // for the parser to refuse
  if (!Number.isFinite(held)) throw notCanonical('a number is not finite');
  if (numbers !== 'exact' || isSurelyHeld(token, held)) return;
  if (decimalOf(token) !== decimalOf(String(held)))
    throw new JsonError('json_number_inexact', 'a number cannot be held as it is written');
}

/**
 * Whether a number has so few digits that a double holds each, far from where doubles get coarse or
 * end (IEEE 754: 15 decimal digits survive). It is asked for every long number of a body, which
 * comparing decimals takes ten times as long for.
 */
function isSurelyHeld(token: string, held: number): boolean {
  const size = Math.abs(held);
  if (size < 1e-290 || size > 1e290) return false;
  let digits = 0; // from the first that is not zero to the last that is not
  let zeros = 0;
  for (let i = 0; i < token.length; i++) {
    const letter = token.charCodeAt(i);
    if ((letter | 32) === 0x65) break;
    if (letter === 0x30) zeros++;
    else if (isDigit(letter)) {
      digits += digits === 0 ? 1 : zeros + 1;
      zeros = 0;
    }
  }
  return digits <= alwaysExact;
}

/**
 * Where the string that begins at `start` has its closing quotation mark; the text's length where
 * it has none.
 */
function endOfString(text: string, start: number): number {
  const first = text.indexOf('"', start + 1);
  if (first === -1) return text.length;
  // Most strings end here. Behind a backslash the mark may be escaped, and letter by letter is
  // faster than mark by mark.
  if (text.charCodeAt(first - 1) !== 0x5c) return first;
  for (let end = start + 1; end < text.length; end++) {
    const letter = text.charCodeAt(end);
    if (letter === 0x22) return end;
    if (letter === 0x5c) end++;
  }
  return text.length;
}

/** An escape that may stand for what is no text (half of a surrogate pair) or for U+0000. */
const suspects = /\\u(?:[dD][89a-fA-F]|0000)/g;

function nextSuspect(text: string, from: number): number {
  suspects.lastIndex = from;
  return suspects.exec(text)?.index ?? Infinity;
}

/** What a name token stands for. What has no end is for the parser. */
function nameOf(token: string): string {
  return token.includes('\\') || !token.endsWith('"') ? unescaped(token) : token.slice(1, -1);
}

function unescaped(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch (cause) {
    throw new JsonError('json_malformed', 'the text is not JSON', {}, { cause });
  }
}

/** Whether a parsed value is an object with members (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The first number of a JSON text that is not the number which it is read as, such as
 * `12345678901234567890`, but not `0.1` or `1e3`; null where there is none. What is signed as text
 * and shown as a number must be the same number.
 */
export function inexactNumber(text: string): string | null {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) === 0x22) {
      i = endOfString(text, i);
      continue;
    }
    const end = endOfNumber(text, i);
    if (end === i) continue;
    const token = text.slice(i, end);
    if (decimalOf(token) !== decimalOf(String(Number(token)))) return token;
    i = end - 1;
  }
  return null;
}

/**
 * A decimal number in one spelling: digits without zeros at either end, and the power of ten of the
 * last.
 */
function decimalOf(token: string): string {
  const found = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token);
  if (!found) return token;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
