import type { Tone } from '../shared/status.tsx';

/** Words of the ledger's codes: roles, states and reasons. */
export const zh = {
  role: {
    applicant: '申请人',
    spouse: '配偶',
    child: '子女',
    seller: '出卖人',
    'legal-representative': '法定代表人',
    employee: '职工',
    'legal-person': '法人',
    mortgagee: '抵押权人',
    surveyor: '勘察单位',
    designer: '设计单位',
    contractor: '施工单位',
    owner: '所有权人',
  } as Record<string, string>,
  material: {
    exemptible: '可免提交',
    waiting: '待同意',
    granted: '持证人已同意',
    answered: '免提交·已调用',
    'to-be-brought': '需提交',
    brought: '已登记纸质',
  } as Record<string, string>,
  consent: {
    waiting: '等待持证人同意',
    granted: '持证人已同意',
    refused: '持证人未同意',
    withdrawn: '持证人已撤回',
    ended: '已终止',
    redeemed: '免提交·已调用',
    withheld: '未取出',
    expired: '已过期',
    unanswered: '未答复',
  } as Record<string, string>,
  reason: {
    no_rule: '本事项没有免提交规则',
    no_participant: '没有登记持有人',
    consent_refused: '持证人未同意',
    consent_expired: '持证人未答复，或同意已过期',
    consent_withdrawn: '持证人已撤回',
    consent_ended: '授权已终止',
    release_withheld: '同意之后证照已变更或注销',
    holder_has_none: '持证人没有这份证照',
    fields_absent: '证照上没有所需的信息',
    certificate_suspended: '证照已暂停使用',
    certificate_revoked: '证照已撤销',
    certificate_cancelled: '证照已注销',
    certificate_expired: '证照已过有效期',
    certificate_not_yet_valid: '证照尚未生效',
    original_surrendered: '须收回原件',
    original_inspected: '须查验原件',
  } as Record<string, string>,
  paper: {
    no_rule: '本事项没有免提交规则',
    no_phone: '没有手机或没电',
    refused: '持证人未同意',
    not_answered: '没有答复',
    holder_has_none: '没有电子证照',
    certificate_not_valid: '证照无效或已变更',
    holder_prefers_paper: '持证人愿交纸质',
  } as Record<string, string>,
  told: {
    refused: '持证人未同意。可改交纸质，不影响办理。',
    unanswered: '持证人没有答复。可改交纸质，不影响办理，也可按 F4 再请求一次。',
    withdrawn: '持证人已撤回，信息没有取出。',
    withheld: '同意之后证照已变更或注销，信息未取出，请按需提交办理。',
    expired: '同意已超过 10 分钟，按 F4 再请求一次。',
    ended: '授权已终止，没有可取的信息，请按需提交办理。',
    'taken-back': '本窗口已撤回请求，持证人的手机上已显示。可重新勾选后再请求。',
    nothing: '持证人没有可用的证照，信息没有取出。请按 F8 登记纸质，不影响办理。',
    elsewhere: '这次同意已在别处用过。',
    lost: '信息在传送途中丢失。按 F4 在本终端再取一次，不需要持证人再同意。',
    held: (seen: number, of: number) =>
      of === 0
        ? '记录尚未封存，信息暂缓显示；同意已记下，不会丢。'
        : `见证部门不足（${seen}/${of}），信息暂缓显示；同意已记下，不会丢。`,
  },
};

export const en: typeof zh = {
  role: {
    applicant: 'applicant',
    spouse: 'spouse',
    child: 'child',
    seller: 'seller',
    'legal-representative': 'legal representative',
    employee: 'employee',
    'legal-person': 'company',
    mortgagee: 'mortgagee',
    surveyor: 'surveyor',
    designer: 'designer',
    contractor: 'contractor',
    owner: 'owner',
  },
  material: {
    exemptible: 'Can be exempted',
    waiting: 'Waiting for the holder',
    granted: 'Agreed',
    answered: 'Not needed, data received',
    'to-be-brought': 'Please bring',
    brought: 'Paper noted',
  },
  consent: {
    waiting: 'Waiting for the holder',
    granted: 'The holder agreed',
    refused: 'Not agreed',
    withdrawn: 'Taken back',
    ended: 'Ended',
    redeemed: 'Not needed, data received',
    withheld: 'Withheld',
    expired: 'Expired',
    unanswered: 'Not answered',
  },
  reason: {
    no_rule: 'This matter has no exemption rule for it',
    no_participant: 'Its holder was not entered',
    consent_refused: 'The holder did not agree',
    consent_expired: 'Not answered, or the consent expired',
    consent_withdrawn: 'The holder took the consent back',
    consent_ended: 'The consent ended',
    release_withheld: 'The certificate changed after the consent',
    holder_has_none: 'The holder has no such certificate',
    fields_absent: 'The certificate lacks these fields',
    certificate_suspended: 'The certificate is suspended',
    certificate_revoked: 'The certificate was revoked',
    certificate_cancelled: 'The certificate was cancelled',
    certificate_expired: 'The certificate has expired',
    certificate_not_yet_valid: 'The certificate is not valid yet',
    original_surrendered: 'The original is surrendered',
    original_inspected: 'The original is inspected',
  },
  paper: {
    no_rule: 'No exemption rule for it',
    no_phone: 'No phone, or no battery',
    refused: 'The holder did not agree',
    not_answered: 'No answer',
    holder_has_none: 'No electronic certificate',
    certificate_not_valid: 'Certificate not valid, or changed',
    holder_prefers_paper: 'The holder prefers paper',
  },
  told: {
    refused: 'The holder did not agree. Paper serves as well; the case is handled all the same.',
    unanswered: 'The holder did not answer. Paper serves as well; or ask once more with F4.',
    withdrawn: 'The holder took the consent back; no data left.',
    withheld:
      'The certificate was changed or cancelled after the consent. No data left; the paper has to be brought.',
    expired: 'More than 10 minutes since the consent: ask once more with F4.',
    ended: 'The consent ended without data; the paper has to be brought.',
    'taken-back':
      'This window withdrew the request, and the holder’s phone says so. Tick again to ask again.',
    nothing:
      'The holder has no certificate that can be used; no data left. Note the paper (F8); the case is handled all the same.',
    elsewhere: 'This consent was used elsewhere.',
    lost: 'The data were lost on the way. F4 fetches them again at this terminal, without a new consent.',
    held: (seen, of) =>
      of === 0
        ? 'The record is not sealed yet, and the data are held back; the consent is recorded and not lost.'
        : `Too few witnesses (${seen}/${of}): the data are held back; the consent is recorded and not lost.`,
  },
};

export const stateWords = { zh, en };

/** Colour and shape of a material's state. */
export const materialTone: Readonly<Record<string, Tone>> = {
  exemptible: 'blue',
  waiting: 'amber',
  granted: 'green',
  answered: 'green',
  'to-be-brought': 'slate',
  brought: 'slate',
};

export const consentTone: Readonly<Record<string, Tone>> = {
  waiting: 'amber',
  granted: 'green',
  redeemed: 'green',
  refused: 'red',
  unanswered: 'slate',
  withdrawn: 'slate',
  withheld: 'red',
  expired: 'amber',
  ended: 'slate',
};
