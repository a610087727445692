import type { FieldKind } from './catalogue.events.js';

/**
 * What kind each field name of the catalogue is: a table, because a suffix deceives (`有效期` is a
 * period as printed, `有效期至` a day). Periods, amounts and lists within one line are `text` as
 * printed, texts over several lines `lines`, and days without day or month partial dates.
 */
const names: Readonly<Partial<Record<FieldKind, string>>> = {
  text: `
    姓名 性别 民族 住址 签发机关 有效期限 户主姓名 与户主关系 户籍地址 婚姻状况 居住地住址
    签注有效期 准驾车型 车辆类型 所有人 使用性质 品牌型号 检验有效期 登记机关 国籍 持证人
    男方姓名 女方姓名 双方姓名 双方公民身份号码 收养人姓名 被收养人姓名 名称 住所
    法定代表人 业务主管单位 就业失业状态 发证机构 单位名称 职业名称 技能等级
    评价机构 专业 资格名称 职工姓名 用人单位 事故时间 权利人 共有情况 坐落 权利类型
    权利性质 用途 面积 使用期限 义务人 用地单位 项目名称 批准用地机关
    用地位置 用地面积 土地用途 建设单位 建设位置 核实面积 宗地位置 工程名称
    建设地址 合同价格 勘察单位 设计单位 施工单位 监理单位 企业名称 有效期
    资质等级 主要负责人 岗位类别 工种类别 使用期 聘用企业 注册专业 聘用单位
    审查机构 备案机关 申请单位 处置数量 运输路线 消纳场所 类型 注册资本
    经营者名称 经营场所 主体业态 生产者名称 生产地址 食品类别 经营者
    食品品种 产品名称 经营方式 质量负责人 库房地址 执业类别 执业单位 专利名称
    专利权人 发明人 注册人 软件名称 著作权人 作品名称 作品类别 新生儿姓名
    出生时间 出生地点 母亲姓名 父亲姓名 签发机构 死者姓名 死亡原因 签发单位 类别
    主要执业机构 执业地点 从业类别 体检机构 子女姓名 诊断机构 参保地 参保状态
    业户名称 地址 审验有效期 从业资格类别 公司名称 经营区域 车辆所有人 资格种类 任教学科
    认定机构 学校名称 层次 学制 学科门类 学位 主考学校 等级 毕业院校 国家（地区） 资格类别
    执业机构 执业证类别 负责人 组织形式 机构名称 申请人 公证处 营业场所 经营地址
    承包方代表 发包方 承包期限 批准用地面积 生产地点 采伐单位（个人）
    采伐地点 树种 采伐蓄积 采伐方式 采伐期限 繁育种类 繁育地点 使用林地面积 取水权人
    取水地点 取水方式 取水量 取水用途 采砂人 采砂量 作业方式 专业类别 行业类别
    生产经营场所地址 法人名称 设施地址 核准经营方式 核准类别 建设地点 企业地址
    仓储地址 最大存放量 人员类型 场所名称 消防安全责任人 职业方向 旅行社名称
    语种 工作单位 经营机构名称 项目 运动项目 教别 残疾类别 残疾等级 监护人 发证机关
    遗属类别 残疾性质 企业（个体）名称 供货单位 检测单位 合同名称 进出口企业 机构住所
    营业地址 主管代理记账业务负责人 级别 所在事务所 批准注册协会 首席合伙人
    举办单位 工会名称 业务覆盖范围 台站名称 设台单位 频率 台址 许可销售品种
    储存能力 许可类别 机组或供电区域 缴存单位 缴至年月 账户状态 参保险种 参保单位
    缴费起止时间 缴费状态 年度 参保起止时间 待遇类别 发放起始年月 发放机构 登记机构 存档机构
    调出机构 调入机构 险种类型 纳税人名称 税种 税款所属期 开具税务机关 纳税人 厂牌型号
    查询人 查询范围 不动产坐落 权利状况 查询时间 查询区域 查询时段 出具单位
    注销原因 出具派出所 登记类别 殡仪馆 困难原因 年级 儿童姓名 接种单位 出租人
    承租人 房屋坐落 租赁用途 租赁期限 买受人 出卖人 项目单位 总投资`,
  lines: `
    经营范围 业务范围 服务范围 宗旨和业务范围 许可范围 生产范围 执业范围 采砂范围 经营项目 许可项目 许可经营业务 业务种类 资质类别及等级 种类和范围
    类别和等级 四至 认定结论 审查结论 验收结论 诊断结论 查验结论 查询结果 公证事项 证明权利或事项 核定使用商品或服务 建设规模 生产经营种类`,
  date: `
    有效期至 签发日期 注册日期 出具日期 备案日期 发卡日期 发证日期 批复日期 申请日
    授权公告日 成立日期 竣工验收日期 体检日期 火化日期 注销日期 截止日期 完税日期 登记时间
    批准日期 初次领证日期 发证时间 登记日期`,
  'partial-date': `
    出生日期 毕业日期 授予日期 首次发表日期 死亡日期 存档起始日期 入伍时间 退役时间 批准时间
    测试时间`,
  code: `
    公民身份号码 户号 证号 档案编号 号牌号码 车辆识别代号 发动机号码 登记编号 护照号
    证件号码 结婚证字号 男方公民身份号码 女方公民身份号码 离婚证字号 收养人身份证件号
    登记证字号 统一社会信用代码 社会保障号码 卡号 证书编号 许可证编号 文书编号 不动产单元号
    不动产权证号 证明号 规划许可证号 决定书编号 身份证件号码 注册编号 合格书编号 备案编号
    身份证号 注册证编号 专利号 注册号 登记号 母亲身份证件号码 父亲身份证件号码 编号 证书编码
    医保账号 许可证号 证件号 证书号码 认证编号 执业证号 公证书编号 权证编号 批准书编号 文号
    批复文号 导游证号 记者证号 登记证号 残疾人证号 合同号 海关备案编码 机构编码 许可证书编号
    管理号 执业证书编号 执照编号 个人账号 函号 纳税人识别号 票证号码 查询编号 证字号 学籍号
    证明编号 合同编号 项目代码 报告编号 授权码 车辆号牌 域名`,
  number: `
    保障人数 保障金额 累积记分 缴存基数 月缴存额 账户余额 月发放金额 个人账户储存额 实缴金额
    缴费基数 累计月数 缴费月数 参保人数 分数 核定消费者数量 家庭人口`,
  rows: `
    承包地块 应种疫苗 信贷记录 公共记录 查询记录`,
};

/**
 * Fields that a lawful certificate of the type may lack (one parent unknown, no dependants). All
 * others are required.
 */
const optional = new Set([
  '父亲姓名',
  '父亲身份证件号码',
  '监护人',
  '婚姻状况',
  '发动机号码',
  '检验有效期',
  '业务主管单位',
  '域名',
  '困难原因',
  '参保单位',
  '累积记分',
]);

/** Texts that print days, e.g. the ends of a period: each day in them exists. */
const printDays = new Set(
  `有效期限 有效期 签注有效期 检验有效期 审验有效期 使用期 使用期限 承包期限 采伐期限 租赁期限 出生时间 事故时间
  缴费起止时间 参保起止时间 税款所属期 查询时间 查询时段 缴至年月 发放起始年月`.split(/\s+/),
);

/** Texts that print a period, from one day to another. */
const periods = new Set(
  `签注有效期 检验有效期 审验有效期 使用期 使用期限 承包期限 采伐期限 租赁期限 缴费起止时间 参保起止时间 税款所属期 查询时段`.split(
    /\s+/,
  ),
);
/** Of these the period is the paper's own: for how long it is valid. */
const periodsOfPaper = new Set(['有效期限', '有效期']);

const kindOf = new Map<string, FieldKind>();
for (const [kind, list] of Object.entries(names))
  for (const name of list.trim().split(/\s+/)) kindOf.set(name, kind as FieldKind);

export const fieldKinds: readonly FieldKind[] = [
  'text',
  'lines',
  'date',
  'partial-date',
  'code',
  'number',
  'rows',
  'image',
  'file',
];

/** The kind of a field name that the table knows; `null` for any other. */
export const knownKind = (name: string): FieldKind | null => kindOf.get(name) ?? null;

export const isOptional = (name: string): boolean => optional.has(name);

export const printsDays = (name: string): boolean => printDays.has(name);

/**
 * Whether a field prints a period: the paper's own, or that of something which the paper tells of;
 * null where it prints none.
 */
export function periodOf(name: string): 'of-paper' | 'of-something' | null {
  if (periodsOfPaper.has(name)) return 'of-paper';
  return periods.has(name) ? 'of-something' : null;
}
