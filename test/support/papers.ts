import type {
  Facts,
  OwnPaper,
  Paper,
  PaperLanguage,
  ProofPaper,
  ProofTemplate,
} from '#libs/proof/paper';

/** Nobody's: the standard's own sample numbers, and names that say that they are samples. */
const person = { name: '林示例', id: '11010519491231002X' };
const company = { name: '示例之城样品有限公司', code: '91430112MA00000006' };

const authority: Readonly<Record<string, string>> = {
  ZM001: '示例市住房公积金管理中心',
  ZM011: '示例市税务局',
  ZM014: '示例市自然资源局',
  ZM016: '示例市公安局',
  ZM018: '示例市民政局',
  ZM020: '示例市示例镇人民政府',
  ZM021: '示例市教育局',
  ZM022: '示例市卫生健康局',
  ZM023: '示例市住房和城乡建设局',
  ZM025: '示例市发展和改革委员会',
  ZM026: '示例征信中心',
};
const authorityOf = (template: ProofTemplate): string => {
  const known = Object.keys(authority).filter((code) => code <= template);
  return template >= 'ZM002' && template <= 'ZM009'
    ? '示例市人力资源和社会保障局'
    : template === 'ZM010'
      ? '示例市医疗保障局'
      : (authority[known.at(-1) ?? 'ZM001'] ?? '');
};

/** Facts of each e-proof as a department would make them. */
export const sampleFacts: Readonly<Record<ProofTemplate, Facts>> = {
  ZM001: {
    姓名: person.name,
    证件号码: person.id,
    个人账号: '000123456789',
    缴存单位: company.name,
    缴存基数: 8600,
    月缴存额: 2064,
    缴至年月: '2026-10',
    账户余额: 98231.56,
    账户状态: '正常',
    出具日期: '2026-11-30',
  },
  ZM002: {
    姓名: person.name,
    社会保障号码: person.id,
    参保险种: '企业职工基本养老保险、工伤保险、失业保险',
    参保单位: company.name,
    缴费起止时间: '2014-07 至 2026-10',
    累计月数: 148,
    授权码: 'SQ0000000012',
  },
  ZM003: {
    单位名称: company.name,
    统一社会信用代码: company.code,
    参保险种: '企业职工基本养老保险、工伤保险、失业保险',
    参保人数: 36,
    缴费状态: '正常缴费，无欠费',
    授权码: 'SQ0000000013',
  },
  ZM004: {
    姓名: person.name,
    社会保障号码: person.id,
    年度: '2025',
    缴费基数: 8600,
    个人账户储存额: 102345.67,
  },
  ZM005: {
    姓名: person.name,
    社会保障号码: person.id,
    参保地: '示例市',
    参保起止时间: '2014-07 至 2026-10',
    缴费月数: 148,
    个人账户储存额: 102345.67,
  },
  ZM006: {
    姓名: person.name,
    社会保障号码: person.id,
    待遇类别: '企业职工基本养老金',
    月发放金额: 3271.4,
    发放起始年月: '2010-01',
    发放机构: '示例市社会保险经办中心',
  },
  ZM007: {
    姓名: person.name,
    公民身份号码: person.id,
    登记日期: '2026-09-14',
    登记机构: '示例市示例街道便民服务中心',
  },
  ZM008: {
    姓名: person.name,
    公民身份号码: person.id,
    存档机构: '示例市人才服务中心',
    存档起始日期: '2019-08-01',
  },
  ZM009: {
    姓名: person.name,
    公民身份号码: person.id,
    调出机构: '样板市人才服务中心',
    调入机构: '示例市人才服务中心',
    函号: '示例调档〔2026〕0012号',
  },
  ZM010: {
    姓名: person.name,
    公民身份号码: person.id,
    参保地: '示例市',
    险种类型: '职工基本医疗保险',
    参保起止时间: '2014-07 至 2026-10',
    缴费月数: 148,
  },
  ZM011: {
    纳税人名称: company.name,
    纳税人识别号: company.code,
    税种: '增值税',
    税款所属期: '2026-07-01 至 2026-09-30',
    实缴金额: 128450.32,
    票证号码: '34300012600000018',
  },
  ZM012: {
    纳税人名称: company.name,
    纳税人识别号: company.code,
    截止日期: '2026-11-29',
    开具税务机关: '示例市税务局示例分局',
    编号: '示例税无欠〔2026〕0007号',
  },
  ZM013: {
    纳税人: person.name,
    车辆识别代号: 'LSAMPLE0000000001',
    厂牌型号: '示例牌 SL7000EV 纯电动轿车',
    完税日期: '2026-03-18',
  },
  ZM014: {
    查询人: person.name,
    证件号码: person.id,
    查询范围: '示例市行政区域内以查询人为权利人的不动产登记信息',
    不动产坐落: '示例市样板区示例路 8 号 3 栋 1201 房',
    权利状况: '国有建设用地使用权/房屋所有权，单独所有；已设立抵押；无查封、异议登记',
    查询时间: '2026-11-30 09:12',
    查询编号: 'CX202611300021',
  },
  ZM015: {
    查询人: person.name,
    证件号码: person.id,
    查询区域: '示例市行政区域',
    查询结果: '在上述区域内，未查询到查询人名下的房屋所有权登记信息。',
    查询时间: '2026-11-30 09:12',
    查询编号: 'CX202611300022',
  },
  ZM016: {
    姓名: person.name,
    公民身份号码: person.id,
    查询时段: '1967-12-31 至 2026-11-28',
    查询结果: '未发现有犯罪记录。',
    出具单位: '示例市公安局示例派出所',
    编号: '示例公无证〔2026〕0031号',
  },
  ZM017: {
    姓名: person.name,
    公民身份号码: person.id,
    注销原因: '迁往市外',
    注销日期: '2026-05-06',
    出具派出所: '示例市公安局示例派出所',
  },
  ZM018: {
    姓名: person.name,
    公民身份号码: person.id,
    登记类别: '结婚登记',
    登记日期: '1974-05-01',
    登记机关: '示例市民政局婚姻登记处',
    证字号: '示例结字第0000017号',
  },
  ZM019: {
    死者姓名: '钱示例',
    身份证件号码: person.id,
    火化日期: '2026-10-08',
    殡仪馆: '示例市殡仪馆',
    编号: '示例火〔2026〕00108号',
  },
  ZM020: {
    姓名: person.name,
    公民身份号码: person.id,
    家庭人口: 4,
    困难原因: '家庭主要劳动力患病，医疗支出较大。',
    出具单位: '示例市示例镇示例村民委员会',
    用途: '申请学生资助',
  },
  ZM021: {
    姓名: '林小样',
    学籍号: 'G0000002019010100018',
    学校名称: '示例市示例小学',
    年级: '五年级',
  },
  ZM022: {
    儿童姓名: '林小样',
    出生日期: '2021-02-17',
    应种疫苗: [
      { 疫苗: '卡介苗', 剂次: 1, 接种日期: '2021-02-17' },
      { 疫苗: '乙肝疫苗', 剂次: 3, 接种日期: '2021-08-20' },
      { 疫苗: '脊灰疫苗', 剂次: 4, 接种日期: '2025-03-01' },
      { 疫苗: '百白破疫苗', 剂次: 4, 接种日期: '2022-08-22' },
      { 疫苗: '麻腮风疫苗', 剂次: 2, 接种日期: '2022-08-22' },
      { 疫苗: '乙脑减毒活疫苗', 剂次: 2, 接种日期: '2023-02-20' },
      { 疫苗: 'A群C群流脑多糖疫苗', 剂次: 1, 接种日期: '2024-02-19' },
    ],
    查验结论: '应种疫苗均已完成接种。',
    接种单位: '示例市示例街道社区卫生服务中心',
  },
  ZM023: {
    出租人: person.name,
    承租人: '王示例',
    房屋坐落: '示例市样板区示例路 8 号 3 栋 1201 房',
    租赁用途: '居住',
    租赁期限: '2026-06-01 至 2027-05-31',
    证明编号: '示例租备〔2026〕01234号',
  },
  ZM024: {
    买受人: person.name,
    出卖人: '示例之城样品置业有限公司',
    房屋坐落: '示例市样板区样品大道 1 号 2 栋 901 房',
    合同编号: 'SL2026000815',
    备案日期: '2026-04-22',
  },
  ZM025: {
    项目单位: company.name,
    项目名称: '年产一万件样品生产线建设项目',
    项目代码: '2611-430112-04-01-000018',
    建设地点: '示例市样板区示例工业园',
    建设规模: '新建厂房 12000 平方米，购置生产设备 36 台（套）。\n配套建设仓储、供配电和环保设施。',
    总投资: '8600 万元',
  },
  ZM026: {
    姓名: person.name,
    证件号码: person.id,
    信贷记录: [
      { 类别: '个人住房贷款', 机构: '示例银行', 余额: 412000, 状态: '正常' },
      { 类别: '贷记卡', 机构: '样品银行', 余额: 1260.5, 状态: '正常' },
    ],
    公共记录: [],
    查询记录: [
      { 查询日期: '2026-11-02', 查询机构: '示例银行', 查询原因: '贷后管理' },
      { 查询日期: '2026-06-17', 查询机构: '样品银行', 查询原因: '信用卡审批' },
      { 查询日期: '2026-06-01', 查询机构: '本人', 查询原因: '本人查询' },
    ],
    报告编号: '20261130000000000018',
  },
};

const common = {
  trial: true,
  asOf: '2026-11-30T10:05:00.000Z',
  checkAgain: '2027-02-28',
  code: 'KDWA-7MXE-QTRB',
  checkedAt: 'https://mianzheng.example/verify',
  created: '2026-11-30T10:05:01.000Z',
} as const;

/** As long as the proof of a print is: a URL, then digits. */
const proofCode = {
  correction: 'L',
  segments: [
    { mode: 'bytes', bytes: new TextEncoder().encode('https://mianzheng.example/p#') },
    { mode: 'numeric', digits: '0123456789'.repeat(210) },
  ],
} as const;
const factsCode = {
  correction: 'M',
  segments: [
    { mode: 'bytes', bytes: new TextEncoder().encode('https://mianzheng.example/p#facts') },
    { mode: 'numeric', digits: '9876543210'.repeat(40) },
  ],
} as const;

export function sampleProof(
  template: ProofTemplate,
  language: PaperLanguage,
  changes: Partial<ProofPaper> = {},
): ProofPaper {
  return {
    ...common,
    template,
    language,
    facts: sampleFacts[template],
    purpose: language === 'zh' ? '在示例市办理示例业务' : 'trying out a sample matter',
    issuer: { name: authorityOf(template), seal: { kind: 'sample' } },
    qr: template < 'ZM014' ? [proofCode] : [factsCode, proofCode],
    attachments: [
      {
        name: 'proof.json',
        mediaType: 'application/json',
        description: 'mianzheng proof',
        bytes: new TextEncoder().encode('{"sample":true}'),
      },
    ],
    ...changes,
  };
}

/** A print of a certificate of a person's own, or of a company's. */
export function sampleOwn(
  template: OwnPaper['template'],
  language: PaperLanguage,
  changes: Partial<OwnPaper> = {},
): OwnPaper {
  const ofPerson = template === 'certificate';
  return {
    ...sampleProof('ZM003', language),
    issuer: {
      name: ofPerson ? '示例市人力资源和社会保障局' : '示例市市场监督管理局',
      seal: { kind: 'sample' },
    },
    template,
    title:
      language === 'zh'
        ? ofPerson
          ? '就业创业证'
          : '营业执照'
        : ofPerson
          ? 'Employment and Entrepreneurship Certificate'
          : 'Business Licence',
    labels: ofPerson
      ? { 姓名: 'Name', 证件号码: 'Document number', 发证机构: 'Issuing institution' }
      : {
          名称: 'Name',
          统一社会信用代码: 'Unified social credit code',
          住所: 'Domicile',
          法定代表人: 'Legal representative',
          经营范围: 'Scope of business',
        },
    facts: ofPerson
      ? { 姓名: person.name, 证件号码: person.id, 发证机构: '示例市人力资源和社会保障局' }
      : {
          名称: company.name,
          统一社会信用代码: company.code,
          住所: '示例市样板区示例路 8 号',
          法定代表人: person.name,
          经营范围: '样品的研发、生产和销售；样品检测服务。\n货物进出口。',
        },
    representative: ofPerson ? null : person.name,
    ...changes,
  };
}

/** As long as names and purposes may be, which is longer than most; not of a trial. */
const longest = (): Paper =>
  sampleProof('ZM015', 'en', {
    issuer: {
      name: 'Example City Bureau of Natural Resources and Planning Office',
      seal: { kind: 'sample' },
    },
    purpose: 'applying for an affordable flat in the city of Example, 2026',
    trial: false,
  });

/** A name for each page that is compared with its golden raster. */
export const samplePapers = (): readonly (readonly [name: string, paper: Paper])[] => [
  ['longest.en', longest()],
  ...(['zh', 'en'] as const).flatMap((language) => [
    ...(Object.keys(sampleFacts) as ProofTemplate[]).map(
      (template) =>
        [`${template.toLowerCase()}.${language}`, sampleProof(template, language)] as const,
    ),
    ...(['certificate', 'company'] as const).map(
      (template) => [`${template}.${language}`, sampleOwn(template, language)] as const,
    ),
  ]),
];
