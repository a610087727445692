import { isOptional } from '#libs/catalogue';
import type { Facts } from './facts.js';

/** A printed e-proof: what the catalogue calls it and its fields, in the order of the catalogue. */
interface ProofLayout {
  readonly title: readonly [zh: string, en: string];
  /** The paper is a decision: a kiosk reprints what was decided, and decides nothing. */
  readonly decision?: true;
  /** English labels by key. */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * The e-proofs, each with a layout of its own in `templates/`. Titles and fields are those of
 * contracts/catalogue/certificate-types.tsv, which a test compares.
 */
export const proofLayouts = {
  ZM001: {
    title: ['个人住房公积金缴存证明', 'Individual Housing Provident Fund Contribution Proof'],
    fields: {
      姓名: 'Name',
      证件号码: 'Document number',
      个人账号: 'Individual account number',
      缴存单位: 'Depositing employer',
      缴存基数: 'Deposit base',
      月缴存额: 'Monthly deposit',
      缴至年月: 'Paid up to (year and month)',
      账户余额: 'Account balance',
      账户状态: 'Account status',
      出具日期: 'Date of statement',
    },
  },
  ZM002: {
    title: ['社会保险个人参保证明', 'Individual Social Insurance Proof'],
    fields: {
      姓名: 'Name',
      社会保障号码: 'Social security number',
      参保险种: 'Types of insurance',
      参保单位: 'Insured organisation',
      缴费起止时间: 'Period of contributions',
      累计月数: 'Total months',
      授权码: 'Authorisation code',
    },
  },
  ZM003: {
    title: ['社会保险单位参保证明', 'Employer Social Insurance Proof'],
    fields: {
      单位名称: 'Name of organisation',
      统一社会信用代码: 'Unified social credit code',
      参保险种: 'Types of insurance',
      参保人数: 'Number of insured persons',
      缴费状态: 'Contribution status',
      授权码: 'Authorisation code',
    },
  },
  ZM004: {
    title: ['社会保险个人权益记录单', 'Social Insurance Individual Rights Statement'],
    fields: {
      姓名: 'Name',
      社会保障号码: 'Social security number',
      年度: 'Year',
      缴费基数: 'Contribution base',
      个人账户储存额: 'Individual account balance',
    },
  },
  ZM005: {
    title: ['基本养老保险参保缴费凭证', 'Pension Insurance Contribution Voucher'],
    fields: {
      姓名: 'Name',
      社会保障号码: 'Social security number',
      参保地: 'Place of insurance',
      参保起止时间: 'Period of insurance',
      缴费月数: 'Months of contributions paid',
      个人账户储存额: 'Individual account balance',
    },
  },
  ZM006: {
    title: ['养老保险待遇证明', 'Pension Benefit Proof'],
    fields: {
      姓名: 'Name',
      社会保障号码: 'Social security number',
      待遇类别: 'Category of benefit',
      月发放金额: 'Monthly payment',
      发放起始年月: 'First payment (year and month)',
      发放机构: 'Paying institution',
    },
  },
  ZM007: {
    title: ['失业登记证明', 'Unemployment Registration Proof'],
    fields: {
      姓名: 'Name',
      公民身份号码: 'Citizen identity number',
      登记日期: 'Date of registration',
      登记机构: 'Registration institution',
    },
  },
  ZM008: {
    title: ['人事档案存档证明', 'Personnel File Custody Proof'],
    fields: {
      姓名: 'Name',
      公民身份号码: 'Citizen identity number',
      存档机构: 'Institution keeping the file',
      存档起始日期: 'Start of file custody',
    },
  },
  ZM009: {
    title: ['流动人员人事档案调档函', 'Personnel File Transfer Letter'],
    decision: true,
    fields: {
      姓名: 'Name',
      公民身份号码: 'Citizen identity number',
      调出机构: 'Transferring institution',
      调入机构: 'Receiving institution',
      函号: 'Letter number',
    },
  },
  ZM010: {
    title: ['基本医疗保险参保凭证', 'Basic Medical Insurance Voucher'],
    fields: {
      姓名: 'Name',
      公民身份号码: 'Citizen identity number',
      参保地: 'Place of insurance',
      险种类型: 'Type of insurance',
      参保起止时间: 'Period of insurance',
      缴费月数: 'Months of contributions paid',
    },
  },
  ZM011: {
    title: ['税收完税证明', 'Tax Payment Certificate'],
    fields: {
      纳税人名称: 'Name of taxpayer',
      纳税人识别号: 'Taxpayer identification number',
      税种: 'Type of tax',
      税款所属期: 'Tax period',
      实缴金额: 'Amount paid',
      票证号码: 'Tax voucher number',
    },
  },
  ZM012: {
    title: ['无欠税证明', 'No-Tax-Arrears Certificate'],
    decision: true,
    fields: {
      纳税人名称: 'Name of taxpayer',
      纳税人识别号: 'Taxpayer identification number',
      截止日期: 'Closing date',
      开具税务机关: 'Issuing tax authority',
      编号: 'Number',
    },
  },
  ZM013: {
    title: ['车辆购置税完税证明', 'Vehicle Purchase Tax Certificate'],
    fields: {
      纳税人: 'Taxpayer',
      车辆识别代号: 'Vehicle identification number',
      厂牌型号: 'Vehicle make and model',
      完税日期: 'Date of tax payment',
    },
  },
  ZM014: {
    title: ['不动产登记信息查询证明', 'Real Estate Registration Enquiry Proof'],
    fields: {
      查询人: 'Person making the query',
      证件号码: 'Document number',
      查询范围: 'Scope of query',
      不动产坐落: 'Location of real estate',
      权利状况: 'Status of rights',
      查询时间: 'Time of query',
      查询编号: 'Query number',
    },
  },
  ZM015: {
    title: ['无房证明', 'No-Property Proof'],
    fields: {
      查询人: 'Person making the query',
      证件号码: 'Document number',
      查询区域: 'Area queried',
      查询结果: 'Query result',
      查询时间: 'Time of query',
      查询编号: 'Query number',
    },
  },
  ZM016: {
    title: ['无犯罪记录证明', 'Certificate of No Criminal Record'],
    decision: true,
    fields: {
      姓名: 'Name',
      公民身份号码: 'Citizen identity number',
      查询时段: 'Period queried',
      查询结果: 'Query result',
      出具单位: 'Organisation making the statement',
      编号: 'Number',
    },
  },
  ZM017: {
    title: ['户口注销证明', 'Household Registration Cancellation Proof'],
    fields: {
      姓名: 'Name',
      公民身份号码: 'Citizen identity number',
      注销原因: 'Reason for cancellation',
      注销日期: 'Date of cancellation',
      出具派出所: 'Police station making the statement',
    },
  },
  ZM018: {
    title: ['婚姻登记档案证明', 'Marriage Registration Archive Proof'],
    fields: {
      姓名: 'Name',
      公民身份号码: 'Citizen identity number',
      登记类别: 'Category of registration',
      登记日期: 'Date of registration',
      登记机关: 'Registration authority',
      证字号: 'Certificate number',
    },
  },
  ZM019: {
    title: ['火化证明', 'Cremation Certificate'],
    decision: true,
    fields: {
      死者姓名: 'Name of the deceased',
      身份证件号码: 'Identity document number',
      火化日期: 'Date of cremation',
      殡仪馆: 'Funeral home',
      编号: 'Number',
    },
  },
  ZM020: {
    title: ['经济困难证明', 'Economic Hardship Proof'],
    decision: true,
    fields: {
      姓名: 'Name',
      公民身份号码: 'Citizen identity number',
      家庭人口: 'Number of household members',
      困难原因: 'Reason for hardship',
      出具单位: 'Organisation making the statement',
      用途: 'Use',
    },
  },
  ZM021: {
    title: ['中小学生学籍证明', 'School Enrolment Proof'],
    fields: {
      姓名: 'Name',
      学籍号: 'Student registration number',
      学校名称: 'Name of school',
      年级: 'School grade',
    },
  },
  ZM022: {
    title: ['儿童入托入学预防接种证查验证明', 'Vaccination Check Proof for School Entry'],
    fields: {
      儿童姓名: 'Name of child',
      出生日期: 'Date of birth',
      应种疫苗: 'Vaccines due',
      查验结论: 'Conclusion of check',
      接种单位: 'Vaccination provider',
    },
  },
  ZM023: {
    title: ['房屋租赁登记备案证明', 'House Lease Filing Proof'],
    fields: {
      出租人: 'Lessor',
      承租人: 'Lessee',
      房屋坐落: 'Location of premises',
      租赁用途: 'Use of leased premises',
      租赁期限: 'Term of lease',
      证明编号: 'Number of statement',
    },
  },
  ZM024: {
    title: ['商品房买卖合同备案证明', 'Commodity House Sale Contract Filing Proof'],
    fields: {
      买受人: 'Buyer',
      出卖人: 'Seller',
      房屋坐落: 'Location of premises',
      合同编号: 'Contract number',
      备案日期: 'Date of filing',
    },
  },
  ZM025: {
    title: ['企业投资项目备案证明', 'Enterprise Investment Project Filing Proof'],
    fields: {
      项目单位: 'Project organisation',
      项目名称: 'Name of project',
      项目代码: 'Project code',
      建设地点: 'Place of construction',
      建设规模: 'Scale of construction',
      总投资: 'Total investment',
    },
  },
  ZM026: {
    title: ['个人信用报告', 'Individual Credit Report'],
    decision: true,
    fields: {
      姓名: 'Name',
      证件号码: 'Document number',
      信贷记录: 'Credit records',
      公共记录: 'Public records',
      查询记录: 'Query records',
      报告编号: 'Report number',
    },
  },
} as const satisfies Readonly<Record<string, ProofLayout>>;

export type ProofTemplate = keyof typeof proofLayouts;
/** For certificates other than e-proofs: a person's own, and a company's. */
export type OwnTemplate = 'certificate' | 'company';

/**
 * Keys that are missing for the layout, and those that it has no place for. A field that a lawful
 * e-proof may lack is not missing.
 */
export function factFaults(
  template: ProofTemplate,
  facts: Facts,
): { readonly missing: readonly string[]; readonly unknown: readonly string[] } {
  const fields: Readonly<Record<string, string>> = proofLayouts[template].fields;
  return {
    missing: Object.keys(fields).filter((key) => !Object.hasOwn(facts, key) && !isOptional(key)),
    unknown: Object.keys(facts).filter((key) => !Object.hasOwn(fields, key)),
  };
}
