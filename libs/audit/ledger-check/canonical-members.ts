/**
 * Those of the members that the object at `at` has, each with a comma before it; the bytes are
 * canonical JSON.
 */
export function membersIn(bytes: Buffer, at: number, members: readonly string[]): string {
  let said = '';
  let next = 0;
  if (at < 0 || bytes[at] !== brace || bytes[at + 1] === endBrace) return said;
  at++;
  for (;;) {
    const value = behind(bytes, at) + 1;
    const end = behind(bytes, value);
    for (let n = next; n < members.length; n++) {
      const name = members[n] ?? '';
      if (value - at !== name.length + 3 || !spells(bytes, at + 1, name)) continue;
      said += `,"${name}":${bytes.toString('utf8', value, end)}`;
      next = n + 1;
      break;
    }
    if (next === members.length || bytes[end] !== comma) return said;
    at = end + 1;
  }
}

/**
 * Where the value of a member of the object at `at` begins; −1 where there is no such. The bytes
 * are canonical JSON.
 */
export function memberAt(bytes: Uint8Array, at: number, name: string): number {
  if (at < 0 || bytes[at] !== brace || bytes[at + 1] === endBrace) return -1;
  at++;
  for (;;) {
    const value = behind(bytes, at) + 1;
    if (value - at === name.length + 3 && spells(bytes, at + 1, name)) return value;
    at = behind(bytes, value);
    if (bytes[at] !== comma) return -1;
    at++;
  }
}

function spells(bytes: Uint8Array, at: number, name: string): boolean {
  for (let n = 0; n < name.length; n++) if (bytes[at + n] !== name.charCodeAt(n)) return false;
  return true;
}

/** The place after the value at `at`, in canonical JSON. */
function behind(bytes: Uint8Array, at: number): number {
  let depth = 0;
  do {
    const byte = bytes[at++];
    if (byte === quote) {
      while (bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
      at++;
    } else if (byte === brace || byte === bracket) depth++;
    else if (byte === endBrace || byte === endBracket) depth--;
    else if (depth === 0) while (!endsLiteral(bytes[at])) at++;
  } while (depth > 0);
  return at;
}

const endsLiteral = (byte: number | undefined) =>
  byte === comma || byte === endBrace || byte === endBracket || byte === undefined;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const brace = 0x7b;
const endBrace = 0x7d;
const bracket = 0x5b;
const endBracket = 0x5d;
