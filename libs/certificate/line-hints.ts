import type { JsonError, ProductError } from '#libs/kernel';
import type { IdentifierInvalid } from '#libs/subject';
import type {
  CertificateAbsent,
  CertificateConflict,
  CertificateMalformed,
  IssuerRefused,
} from './certificate.errors.js';

/** What to do about a refused line, in English and in Chinese. */
export interface LineHint {
  readonly hint: string;
  readonly hintZh: string;
}

/** Of every refusal that the ledger has for one line. */
export type LineCode = (
  | JsonError
  | IdentifierInvalid
  | CertificateMalformed
  | IssuerRefused
  | CertificateAbsent
  | CertificateConflict
)['code'];

const say = (hint: string, hintZh: string): LineHint => ({ hint, hintZh });

const asSigned = say(
  'Sign the certificate with libs/certificate/signing.ts or by docs/verification.md, and send what it gives unchanged.',
  '请按 docs/verification.md 的格式签名，并原样发送签名结果。',
);
const oneObject = say(
  'Write each line as one JSON object (RFC 8259) in UTF-8, and each member once.',
  '每行应为一个 JSON 对象（RFC 8259，UTF-8），成员不得重复。',
);
const asTheType = say(
  'Hand in what the paper says, in the form that GET /v1/types/CODE gives: nothing is repaired here.',
  '请按证照原样、以 GET /v1/types/CODE 给出的写法填写，系统不作任何改写。',
);
const number = say(
  'Compare the number with the paper: it is not changed here.',
  '请与证照核对号码，系统不作任何改写。',
);
const issuing = say(
  'Name the state or the authority that gave the number, where its kind has one (kinds 411–414 and 999).',
  '请按证件种类写明签发国家（411–414）或签发机关（999），其他种类不写。',
);
const registered = say(
  'An administrator registers types and keys: mianzheng clients change-types, clients rotate-key.',
  '请由管理员登记证照种类或密钥：mianzheng clients change-types、clients rotate-key。',
);
const ownAuthority = say(
  'Sign and send as the authority that issues it, by its own client and key.',
  '请以颁发机构自己的客户端和密钥签名并发送。',
);
const askAgain = say(
  'Ask how the certificate stands (POST /v1/certificates/search), and sign the version that comes after the newest.',
  '请先查询该证照的最新版本（POST /v1/certificates/search），再签下一版本。',
);
const asOf = say(
  'Say of when the line is (as_of), later than what stands; where both are of one time, find out which is right.',
  '请写明晚于现有版本的时点（as_of）；时点相同而内容不同的，请核实哪一种正确。',
);
const standing = say(
  'See how the certificate stands. One that was revoked or cancelled comes back only by an amendment with the reason reissue.',
  '请查看证照状态。已撤销或注销的，重新核发须以 reissue 为由修改。',
);
const storedFile = say(
  'Store the file first (POST /v1/files), and name the blob and key that were answered, as they are signed.',
  '请先上传文件（POST /v1/files），并写明返回的 blob 和 key，与所签的一致。',
);

/** Of every code with which a line can be refused. */
const hints: Readonly<Record<LineCode, LineHint>> = {
  json_malformed: oneObject,
  json_too_deep: oneObject,
  json_too_many: oneObject,
  json_duplicate_member: oneObject,
  json_forbidden_member: oneObject,
  json_not_canonical: oneObject,
  json_nul: oneObject,
  json_number_inexact: asTheType,
  line_malformed: say(
    'A line of NDJSON is {"sdJwt", "files"?, "certificate"?}; a line of CSV has as many cells as the header, with one in sd_jwt.',
    'NDJSON 每行为 {"sdJwt", "files"?, "certificate"?}；CSV 每行单元格数与表头相同，sd_jwt 列不得为空。',
  ),
  line_too_long: say(
    'A certificate has at most 256 KB as SD-JWT: store large contents as files.',
    '一份证照（SD-JWT）至多 256 KB，较大的内容请作为文件上传。',
  ),
  sd_jwt_malformed: asSigned,
  sd_jwt_too_large: say(
    'Store large contents as files (POST /v1/files).',
    '较大的内容请作为文件上传（POST /v1/files）。',
  ),
  disclosure_malformed: asSigned,
  disclosure_unknown: asSigned,
  disclosure_missing: asSigned,
  disclosure_repeated: asSigned,
  claim_unknown: asSigned,
  claim_wrong: asSigned,
  validity_wrong: say(
    'Validity ends on the day on which it begins, or later.',
    '有效期截止日不得早于起始日。',
  ),
  as_of_to_come: say('as_of is today at the latest, in Shanghai.', 'as_of 不得晚于今天（上海）。'),
  holders_wrong: say(
    'Each holder has a role of its own, a kind and a number.',
    '每一持证主体须有各自的角色、证件种类和号码。',
  ),
  holder_kind_wrong: say(
    'Name holders by a kind of number that the type takes: GET /v1/types/CODE.',
    '请使用该种证照允许的证件种类：GET /v1/types/CODE。',
  ),
  type_unknown: say('GET /v1/types lists the types.', '证照种类见 GET /v1/types。'),
  field_unknown: say(
    'Leave the field out, or name it as GET /v1/types/CODE does.',
    '请删去该字段，或按 GET /v1/types/CODE 的名称填写。',
  ),
  field_wrong: asTheType,
  field_contradicts: say(
    'Compare the field with the holder and the other fields.',
    '请核对该字段与持证主体及其他字段。',
  ),
  text_refused: say(
    'Correct the character where the data come from, and export them again.',
    '请在来源系统中删除或改正该字符后重新导出。',
  ),
  file_missing: storedFile,
  file_wrong: storedFile,
  identifier_kind_unknown: say(
    'Kinds of numbers are those of GB/T 36903.',
    '证件种类代码见 GB/T 36903。',
  ),
  identifier_malformed: number,
  identifier_check_failed: number,
  identifier_birth_impossible: number,
  identifier_issuer_missing: issuing,
  identifier_issuer_unknown: issuing,
  identifier_issuer_unwanted: issuing,
  caller_not_issuing_authority: ownAuthority,
  issuer_not_caller: ownAuthority,
  type_not_of_authority: registered,
  key_not_of_caller: registered,
  certificate_unknown: askAgain,
  certificate_exists: askAgain,
  holders_changed: say(
    'Sign it anew, with other salts (mianzheng import certificates --sign-anew), or amend it.',
    '请以新的盐重新签名（mianzheng import certificates --sign-anew），或修改该证照。',
  ),
  certificate_valid: standing,
  certificate_suspended: standing,
  certificate_revoked: standing,
  certificate_cancelled: standing,
  version_not_next: askAgain,
  version_supersedes_other: askAgain,
  version_outdated: asOf,
  as_of_missing: asOf,
  as_of_repeated: asOf,
  number_changed: say(
    'Cancel this certificate, and issue one for the paper with the other number.',
    '请注销这份证照，再为新编号的证照另行颁发。',
  ),
  type_changed: say(
    'A certificate keeps its type: issue one of the other type.',
    '证照种类不能改变，请另行颁发。',
  ),
};

/** What to do about a refusal: what the error itself says goes before what holds for its code. */
export function lineHint({ code, hint, facts }: ProductError): Partial<LineHint> {
  const known = Object.hasOwn(hints, code) ? hints[code as LineCode] : {};
  const { hintZh } = facts;
  return {
    ...known,
    ...(hint !== undefined && { hint }),
    ...(typeof hintZh === 'string' && { hintZh }),
  };
}
