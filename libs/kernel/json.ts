import { InvalidError } from './errors.js';

export type JsonValue = null | boolean | number | string | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

/** Text that is not the JSON that we take: malformed, too deep, with a member twice, or not representable in canonical form. */
export class JsonError extends InvalidError<
  | 'json_malformed'
  | 'json_too_deep'
  | 'json_duplicate_member'
  | 'json_forbidden_member'
  | 'json_not_canonical'
> {}

/**
 * RFC 8785 canonical JSON: members sorted by UTF-16 code units, no white space, ECMAScript numbers.
 * Lone surrogates, NaN and infinities are refused (RFC 8785, 3.2.2.2 and 3.2.2.3). Members whose value is undefined are left out.
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

/** Printable ASCII without quotation mark and backslash: nothing to escape, and several times faster to know than to escape. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  // JSON.stringify escapes exactly what RFC 8785 asks, except that it writes lone surrogates as \udXXX instead of refusing them.
  if (!text.isWellFormed()) throw notCanonical('a string holds a lone surrogate');
  return JSON.stringify(text);
}

const notCanonical = (why: string) =>
  new JsonError('json_not_canonical', `no canonical form: ${why}`);

/**
 * Parses JSON as the ledger takes it: what `JSON.parse` takes, without members that stand twice, without `__proto__`,
 * and nested at most `maxDepth` levels (an object in an object is two).
 */
export function parseJson(text: string, maxDepth = 20): JsonValue {
  scan(text, maxDepth);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new JsonError('json_malformed', 'the text is not JSON', {}, { cause });
  }
}

/** Walks the tokens once, without building anything; what is malformed beyond nesting and names is left to JSON.parse. */
function scan(text: string, maxDepth: number): void {
  const names: (Set<string> | null)[] = []; // a set for an open object, null for an open array
  let expectName = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: {
        // [
        const object = text.charCodeAt(i) === 0x7b;
        names.push(object ? new Set() : null);
        if (names.length > maxDepth)
          throw new JsonError('json_too_deep', `nested deeper than ${maxDepth} levels`, {
            maxDepth,
          });
        expectName = object;
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        names.pop();
        expectName = false;
        break;
      case 0x2c: // ,
        expectName = names.at(-1) instanceof Set;
        break;
      case 0x22: {
        // "
        const start = i;
        i = endOfString(text, start);
        if (!expectName) break;
        expectName = false;
        const seen = names.at(-1);
        if (!(seen instanceof Set)) break;
        const name = nameOf(text.slice(start, i + 1));
        if (seen.has(name))
          throw new JsonError('json_duplicate_member', 'an object has the same member twice');
        if (name === '__proto__')
          throw new JsonError('json_forbidden_member', 'a member is named __proto__');
        seen.add(name);
        break;
      }
      default:
    }
  }
}

/** Where the string that begins at `start` has its closing quotation mark; the text's length where it has none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let first = end;
    while (text.charCodeAt(first - 1) === 0x5c) first--;
    // An odd number of backslashes before it: it is escaped, and the string goes on. The opening mark is none, so `first` stays behind it.
    if ((end - first) % 2 === 0) return end;
  }
  return text.length;
}

function nameOf(token: string): string {
  // What is plain says what it stands for; anything else, and what has no end, is for the parser.
  const text = token.slice(1, -1);
  if (token.length > 1 && token.endsWith('"') && plain.test(text)) return text;
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
