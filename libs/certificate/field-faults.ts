import type { TypeDefinition, TypeField } from '#libs/catalogue';
import { maskedText, type TextFault, textFault } from '#libs/kernel';
import { CertificateMalformed } from './certificate.errors.js';

/** How something must be written, for those who read English and those who read Chinese. */
export interface Expected {
  readonly expected: string;
  readonly expectedZh: string;
}

const say = (expected: string, expectedZh: string): Expected => ({ expected, expectedZh });

/** What is expected of a value by the kind of its field. */
const ofKind: Readonly<Record<TypeField['kind'], Expected>> = {
  text: say(
    'text on one line without white space at either end, at most 2,000 characters',
    '单行文字，首尾无空白，最多 2000 个字符',
  ),
  lines: say(
    'text without white space at either end, at most 2,000 characters',
    '文字，可分行，首尾无空白，最多 2000 个字符',
  ),
  date: say('a day that exists, as 2020-01-31', '真实存在的日期，写作 2020-01-31'),
  'partial-date': say(
    'a day that exists, as 2020-01-31; where the paper prints less: 2020-01, 2020, 2020-01-00 or 2020-00-00',
    '真实存在的日期，写作 2020-01-31；证照未载明时可写作 2020-01、2020、2020-01-00 或 2020-00-00',
  ),
  code: say(
    'text on one line without white space at either end, at most 100 characters',
    '单行文字，首尾无空白，最多 100 个字符',
  ),
  number: say('a number', '数字'),
  rows: say(
    'an array of at most 1,000 objects whose members are texts or numbers',
    '至多 1000 行，各项为文字或数字',
  ),
  image: say('a file: its sha256 and mediaType', '文件：sha256 和 mediaType'),
  file: say('a file: its sha256 and mediaType', '文件：sha256 和 mediaType'),
};

/** Forms that are expected of fields that say something of a person. */
export const expectedForms = {
  residentId: say(
    'a resident id number of 18 characters with a correct check character and a possible date of birth',
    '18 位公民身份号码，校验码和出生日期须正确',
  ),
  creditCode: say(
    'a unified social credit code of 18 characters whose check fits',
    '18 位统一社会信用代码，校验码须正确',
  ),
  number: say('the number as the paper prints it', '证照所印的证件号码'),
  holdersNumber: say('the number of a holder of the certificate', '须与持证主体的号码一致'),
  partiesNumber: say('numbers of which each holder has one', '须包含每一持证主体的号码'),
  sex: say('男 or 女, as the number of the person says', '男或女，须与号码第 17 位一致'),
  sexWritten: say('one of 男, 女, 未知, 未说明, 男/M, 女/F', '男、女、未知、未说明、男/M 或 女/F'),
  birth: say('the day of birth in the number of the person', '须与号码中的出生日期一致'),
  birthPossible: say(
    'a day of birth from 1800 on that has come',
    '出生日期须不早于 1800 年且不晚于今天',
  ),
  residentBirth: say(
    'a resident id number whose day of birth is of the calendar, from 1800 on, and has come',
    '号码中的出生日期须真实存在、不早于 1800 年且不晚于今天',
  ),
  period: say('a period that ends no earlier than it begins', '期限的截止日不得早于起始日'),
  periodOfPaper: say(
    'the period for which the certificate is valid: it has a day in common with valid_from to valid_until',
    '须与证照有效期（valid_from 至 valid_until）相符',
  ),
  days: say('days that exist', '其中的日期须真实存在'),
  missing: say('the field is required', '此项必填'),
} as const;

/** Where in a certificate something is wrong, and the value there. */
interface Place {
  readonly type: TypeDefinition;
  /** Repeated only where it is a name of the catalogue: any other came in with the request. */
  readonly field: string | undefined;
  readonly rule: string;
  readonly value?: unknown;
  readonly expected?: Expected;
}

/**
 * A field that violates its type. The value is reported as a pattern of how it is written
 * (`maskedText`).
 */
export function fieldWrong({ type, field, rule, value, expected }: Place): CertificateMalformed {
  const known = type.fields.find(({ key }) => key === field);
  const form = expected ?? (known && ofKind[known.kind]);
  return new CertificateMalformed(
    'field_wrong',
    'a field is not as the type says',
    {
      type: type.code,
      field: known?.key ?? null,
      rule,
      ...(typeof value === 'string' && { value: maskedText(value) }),
      ...form,
      hintZh: '请按证照原样填写并核对，系统不作任何改写。',
    },
    { hint: 'Hand in what the paper says, in the expected form: nothing is repaired here.' },
  );
}

/**
 * Two statements of one fact that do not agree: a number and another number, a sex or a day of
 * birth.
 */
export function contradiction({ type, field, rule, value, expected }: Place): CertificateMalformed {
  return new CertificateMalformed(
    'field_contradicts',
    'a field contradicts the holder or another field',
    {
      type: type.code,
      field: field ?? null,
      rule,
      ...(typeof value === 'string' && { value: maskedText(value) }),
      ...expected,
      hintZh: '请核对该字段和持证主体；指向他人的字段须在证照类型目录 whose_fields 栏注明。',
    },
    {
      hint: 'Compare the field with the holder. A field about another person is marked in the column whose_fields of the catalogue.',
    },
  );
}

/**
 * Refuses text that cannot be seen or does not read as it shows, by its code point. @throws
 * CertificateMalformed `text_refused`
 */
export function checkText(
  value: string,
  field: string | null,
  lines: 'one' | 'several' = 'one',
): void {
  const fault = textFault(value, lines);
  if (fault !== null) throw textRefused(fault, field);
}

const textRefused = ({ codePoint, at, why }: TextFault, field: string | null) =>
  new CertificateMalformed(
    'text_refused',
    `a text has ${codePoint} as character ${at}, which is not taken (${why})`,
    {
      field,
      codePoint,
      at,
      why,
      expected: 'characters that are seen as they are written',
      expectedZh: `第 ${at} 个字符 ${codePoint} 不可见或会改变显示，不予受理`,
      hintZh: '请在来源系统中删除或改正该字符后重新导出。',
    },
    { hint: 'Correct the character where the data come from, and export them again.' },
  );
