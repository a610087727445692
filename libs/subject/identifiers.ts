import { isCreditCode, residentIdFault } from '#libs/kernel';
import { IdentifierInvalid } from './subject.errors.js';
import { codeInPassports, isIssuingState } from './issuing-states.js';
import type { Identifier } from './ports.js';
import { type IdentifierKind, identifierKinds } from './subject.events.js';

/** Format of the numbers of a kind. */
interface Writing {
  readonly shape: RegExp;
  /** Where the number is unique: everywhere, or among those of one issuer. */
  readonly issuer: 'none' | 'state' | 'body';
  /** The text for a number in another format. */
  readonly expected: string;
  readonly expectedZh: string;
  /** The part that stays the same for a person's life, where the paper prints more. */
  readonly lifelong?: (number: string) => string;
}

const passport: Writing = {
  shape: /^[0-9A-Z]{5,20}$/,
  issuer: 'state',
  expected: '5 to 20 digits and capital letters, as the passport prints them',
  expectedZh: '护照所印的 5 至 20 位数字和大写字母',
};

const writings: Readonly<Record<IdentifierKind, Writing>> = {
  '001': {
    shape: /^[0-9A-Z]{18}$/,
    issuer: 'none',
    expected: 'a unified social credit code: 18 digits and capital letters whose check fits',
    expectedZh: '18 位统一社会信用代码，校验码须正确',
  },
  '111': {
    shape: /^\d{17}[\dX]$/,
    issuer: 'none',
    expected: 'a resident id number: 17 digits and the check digit or X',
    expectedZh: '18 位公民身份号码，校验码须正确',
  },
  '411': passport,
  '412': passport,
  '413': passport,
  '414': passport,
  // Lifelong number of 8 digits; until 2008 two digits of issue and the issuing office in
  // parentheses followed it.
  '511': {
    shape: /^(?:\d{8}(?:\d{2}(?:\([0-9A-Z]\))?)?|[A-Z]{1,2}\d{6,8}(?:[0-9A-Z]|\([0-9A-Z]\))?)$/,
    issuer: 'none',
    expected: '8 digits, or 10 with or without the issuing office in parentheses',
    expectedZh: '8 位数字；旧证为 10 位数字，可带括号内的签发机关代码',
    // On papers that begin with a letter the last character is the check digit, which some print in
    // parentheses.
    lifelong: (number) =>
      number
        .replace(/^(\d{8})\d{2}(?:\(.\))?$/, '$1')
        .replace(/^([A-Z]{1,2}\d{6,8})\((.)\)$/, '$1$2'),
  },
  // H or M and the lifelong number of 8 digits; two digits that count the issues may follow.
  '516': {
    shape: /^(?:[HM]\d{8}(?:\d{2}|\(\d{2}\))?|[A-Z]{1,2}\d{6}\([0-9A]\))$/,
    issuer: 'none',
    expected: 'H or M and 8 digits, with or without the two digits that count the issues',
    expectedZh: 'H 或 M 加 8 位数字，可带 2 位换证次数',
    lifelong: (number) => number.replace(/^([HM]\d{8})(?:\d{2}|\(\d{2}\))$/, '$1'),
  },
  '999': {
    shape: /^[0-9A-Z\p{Script=Han}()〔〕/-]{1,64}$/u,
    issuer: 'body',
    expected: 'digits, capital letters, Chinese characters, ( ) 〔 〕 / and -, at most 64',
    expectedZh: '数字、大写字母、汉字和 ( ) 〔 〕 / -，最多 64 个字符',
  },
};

/**
 * An issuer's name as its papers print it, or its code; without spaces, so that it has one
 * spelling.
 */
const bodyShape = /^[0-9A-Z\p{Script=Han}()〔〕·-]{2,64}$/u;

/**
 * A number in the one form under which it is looked up: trimmed, in capitals, parentheses of one
 * width, and only the lifelong part. Full-width digits and letters are refused and not folded, so
 * that no two numbers become one.
 * @param given `issuer`: of kinds 411 to 414 the issuing state, of 999 the issuer of the paper;
 *   null or absent for the others
 * @param today `YYYY-MM-DD`, the latest possible day of birth; left out where a number is only
 *   compared
 * @returns equal values if and only if kind, number and issuer are equal
 * @throws IdentifierInvalid for an unknown kind, a wrong format, a wrong check character of 001 (GB
 *   32100) or 111 (GB 11643), an impossible day of birth, and an issuer that is missing, unknown or
 *   not allowed
 */
export function normalIdentifier(
  given: {
    readonly kind: string;
    readonly number: string;
    readonly issuer?: string | null | undefined;
  },
  today?: string,
): Identifier {
  const { kind } = given;
  if (!isKind(kind))
    throw new IdentifierInvalid('identifier_kind_unknown', 'there is no such kind of number');
  const writing = writings[kind];
  const written = oneWriting(given.number);
  if (!writing.shape.test(written)) throw invalid(kind, 'identifier_malformed', 'shape');
  if (kind === '111') checkResident(written, today);
  if (kind === '001' && !isCreditCode(written))
    throw invalid(kind, 'identifier_check_failed', 'check');
  const number = writing.lifelong?.(written) ?? written;
  const issuer = normalIssuer(kind, given.issuer ?? null);
  return issuer === null ? { kind, number } : { kind, number, issuer };
}

/** One text for each identifier and no other: the input of the look-up HMAC, and of comparisons. */
export const identifierKey = ({ kind, number, issuer }: Identifier): string =>
  JSON.stringify([kind, issuer ?? null, number]);

/**
 * Whether a number as a paper prints it is this one, in the normal form of its kind; the issuer is
 * elsewhere on the paper. The 15 digits of kind 111 that were printed before 1999 are the number
 * without century and check character.
 */
export function sameNumber({ kind, number }: Identifier, printed: string): boolean {
  if (kind === '111' || kind === '001')
    return (
      printed === number || (kind === '111' && printed === number.slice(0, 6) + number.slice(8, 17))
    );
  const written = oneWriting(printed);
  return (
    writings[kind].shape.test(written) && (writings[kind].lifelong?.(written) ?? written) === number
  );
}

/** Whether a number has the format of a kind; nothing else is checked. */
export const isWrittenAs = (kind: string, printed: string): boolean =>
  isKind(kind) && writings[kind].shape.test(oneWriting(printed));

function checkResident(number: string, today: string | undefined): void {
  const fault = residentIdFault(number, today);
  if (fault === 'check') throw invalid('111', 'identifier_check_failed', 'check');
  if (fault === 'birth')
    throw new IdentifierInvalid(
      'identifier_birth_impossible',
      'the day of birth in the number cannot be: it is before 1800, still to come, or on no calendar',
      {
        kind: '111',
        expected: 'a number whose day of birth is of the calendar, from 1800 on, and has come',
        expectedZh: '号码中的出生日期须真实存在、不早于 1800 年且不晚于今天',
        hintZh: '请对照证件核对号码。',
      },
      { hint: 'Read the number again from the paper.' },
    );
}

function normalIssuer(kind: IdentifierKind, given: string | null): string | null {
  const wanted = writings[kind].issuer;
  const issuer = given === null ? '' : oneWriting(given);
  if (wanted === 'none') {
    if (issuer === '') return null;
    throw new IdentifierInvalid(
      'identifier_issuer_unwanted',
      'the kind of the number says who issued it',
      { kind, hintZh: '此类号码不填签发国（机构）。' },
      { hint: 'Leave the issuer out.' },
    );
  }
  if (issuer === '')
    throw new IdentifierInvalid(
      'identifier_issuer_missing',
      'the number is one of its issuer alone, and the issuer is not named',
      { kind, ...issuerExpected[wanted] },
      { hint: issuerExpected[wanted].expected },
    );
  const other = codeInPassports(issuer);
  if (wanted === 'state' ? !isIssuingState(issuer) : !bodyShape.test(issuer) || other !== null)
    throw new IdentifierInvalid(
      'identifier_issuer_unknown',
      'the issuer of the number is not written as it must be',
      { kind, ...issuerExpected[wanted] },
      {
        hint: other === null ? issuerExpected[wanted].expected : `Passports write it ${other}.`,
      },
    );
  return issuer;
}

const issuerExpected = {
  state: {
    expected: 'The code of the issuing state in line 1 of the passport, e.g. CHN, USA, D.',
    expectedZh: '护照机读区第一行的签发国代码，如 CHN、USA、D。',
  },
  body: {
    expected: 'Who issued the paper, as it prints it, without spaces; or the code of the state.',
    expectedZh: '证件所印的签发机关名称（不含空格），或签发国代码。',
  },
} as const;

function invalid(
  kind: IdentifierKind,
  code: 'identifier_malformed' | 'identifier_check_failed',
  what: 'shape' | 'check',
): IdentifierInvalid {
  const { expected, expectedZh } = writings[kind];
  return new IdentifierInvalid(
    code,
    what === 'shape'
      ? 'the number has not the shape of its kind'
      : 'the check of the number is wrong',
    { kind, expected, expectedZh },
  );
}

/**
 * ASCII letters only: toUpperCase folds letters that merely look alike (ſ to S) and would make two
 * numbers one.
 */
const oneWriting = (text: string): string =>
  text
    .trim()
    .replace(/[a-z]/g, (letter) => letter.toUpperCase())
    .replaceAll('（', '(')
    .replaceAll('）', ')');

const isKind = (kind: string): kind is IdentifierKind =>
  (identifierKinds as readonly string[]).includes(kind);

/** Of the member `issuer` in the API's documents. */
export const issuerDescription =
  'Whose number it is, where the kind does not say it. Of kinds 411–414 the issuing state as line 1 of the passport has it (ICAO Doc 9303, part 3: FRA, D, …); of kind 999 whoever issued the paper, as printed, without spaces. Not with other kinds.';
