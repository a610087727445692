import type { TypeDefinition } from '#libs/catalogue';
import { canonicalize, type JsonValue } from '#libs/kernel';
import type { PaperName } from '#libs/vault';
import type { CheckedVersion } from './checked-version.js';
import { type IdentifierFlag, parseIdentifier } from './identifier.js';

/**
 * What a version says, in one text: holders, fields and files by name, and validity. Its identifier
 * is a label on it, and left out.
 */
export function contentOf(
  disclosures: readonly { readonly name: string; readonly value: JsonValue }[],
  validity: { readonly validFrom: string; readonly validUntil: string | null },
): string {
  const said = Object.fromEntries(
    disclosures
      .filter(({ name }) => name !== 'identifier')
      .map(({ name, value }) => [name, value] as const),
  );
  return canonicalize({
    said,
    validFrom: validity.validFrom,
    validUntil: validity.validUntil,
  });
}

/**
 * Letters of other scripts, radicals and traditional forms that look like, or are, what numbers of
 * papers are written with.
 */
const alike = new Map(
  [
    // Cyrillic and Greek capitals beside Latin ones (Unicode UTS 39, confusables.txt).
    ...['АA', 'ВB', 'СC', 'ЕE', 'НH', 'ІI', 'ЈJ', 'КK', 'МM', 'ОO', 'РP', 'ЅS', 'ТT', 'ХX', 'УY'],
    ...['ΑA', 'ΒB', 'ΕE', 'ΗH', 'ΙI', 'ΚK', 'ΜM', 'ΝN', 'ΟO', 'ΡP', 'ΤT', 'ΥY', 'ΧX', 'ΖZ'],
    // Words of numbers in their traditional forms.
    ...['號号', '戶户', '證证', '準准', '醫医', '產产', '國国', '衛卫', '發发', '營营', '業业'],
    '〇0',
  ].map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]),
);
/**
 * CJK radicals of the supplement, which NFKC leaves as they are (Unicode,
 * EquivalentUnifiedIdeograph.txt).
 */
const radicals = new Map(
  [
    '⺠民',
    '⺟母',
    '⻄西',
    '⻅见',
    '⻆角',
    '⻓长',
    '⻔门',
    '⻘青',
    '⻚页',
    '⻛风',
    '⻝食',
    '⻢马',
    '⻥鱼',
    '⻦鸟',
    '⻨麦',
    '⻩黄',
    '⻬齐',
    '⻮齿',
    '⻰龙',
    '⻳龟',
  ].map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]),
);

/**
 * Zero of each script's decimal digits stands at a multiple of ten behind the first: the digit's
 * value is its distance from it.
 */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  for (let value = 0; value < 10; value++)
    if (!/\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) return String(value);
  return digit;
}

/**
 * The form in which numbers of papers are compared: NFKC, without white space, capitals, one kind
 * of bracket, dash, slash and dot, ASCII digits, and one of the letters that look alike. What was
 * signed stays as it is; leading zeros count.
 */
export const normalPaperNumber = (written: string): string =>
  written
    .normalize('NFKC')
    .replace(/\s/gu, '')
    .toUpperCase()
    .normalize('NFKC')
    .replace(/(?![0-9])\p{Nd}/gu, asciiDigit)
    .replace(/[[{〔【［｛‹«〈《<]/gu, '(')
    .replace(/[\]}〕】］｝›»〉》>]/gu, ')')
    .replace(/[\p{Dash_Punctuation}−ー─━]/gu, '-')
    .replace(/[∕⁄╱⧸]/gu, '/')
    .replace(/[•‧・∙⋅᛫]/gu, '·')
    .replace(
      /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Han}〇]/gu,
      (letter) => alike.get(letter) ?? radicals.get(letter) ?? letter,
    );

/** An identifier with one of these names nothing: it may stand on many papers. */
const untrusted: readonly IdentifierFlag[] = [
  'identifier_missing',
  'identifier_malformed',
  'identifier_check_wrong',
  'identifier_type_unexpected',
  'identifier_authority_malformed',
  'identifier_authority_unexpected',
];

/**
 * The names under which the city knows a paper again, the paper's own number first: authority, type
 * and number; the serial of its GB/T 36904 identifier, where that is sound; and where the type has
 * no number, what it says. A number that several holders' papers bear goes with the first holder.
 * @param subject of the first holder
 */
export function namesOf({ read, content, type }: CheckedVersion, subject: string): PaperName[] {
  const of = [read.claims.authority, type.code];
  const holder = type.number?.unique === 'paper-and-holder' ? subject : null;
  const names: PaperName[] = [];
  const number = numberOf(read.disclosures, type);
  if (number !== null) names.push({ parts: ['number', ...of, number], holder });
  else
    names.push({
      parts: ['statement', ...of, contentOf(read.disclosures, read.claims)],
      holder: null,
    });
  const serial = content.flags.some((flag) => untrusted.includes(flag))
    ? null
    : serialOf(read.disclosures);
  if (serial !== null) names.push({ parts: ['identifier', ...of, serial], holder });
  return names;
}

/**
 * The names under which a searched number may be stored: the paper's own, or the serial of its
 * identifier.
 */
export const soughtNames = (authority: string, type: string, number: string): PaperName[] =>
  ['number', 'identifier'].map((what) => ({
    parts: [what, authority, type, normalPaperNumber(number)],
    holder: null,
  }));

function numberOf(
  disclosures: CheckedVersion['read']['disclosures'],
  { number }: TypeDefinition,
): string | null {
  const value = disclosures.find(({ name }) => name === number?.field)?.value;
  return typeof value === 'string' ? normalPaperNumber(value) : null;
}

function serialOf(disclosures: CheckedVersion['read']['disclosures']): string | null {
  const value = disclosures.find(({ name }) => name === 'identifier')?.value;
  return typeof value === 'string' ? (parseIdentifier(value)?.serial ?? null) : null;
}
