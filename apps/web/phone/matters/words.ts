/** Words of the ledger's codes that applicants read. */
export const zh = {
  role: {
    spouse: '配偶',
    child: '子女',
    seller: '出卖人',
    'legal-representative': '法定代表人',
    employee: '职工',
  } as Record<string, string>,
  otherRole: '另一当事人',
  level: { municipal: '市级', district: '区级', town: '镇级', village: '村级' } as Record<
    string,
    string
  >,
  reason: {
    no_rule: '本事项没有免提交规则',
    original_surrendered: '须收回原件',
    original_inspected: '须查验原件',
    no_participant: '须由另一当事人提供',
    consent_refused: '您未同意',
    consent_expired: '您未答复，或同意已过期',
    consent_withdrawn: '您已撤回',
    consent_ended: '授权已终止',
    release_withheld: '同意之后证照有变更',
    holder_has_none: '您没有这份电子证照',
    fields_absent: '证照上没有所需的信息',
  } as Record<string, string>,
  invalid: '证照当前不是有效状态',
};
export const en: typeof zh = {
  role: {
    spouse: 'spouse',
    child: 'child',
    seller: 'seller',
    'legal-representative': 'legal representative',
    employee: 'employee',
  },
  otherRole: 'another participant',
  level: { municipal: 'city', district: 'district', town: 'town', village: 'village' },
  reason: {
    no_rule: 'No rule of this matter exempts it',
    original_surrendered: 'The original is surrendered',
    original_inspected: 'The original is inspected',
    no_participant: 'Another participant has to provide it',
    consent_refused: 'You did not agree',
    consent_expired: 'You did not answer, or your yes expired',
    consent_withdrawn: 'You took it back',
    consent_ended: 'The consent ended',
    release_withheld: 'A certificate changed after your yes',
    holder_has_none: 'You have no such certificate',
    fields_absent: 'The certificate lacks these fields',
  },
  invalid: 'The certificate is not valid now',
};
