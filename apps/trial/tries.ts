/**
 * What is tried by hand: a matter, the department at whose window, and the holder whose phone
 * answers. The holder's papers are such that all materials are exemptible.
 */
export interface Try {
  readonly department: string;
  readonly matter: string;
  /** What is typed at the window to find it. */
  readonly typed: string;
  readonly nameZh: string;
  readonly nameEn: string;
  /** The place of the holder among the people of the trial. */
  readonly holder: number;
}

export const tries: readonly [Try, ...Try[]] = [
  {
    department: '人社',
    matter: 'SX0001',
    typed: '灵活就业人员参保',
    nameZh: '灵活就业人员参保登记',
    nameEn: 'social insurance of the flexibly employed: identity card, social security card',
    holder: 0,
  },
  {
    department: '公安',
    matter: 'SX0018',
    typed: '婚姻状况变更',
    nameZh: '户口登记婚姻状况变更',
    nameEn:
      'marital status in the household register: identity card, register, marriage certificate',
    holder: 3,
  },
  {
    department: '民政',
    matter: 'SX0090',
    typed: '困难残疾人',
    nameZh: '困难残疾人生活补贴申领',
    nameEn:
      'allowance for disabled persons in need: identity card, disability and relief certificates',
    holder: 5,
  },
];
