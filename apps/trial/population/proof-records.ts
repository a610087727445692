import type { JsonValue } from '#libs/kernel';
import { later } from './numbers.js';
import type { Company, Person } from './people.js';

/** What a department's records say of one holder, for one e-proof: a line of the source's file. */
export interface ProofRecord {
  readonly type: string;
  readonly holder: { readonly kind: '111' | '001'; readonly number: string };
  readonly fields: Readonly<Record<string, JsonValue>>;
}

/** E-proofs of which the trial's departments have records, by code. */
export const recordedTypes: readonly string[] = [
  ...['ZM001', 'ZM002', 'ZM003', 'ZM004', 'ZM005', 'ZM007', 'ZM008'],
  ...['ZM010', 'ZM011', 'ZM013', 'ZM014', 'ZM015', 'ZM018', 'ZM021'],
];

/** One in so many has nothing recorded: a kiosk says so. */
const unrecordedOf = 13;

/** @param today the trial's first day, in Asia/Shanghai */
export function proofRecords(
  people: readonly Person[],
  companies: readonly Company[],
  today: string,
): readonly ProofRecord[] {
  return [
    ...people
      .filter(({ n }) => n % unrecordedOf !== unrecordedOf - 1)
      .flatMap((person) => ofPerson(person, today)),
    ...companies.map((company) => ofCompany(company)),
  ];
}

function ofPerson({ n, name, number }: Person, today: string): readonly ProofRecord[] {
  const months = 12 + (n % 180);
  const month = later(today, 0, -40).slice(0, 7);
  const since = later(today, -1 - Math.floor(months / 12)).slice(0, 7);
  const base = 5000 + (n % 40) * 250;
  const employer = `示例单位${1 + (n % 20)}`;
  const fields: Readonly<Record<string, ProofRecord['fields']>> = {
    ZM001: {
      姓名: name,
      证件号码: number,
      个人账号: `SL${String(n).padStart(10, '0')}`,
      缴存单位: employer,
      缴存基数: base,
      月缴存额: Math.round(base * 0.24),
      缴至年月: month,
      账户余额: months * Math.round(base * 0.24),
      账户状态: '正常',
    },
    ZM002: {
      姓名: name,
      社会保障号码: number,
      参保险种: '企业职工基本养老保险、失业保险、工伤保险',
      参保单位: employer,
      缴费起止时间: `${since}至${month}`,
      累计月数: months,
    },
    ZM004: {
      姓名: name,
      社会保障号码: number,
      年度: String(Number(today.slice(0, 4)) - 1),
      缴费基数: base,
      个人账户储存额: Math.round(base * 0.08) * months,
    },
    ZM005: {
      姓名: name,
      社会保障号码: number,
      参保地: '示例市示例区',
      参保起止时间: `${since}至${month}`,
      缴费月数: months,
      个人账户储存额: Math.round(base * 0.08) * months,
    },
    ZM007: {
      姓名: name,
      公民身份号码: number,
      登记日期: later(today, 0, -20 - (n % 200)),
      登记机构: '示例区公共就业服务中心',
    },
    ZM008: {
      姓名: name,
      公民身份号码: number,
      存档机构: '示例市人才服务中心',
      存档起始日期: later(today, -1 - (n % 12)),
    },
    ZM010: {
      姓名: name,
      公民身份号码: number,
      参保地: '示例市示例区',
      险种类型: '职工基本医疗保险',
      参保起止时间: `${since}至${month}`,
      缴费月数: months,
    },
    ZM011: {
      纳税人名称: name,
      纳税人识别号: number,
      税种: '个人所得税',
      税款所属期: `${since}至${month}`,
      实缴金额: base,
    },
    ZM013: {
      纳税人: name,
      车辆识别代号: `SLTEST${String(n).padStart(11, '0')}`,
      厂牌型号: '示例牌SL1000',
      完税日期: later(today, -1 - (n % 9)),
    },
    ZM014: {
      查询人: name,
      证件号码: number,
      查询范围: '示例市',
      不动产坐落: `示例市示例区示例路${n + 1}号`,
      权利状况: '单独所有，无抵押，无查封',
    },
    ZM015: {
      查询人: name,
      证件号码: number,
      查询区域: '示例市',
      查询结果: '未查询到不动产登记信息',
    },
    ZM018: {
      姓名: name,
      公民身份号码: number,
      登记类别: '结婚登记',
      登记日期: later(today, -2 - (n % 9)),
      登记机关: '示例市示例区民政局',
      证字号: `SL-${String(n).padStart(6, '0')}`,
    },
    ZM021: {
      姓名: name,
      学籍号: `SL${String(n).padStart(10, '0')}`,
      学校名称: '示例小学',
      年级: '三年级',
    },
  };
  return Object.entries(fields).map(([type, said]) => ({
    type,
    holder: { kind: '111', number },
    fields: said,
  }));
}

const ofCompany = ({ n, name, code }: Company): ProofRecord => ({
  type: 'ZM003',
  holder: { kind: '001', number: code },
  fields: {
    单位名称: name,
    统一社会信用代码: code,
    参保险种: '企业职工基本养老保险、失业保险、工伤保险',
    参保人数: 10 + n,
    缴费状态: '正常缴费',
  },
});
