/**
 * The one rule for text that a person signs, reads, or is asked about: every character is visible
 * and read in the order shown. It does not judge which letters a name has; it refuses only code
 * points that hide, reorder or replace text.
 */
export interface TextFault {
  /** As Unicode writes it, e.g. `U+202E`. */
  readonly codePoint: string;
  /** Which character of the text it is, from 1. */
  readonly at: number;
  readonly why: TextFaultKind;
}
export type TextFaultKind =
  | 'lone-surrogate'
  | 'replacement-character' // U+FFFD: written by a decoder that could not read the input
  | 'noncharacter'
  | 'control'
  | 'line-separator'
  | 'bidi-control'
  | 'tag'
  | 'invisible';

/**
 * Code points to examine. Private-use and unassigned ones are not among them, because older
 * registers hold rare name characters so.
 */
const suspicious =
  /[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\ufff9-\ufffd\u2800]/u;

/**
 * The first code point for which a text is refused, null where there is none; a text is of one
 * line, or of several with U+000A between them. U+200C and U+200D are taken where an orthography
 * needs them (RFC 5892, A.1 and A.2: Arabic, Syriac, N'Ko, Mongolian, virama), Mongolian selectors
 * behind Mongolian letters; other variation selectors show nothing in most fonts, and two names
 * would look like one.
 */
export function textFault(text: string, lines: 'one' | 'several' = 'one'): TextFault | null {
  if (!suspicious.test(text)) return null;
  const characters = Array.from(text);
  for (const [n, character] of characters.entries()) {
    if (!suspicious.test(character) || (character === '\n' && lines === 'several')) continue;
    if (isNeeded(character, characters[n - 1] ?? '', characters[n + 1] ?? '')) continue;
    return { codePoint: codePointName(character), at: n + 1, why: kindOf(character) };
  }
  return null;
}

/** A character as Unicode names its code point: `U+` and at least four hexadecimal digits. */
export const codePointName = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

const joining = /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mongolian}]/u;
const virama =
  /[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u0e3a\u0f84\u1039\u103a\u1714\u17d2\u1a60\u1b44\ua806\ua8c4\ua9c0]/u;
const mongolian = /\p{Script=Mongolian}/u;
const mongolianOnly = /[\u180b-\u180f]/u;

function isNeeded(character: string, before: string, after: string): boolean {
  if (character === '\u200c' || character === '\u200d')
    return virama.test(before) || (joining.test(before) && joining.test(after));
  return mongolianOnly.test(character) && mongolian.test(before);
}

function kindOf(character: string): TextFaultKind {
  if (/\p{Cs}/u.test(character)) return 'lone-surrogate';
  if (character === '\ufffd') return 'replacement-character';
  if (/\p{Noncharacter_Code_Point}/u.test(character)) return 'noncharacter';
  if (/\p{Cc}/u.test(character)) return 'control';
  if (/[\p{Zl}\p{Zp}]/u.test(character)) return 'line-separator';
  if (/\p{Bidi_Control}/u.test(character)) return 'bidi-control';
  if (/[\u{e0000}-\u{e007f}]/u.test(character)) return 'tag';
  return 'invisible';
}

/**
 * The text with everything escaped that a terminal would execute or hide: controls (C0, C1), line
 * and paragraph separators, and characters that reorder, join, hide or show nothing. A foreign
 * value can then not forge a line of output.
 */
export const visible = (text: string): string => text.replace(unseen, escaped);

/** The same for a text of several lines, whose line ends are intended. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

/**
 * The JSON of a value (RFC 8259), with those characters as ASCII escapes: a parser gets the value
 * unchanged.
 */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value).replace(unseen, (letter) =>
    Array.from({ length: letter.length }, (_, n) => {
      const unit = letter.charCodeAt(n).toString(16).padStart(4, '0');
      return String.raw`\u${unit}`;
    }).join(''),
  );

const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}\u2800]/gu;
const escaped = (letter: string): string =>
  String.raw`\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`;

/**
 * The pattern of a value instead of the value: `#` for a digit, `A` for an ASCII letter,
 * punctuation as it is, `某` for anything else, and refused characters by their code points. It
 * shows how a value was written without revealing it.
 */
export function maskedText(text: string, most = 40): string {
  const characters = Array.from(text);
  const shown = characters.slice(0, most).map((character) => {
    if (suspicious.test(character)) return `<${codePointName(character)}>`;
    if (/[0-9]/.test(character)) return '#';
    if (/[A-Za-z]/.test(character)) return 'A';
    return /[\u0020-\u007e（）〔〕，。、；：·]/.test(character) ? character : '某';
  });
  return shown.join('') + (characters.length > most ? '…' : '');
}
