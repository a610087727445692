import { type FieldKind, knownKind } from '#libs/catalogue';
import type { FieldNameTaken, LineCode } from '#libs/certificate';
import type { JwsRefused } from '#libs/identity';
import { visible } from '#libs/kernel';
import type { Refusal } from './refusal.js';
import type { LineRefused } from './rows.js';

/**
 * What a refusal says to people, in Chinese and English: the column, what stands in it (masked
 * where it is personal), what is expected, and what to do.
 * @param value what stands in a column of the line
 */
export function explain(refusal: Refusal, value: (column: string) => string | null): string {
  const column = columnOf(refusal);
  const stands = column === null ? null : value(column);
  const { zh, en } =
    textOf(refusal.code)?.(refusal, column, stands ?? '') ??
    asTold(refusal.facts) ??
    unforeseen(refusal);
  if (column === null) return visible(`${zh} / ${en}`);
  const shown = stands === null || stands === '' ? '' : masked(column, stands);
  // The report is read in spreadsheets and terminals, and its values are foreign text.
  return visible(
    shown === '' ? `${column}：${zh} / ${en}` : `${column}：“${shown}”：${zh} / ${en}`,
  );
}

interface Text {
  readonly zh: string;
  readonly en: string;
}
type TextOf = (
  refusal: Pick<Refusal, 'message' | 'facts'>,
  column: string | null,
  value: string,
) => Text;

const textOf = (code: string): TextOf | undefined =>
  Object.hasOwn(texts, code) ? texts[code as RefusalCode] : undefined;

/** Of a code that is not a line's own, such as that of a store; what to do, the city says. */
const unforeseen = ({ code, message, hint, hintZh }: Refusal): Text => ({
  zh: hintZh ?? `未通过检查（${code}）`,
  en: hint === undefined ? message : `${message}; ${hint}`,
});

function columnOf({ code, facts }: Pick<Refusal, 'code' | 'facts'>): string | null {
  for (const name of ['column', 'field', 'claim', 'name'])
    if (typeof facts[name] === 'string') return facts[name];
  if (code.startsWith('identifier_issuer_')) return 'holder_issuer';
  if (code === 'identifier_kind_unknown' || code === 'holder_kind_wrong') return 'holder_kind';
  if (code.startsWith('identifier_')) return 'holder_number';
  if (code.startsWith('as_of_') || code === 'version_outdated') return 'as_of';
  if (code.startsWith('type_')) return 'type';
  if (code === 'validity_wrong') return 'valid_until';
  return null;
}

/** Columns that say nothing of a person. */
const open = new Set(['type', 'holder_kind', 'role', 'valid_from', 'valid_until', 'as_of']);
const notation = /^\d(\.\d+)?E\+?\d+$/i;

/**
 * Days but those of birth and death are shown, and numbers that a spreadsheet spoilt; of anything
 * else the first letter and the shape.
 */
export function masked(column: string, value: string): string {
  const short = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  const day = /date$/.test(knownKind(column) ?? '') && !/出生|死亡/.test(column);
  const issuer = column === 'holder_issuer' && !/\d/.test(value);
  if (open.has(column) || day || issuer || notation.test(value)) return short;
  return short.replace(/(?<=.)[\p{L}\p{N}]/gsu, '*');
}

/** What the ledger itself says that it expects. */
function asTold({ expected: form, expectedZh, hintZh }: Refusal['facts']): Text | null {
  if (typeof form !== 'string' || typeof expectedZh !== 'string') return null;
  const hint = typeof hintZh === 'string' ? `。${hintZh}` : '';
  return { zh: `应为：${expectedZh}${hint}`, en: `expected: ${form}` };
}

const same =
  (zh: string, en: string): TextOf =>
  () => ({ zh, en });

const quoting: Text = {
  zh: '引号须括住整个单元格，其中的引号写成两个，如 "虚构市""阳光""小区"（RFC 4180）',
  en: 'a quotation mark stands around a whole cell, and doubled within one, as "a ""b"" c" (RFC 4180)',
};
const at = (facts: Refusal['facts']) => ({
  zh: typeof facts['at'] === 'number' ? `第 ${facts['at']} 个字符：` : '',
  en: typeof facts['at'] === 'number' ? `letter ${facts['at']}: ` : '',
});
const byte = (facts: Refusal['facts']) => ({
  zh: typeof facts['byte'] === 'number' ? `第 ${facts['byte']} 字节：` : '',
  en: typeof facts['byte'] === 'number' ? `byte ${facts['byte']}: ` : '',
});
const textFault =
  (place: (facts: Refusal['facts']) => Text, zh: string, en: string): TextOf =>
  ({ facts }) => ({ zh: place(facts).zh + zh, en: place(facts).en + en });

const asText: Text = {
  zh: '电子表格改动了长号码（只保留 15 位）：请回到数据源，把该列设为“文本”后重新导出，不要在表格里补零',
  en: 'a spreadsheet spoilt a long number (it keeps 15 digits): go back to the source, make the column Text, and export again',
};

/** Every code of a line, found here or returned by the city. */
type RefusalCode = LineCode | LineRefused['code'] | FieldNameTaken['code'] | JwsRefused['code'];

const asSigned = ({ message }: Pick<Refusal, 'message'>): Text => ({
  zh: '签名内容不符合格式；请用同一版本的命令重新导入',
  en: `${message}; import it again with the command of the same release`,
});
const oneObject = same(
  '不是合格的 JSON 对象：每行一个对象，成员不得重复，数要写得出原值',
  'no JSON object as needed: one in each line, no member twice, and numbers that keep their value',
);
const otherHand = same(
  '这份证照同时被别人修改；请再次运行同一命令',
  'the certificate was changed by another request meanwhile: run the same command again',
);
const suspended = (zh: string, en: string): TextOf =>
  same(
    `这份证照${zh}；请先查看其状态：mianzheng certificates show`,
    `the certificate is ${en}; see how it stands: mianzheng certificates show`,
  );
const jws = same(
  '签名无效；请确认 --key 是本客户端登记的密钥',
  'the signature is refused: is --key the key that the client is registered with?',
);
const since = (facts: Refusal['facts']): string =>
  typeof facts['asOf'] === 'string' ? facts['asOf'] : '';

/** Of every code with which a line can be refused. */
export const texts: Readonly<Record<RefusalCode, TextOf>> = {
  quote_in_text: textFault(
    at,
    `单元格中间有引号；${quoting.zh}`,
    `a quotation mark within a cell; ${quoting.en}`,
  ),
  text_behind_quote: textFault(
    at,
    `结束引号后面还有内容；${quoting.zh}`,
    `text behind a closing quotation mark; ${quoting.en}`,
  ),
  quote_unclosed: same(
    '引号没有在本行结束；只有多行文本的字段才可以跨行',
    'a quotation mark is not closed in its line; only a text of several lines may go on over lines',
  ),
  row_within_cell: ({ facts }) => ({
    zh: `多行单元格吞掉了本文件的另一行（第 ${String(facts['rowLine'])} 行）；请删去多余的引号，或把结束引号补在本行；${quoting.zh}`,
    en: `a cell over several lines has another row of the file in it (line ${String(facts['rowLine'])}): take the stray quotation mark out, or close it in its own line; ${quoting.en}`,
  }),
  carriage_return: textFault(at, '行中间有回车符', 'a carriage return within the line'),
  cells_too_many: same('单元格太多', 'too many cells'),
  line_too_long: same('该行超过上限（256 KB）', 'the line is longer than may be (256 KB)'),
  line_malformed: ({ message }) => ({ zh: '不是所要求的 JSON 对象', en: message }),
  not_in_encoding: textFault(
    byte,
    '不是本文件编码的文字；请整个文件统一编码后再导入，或用 --encoding 指明',
    'not text of the encoding of the file; save the whole file in one encoding, or name it by --encoding',
  ),
  private_use: same(
    '有自造字或只在某一软件中有意义的字（私用区），请改用 Unicode 正式编码的字',
    'a letter of the private use area, which is another letter in each font; write the letter that Unicode has for it',
  ),
  utf8_among_gb18030: same(
    '本行是 UTF-8，而文件是 GB18030；请整个文件统一编码，或用 --encoding 指明',
    'the line is UTF-8 and the file GB18030; save the whole file in one encoding, or name it by --encoding',
  ),
  column_count: ({ facts }) => ({
    zh: `有 ${String(facts['cells'])} 个单元格，表头有 ${String(facts['columns'])} 列；内容里有分隔符的单元格要加引号`,
    en: `${String(facts['cells'])} cells, and the header has ${String(facts['columns'])}; a cell that holds the separator is quoted`,
  }),
  holders_do_not_pair: same(
    '证件种类、号码与角色的个数不同',
    'kinds, numbers and roles are not as many',
  ),
  value_missing: same('不能为空', 'must not be empty'),
  value_malformed: (_, column, value) => expected(column, null, value),
  number_rounded: () => asText,
  file_unreadable: same(
    '所指的文件读不到；路径相对于本文件所在的文件夹',
    'the file that is named cannot be read; its path is from the folder of this file',
  ),
  file_empty: same('所指的文件是空的', 'the file that is named is empty'),
  file_too_large: same('所指的文件超过 10 MB', 'the file that is named has more than 10 MB'),
  file_wrong: same(
    '所指的文件不是 PDF、OFD、JPEG 或 PNG，或与扩展名不符',
    'the file that is named is no PDF, OFD, JPEG or PNG, or not what its ending says',
  ),
  type_unknown: same('目录里没有这种证照', 'the catalogue has no such type'),
  type_not_of_authority: same(
    '本机构没有登记这种证照；请管理员登记：mianzheng clients change-types',
    'the authority is not registered for this type; an administrator can do it: mianzheng clients change-types',
  ),
  caller_not_issuing_authority: same('本客户端不是颁发机构', 'the client is no issuing authority'),
  issuer_not_caller: same(
    '证照写的是另一机构；--authority 应为本客户端登记的信用代码',
    'the certificate names another authority; --authority is the credit code that the client is registered for',
  ),
  key_not_of_caller: same(
    '签名密钥没有在本客户端登记',
    'the signing key is not registered for this client',
  ),
  field_unknown: ({ facts }) => ({
    zh: `${String(facts['type'] ?? '该证照')} 没有这个字段；此行应为空`,
    en: `${String(facts['type'] ?? 'the type')} has no such field; leave it empty here`,
  }),
  field_wrong: ({ facts }, column, value) =>
    isDayField(column) && facts['rule'] !== 'birth'
      ? expected(column, facts['rule'], value)
      : (asTold(facts) ?? expected(column, facts['rule'], value)),
  claim_wrong: (_, column, value) => expected(column, null, value),
  validity_wrong: same('有效期止于开始之前', 'validity ends before it begins'),
  holders_wrong: ({ message }) => ({ zh: '持证主体写得不对', en: message }),
  holder_kind_wrong: same(
    '这种证照的持证主体不是这一类',
    'certificates of this type are not of such holders',
  ),
  holders_changed: same(
    '此人以前的数据已被删除；确需重新签发时加 --sign-anew',
    'the holder was erased since; use --sign-anew if the certificate is to be signed anew',
  ),
  as_of_missing: same(
    '这份证照已在库中且内容不同；请用 as_of 列或 --as-of 说明数据的时点，以便判断新旧',
    'the paper has a certificate that says something else: say by a column as_of, or by --as-of, of when the line is',
  ),
  as_of_repeated: ({ facts }) => {
    const first = typeof facts['firstLine'] === 'number' ? facts['firstLine'] : null;
    return {
      zh: `同一时点对同一份证照有两种说法${first === null ? '' : `（最先见于第 ${first} 行）`}，请核实哪一种正确`,
      en: `of one time two different things are said of the same paper${first === null ? '' : ` (first in line ${first})`}: find out which is right`,
    };
  },
  version_outdated: ({ facts }) => {
    const time = since(facts);
    return {
      zh: `库中的版本时点更晚${time === '' ? '' : `（${time}）`}，此行已过时`,
      en: `the version that stands is as of a later time${time === '' ? '' : ` (${time})`}: the line is outdated`,
    };
  },
  as_of_to_come: same(
    '时点不得晚于今天（上海）',
    'as_of is today at the latest, by the day in Shanghai',
  ),
  certificate_exists: same(
    '这份证照的编号已属于另一份证照，或两个编号分属两份',
    'the number or the identifier of this paper is that of another certificate',
  ),
  certificate_revoked: same(
    '这份证照已被撤销；若重新核发，请以 reissue 为由单独修改',
    'the certificate was revoked; if the paper was granted anew, amend it with the reason reissue',
  ),
  certificate_cancelled: same(
    '这份证照已被注销；若重新核发，请以 reissue 为由单独修改',
    'the certificate was cancelled; if the paper was granted anew, amend it with the reason reissue',
  ),
  identifier_kind_unknown: same('没有这种证件种类代码', 'there is no such kind of number'),
  identifier_malformed: (_, __, value) =>
    number('号码不符合该证件种类的写法', 'the number has not the shape of its kind', value),
  identifier_check_failed: (_, __, value) =>
    number('校验码不符', 'the check of the number is wrong', value),
  identifier_birth_impossible: same(
    '号码中的出生日期不可能：早于 1800 年、晚于今天，或日历上没有',
    'the day of birth in the number cannot be: before 1800, still to come, or on no calendar',
  ),
  identifier_issuer_missing: issuer('缺少签发国（机构）', 'the issuer of the number is missing'),
  identifier_issuer_unknown: issuer(
    '签发国（机构）写法不对',
    'the issuer of the number is not written as it must be',
  ),
  identifier_issuer_unwanted: same(
    '此类号码不填签发国（机构），请留空',
    'numbers of this kind have no issuer beside them: leave it empty',
  ),
  json_malformed: oneObject,
  json_too_deep: oneObject,
  json_too_many: oneObject,
  json_duplicate_member: oneObject,
  json_forbidden_member: oneObject,
  json_not_canonical: oneObject,
  json_nul: oneObject,
  json_number_inexact: oneObject,
  sd_jwt_malformed: asSigned,
  disclosure_malformed: asSigned,
  disclosure_unknown: asSigned,
  disclosure_missing: asSigned,
  disclosure_repeated: asSigned,
  claim_unknown: asSigned,
  jws_malformed: jws,
  jws_header_forbidden: jws,
  jws_type_wrong: jws,
  jws_algorithm_refused: jws,
  jws_key_unknown: jws,
  jws_signature_wrong: jws,
  jws_payload_malformed: jws,
  field_name_taken: same(
    '该种证照的字段与格式自身的名称相同；请管理员更正目录',
    'a field of the type has the name of a claim of the format: an administrator mends the catalogue',
  ),
  field_contradicts: ({ facts }) =>
    asTold(facts) ?? {
      zh: '与持证主体或其他字段不一致，请核对',
      en: 'the holder, or another field, says something else: compare them',
    },
  text_refused: ({ facts }) =>
    asTold(facts) ?? {
      zh: '有不允许的字符；请在来源系统中改正后重新导出',
      en: 'a character that is not taken: correct it where the data come from, and export again',
    },
  file_missing: same(
    '缺少所签的文件；请再次运行同一命令',
    'a file that was signed did not come with it: run the same command again',
  ),
  certificate_unknown: same('本机构没有这份证照', 'no certificate of the authority has this id'),
  certificate_valid: suspended('有效', 'valid'),
  certificate_suspended: suspended('已被中止', 'suspended'),
  version_not_next: otherHand,
  version_supersedes_other: otherHand,
  number_changed: same(
    '证照编号不能改变；请注销原证照，再为新编号另行颁发',
    'the paper has another number: cancel this certificate, and issue one for the other number',
  ),
  type_changed: same(
    '证照种类不能改变，请另行颁发',
    'a certificate keeps its type: issue one of the other type',
  ),
  sd_jwt_too_large: same('内容超过一份证照的上限', 'more than a certificate may say'),
};

/** What the ledger expects of an issuer goes behind what is wrong with it. */
function issuer(zh: string, en: string): TextOf {
  return ({ facts }) => {
    const told = asTold(facts);
    return told === null ? { zh, en } : { zh: `${zh}；${told.zh}`, en: `${en}; ${told.en}` };
  };
}

function number(zh: string, en: string, value: string): Text {
  return /\d{15}0{3}/.test(value)
    ? { zh: `${zh}；${asText.zh}`, en: `${en}; ${asText.en}` }
    : { zh, en };
}

const days = new Set(['valid_from', 'valid_until', 'as_of']);

function expected(column: string | null, rule: unknown, value: string): Text {
  if (rule === 'required') return { zh: '该证照必须有此字段', en: 'the type needs this field' };
  const kind = column === null ? null : knownKind(column);
  if (rule === 'format' || kind === 'date' || (column !== null && days.has(column)))
    return day(column, value);
  const form = kind === null ? null : forms[kind];
  if (form !== null && form !== undefined) return form;
  return rule === 'type'
    ? { zh: '值的类型不对', en: 'a value of another type is needed' }
    : { zh: '写法不对', en: 'not written as it must be' };
}

const forms: Readonly<Partial<Record<FieldKind, Text>>> = {
  text: {
    zh: '应为一行文字，至多 2000 字，没有控制字符',
    en: 'one line of text, at most 2,000 letters, without control characters',
  },
  lines: {
    zh: '应为文字，至多 2000 字，除换行外没有控制字符',
    en: 'text, at most 2,000 letters, without control characters but line breaks',
  },
  code: {
    zh: '应为号码，至多 100 个字符，前后没有空白；身份证号码 18 位，信用代码 18 位',
    en: 'a number or code as printed, at most 100 letters; resident and credit codes have 18',
  },
  number: {
    zh: '应为数，如 600.5，没有单位和千位分隔符',
    en: 'a number as 600.5, without units or thousands separators',
  },
  rows: {
    zh: '应为 JSON 数组，如 [{"名称":"值"}]',
    en: 'a JSON array of objects, as [{"name":"value"}]',
  },
};

/**
 * A day, and the likely meaning of another notation. Nothing is converted: the file's author has to
 * decide.
 */
function day(column: string | null, value: string): Text {
  const form = {
    zh: '日期应写作 2020-01-01（年-月-日）',
    en: 'a day is written 2020-01-01 (year-month-day)',
  };
  const parts =
    /^(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?$/.exec(value) ??
    /^(\d{4})(\d{2})(\d{2})$/.exec(value);
  if (parts && !/^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const [, year = '', month = '', date = ''] = parts;
    const meant = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
    return masks(column)
      ? form
      : { zh: `${form.zh}，此处应为 ${meant}`, en: `${form.en}; here: ${meant}` };
  }
  if (/^\d{5}(\.\d+)?$/.test(value))
    return {
      zh: `${form.zh}；这是电子表格的日期序号，请把该列设为 yyyy-mm-dd 格式后重新导出`,
      en: `${form.en}; this is a spreadsheet's day number: format the column as yyyy-mm-dd and export again`,
    };
  if (column === 'valid_until')
    return {
      zh: `${form.zh}；不会到期的写 长期、永久 或 -`,
      en: `${form.en}; what does not expire is written 长期, 永久 or -`,
    };
  return { zh: `${form.zh}，且是日历上有的日子`, en: `${form.en}, and the calendar has it` };
}

const isDayField = (column: string | null): boolean =>
  column !== null && knownKind(column) === 'date';
const masks = (column: string | null): boolean => /出生|死亡/.test(column ?? '');
