import type { PrintedVerdict } from '#libs/verify/printed-proof';
import type { Language } from '../shared/language.tsx';
import type { LineName, Why } from './lines.ts';

interface Verdict {
  readonly title: string;
  readonly text: string;
}

const verdictsZh = {
  genuine: {
    title: '真实有效',
    text: '签名、存证都已核验，刚刚向本市查过，没有撤销或变更。请再逐项核对纸上的内容。',
  },
  'changed-since': {
    title: '出具时真实，之后已变更',
    text: '出具以后，记录有了变化。请要求重新开具。',
  },
  'erased-since': {
    title: '出具时真实，记录之后已依法删除',
    text: '本人的记录已依法删除，这份证明不再有效。',
  },
  revoked: {
    title: '已撤销',
    text: '出具时真实，之后被出具机构撤销，不再有效。',
  },
  expired: { title: '已过期', text: '出具时真实，有效期已过。请要求重新开具。' },
  'standing-unknown': {
    title: '出具时真实，现在是否有效还没查到',
    text: '签名和存证已在本机核验；是否已撤销或变更，还没有查到。',
  },
  undecided: {
    title: '现在还不能判断',
    text: '本机还没有核验所需的资料，或资料比这份证明旧。请联网后再查。',
  },
  'not-issued-here': {
    title: '不是本区出具的证明',
    text: '签名或存证与本区的记录不符，不能采信。原因见“核验情况”中标为“不符”的各行。',
  },
} as const satisfies Record<PrintedVerdict, Verdict>;
const verdictsEn: Record<PrintedVerdict, Verdict> = {
  genuine: {
    title: 'Genuine and valid',
    text: 'Signature and log were checked, and the city said just now that it is neither revoked nor changed. Now compare what the paper says.',
  },
  'changed-since': {
    title: 'Genuine when issued, changed since',
    text: 'The records have changed since it was issued. Ask for a new one.',
  },
  'erased-since': {
    title: 'Genuine when issued, records erased since',
    text: 'The holder’s records were erased by law; this proof is no longer valid.',
  },
  revoked: {
    title: 'Revoked',
    text: 'Genuine when issued, and revoked by its authority since: no longer valid.',
  },
  expired: {
    title: 'Expired',
    text: 'Genuine when issued; its validity has ended. Ask for a new one.',
  },
  'standing-unknown': {
    title: 'Genuine when issued; whether it is valid now is not known yet',
    text: 'Signature and log were checked on this device. Whether it was revoked or changed since has not been found out.',
  },
  undecided: {
    title: 'Nothing can be said yet',
    text: 'This device lacks what it takes to check, or has what is older than the page. Go online and check again.',
  },
  'not-issued-here': {
    title: 'Not issued by this city',
    text: 'Signature or log differ from what this city has: do not rely on it. The lines marked “Wrong” below say why.',
  },
};

const linesZh = {
  paper: '纸上文字与上面的内容一致',
  city: '出具的城市',
  authority: '机关签名',
  log: '已存证与见证',
  validity: '有效期',
  clock: '本机的时钟',
  standing: '是否已撤销或变更',
} as const satisfies Record<LineName, string>;
const linesEn: Record<LineName, string> = {
  paper: 'The paper says the same as above',
  city: 'City of issue',
  authority: 'Authority’s signature',
  log: 'Logged and witnessed',
  validity: 'Validity',
  clock: 'Clock of this device',
  standing: 'Whether revoked or changed',
};

const whysZh = {
  compare_the_facts: '真码可能被贴到别的纸上，请逐项核对',
  city_other: '是另一个城市的证明，请到该市的查验页查验',
  city_trial: '是试用系统的证明，没有法律效力',
  keys_missing: '本机还没有本市机关的公钥',
  keys_older_than_page: '本机的机关公钥比这份证明旧',
  key_unknown: '本市没有登记过这个机关的这把公钥',
  signature_wrong: '签名不对：内容被改过，或不是该机关所签',
  signature_not_checked: '签名还没有核验',
  key_not_in_force: '签名的公钥当时不在使用期内',
  policy_missing: '本机还没有存证日志的公钥',
  log_unknown: '本机没有这个日志的公钥',
  not_included: '存证路径不成立',
  log_signature_wrong: '存证日志没有为它签名',
  not_logged: '没有存证，见证无从谈起',
  none_needed: '已存证；本市没有要求部门见证',
  quorum_missing: '见证的部门不够',
  cosignature_wrong: '见证签名不对',
  no_witness: '没有见证时间可对照',
  issued_after_witnessed: '出具时间晚于见证时间',
  issued_long_before_witnessed: '出具时间比见证早得多',
  clock_behind: '本机时间早于这份证明的时间，请校正本机时间',
  clock_corrected: '本机时间不准，已按本市时间判断',
  clock_not_compared: '没有联网对时，按本机时间判断',
  expired: '有效期已过',
  check_again: '已到建议重新核验的时间',
  not_asked: '还没有查到',
  stale: '上次查询已久，请再查一次',
  revoked: '已撤销',
  changed_since: '已变更',
  erased_since: '记录已依法删除',
  unknown_to_city: '本市没有这个验证码',
} as const satisfies Record<Why, string>;
const whysEn: Record<Why, string> = {
  compare_the_facts: 'A genuine code can be glued onto another page: compare each line',
  city_other: 'Issued by another city: use that city’s page',
  city_trial: 'Of a trial system, without legal effect',
  keys_missing: 'This device has no keys of this city’s authorities yet',
  keys_older_than_page: 'This device’s keys of authorities are older than the page',
  key_unknown: 'This city has no such key of this authority',
  signature_wrong: 'Wrong: the content was changed, or the authority did not sign it',
  signature_not_checked: 'The signature was not checked yet',
  key_not_in_force: 'The key was not in force then',
  policy_missing: 'This device has no key of the log yet',
  log_unknown: 'This device has no key of this log',
  not_included: 'The log does not have it',
  log_signature_wrong: 'The log did not sign it',
  not_logged: 'Not logged, so not witnessed',
  none_needed: 'Logged; this city needs no witnesses',
  quorum_missing: 'Too few departments witnessed it',
  cosignature_wrong: 'A witness’s signature is wrong',
  no_witness: 'No witness’s time to compare with',
  issued_after_witnessed: 'Issued after it was witnessed',
  issued_long_before_witnessed: 'Issued long before it was witnessed',
  clock_behind: 'This device’s clock is behind the page: set it right',
  clock_corrected: 'This device’s clock is wrong; the city’s time was taken',
  clock_not_compared: 'Not compared with the city’s; this device’s time was taken',
  expired: 'Its validity has ended',
  check_again: 'The time to check again has come',
  not_asked: 'Not found out yet',
  stale: 'Asked too long ago: check again',
  revoked: 'Revoked',
  changed_since: 'Changed',
  erased_since: 'Records erased by law',
  unknown_to_city: 'The city does not know this code',
};

export const verdictWords = { zh: verdictsZh, en: verdictsEn } satisfies Record<Language, unknown>;
export const lineWords = { zh: linesZh, en: linesEn } satisfies Record<Language, unknown>;
export const whyWords = { zh: whysZh, en: whysEn } satisfies Record<Language, unknown>;
