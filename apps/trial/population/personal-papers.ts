import type { JsonValue } from '#libs/kernel';
import { later, paperNumber } from './numbers.js';
import { held, type Paper, type Term, type Writer } from './paper.js';
import type { Company, Person } from './people.js';

/** What a paper of one person says, beside its term. */
interface PersonalPaper {
  readonly type: string;
  /** For how long it is valid; null for no expiry. */
  readonly years: number | null;
  readonly isHeldBy: (n: number) => boolean;
  readonly fields: (about: About) => Readonly<Record<string, JsonValue>>;
}

interface About {
  readonly person: Person;
  readonly term: Term;
  /** The paper's own number, for its type. */
  readonly number: string;
  readonly employer: Company;
  /** How an authority of this department is called. */
  readonly office: (department: string) => string;
}

const one =
  (of: number, place: number) =>
  (n: number): boolean =>
    n % of === place;
const named = ({ person: { name, number } }: About) => ({ 姓名: name, 公民身份号码: number });

const identity: readonly PersonalPaper[] = [
  {
    type: 'ZZ001',
    years: 20,
    isHeldBy: () => true,
    fields: (about) => ({
      ...named(about),
      性别: about.person.sex,
      民族: about.person.n === 16 ? '维吾尔' : '汉',
      出生日期: about.person.birth,
      住址: about.person.address,
      签发机关: about.office('公安'),
      有效期限: about.term.printed,
    }),
  },
  {
    type: 'ZZ002',
    years: null,
    isHeldBy: () => true,
    fields: (about) => ({
      ...named(about),
      户号: about.number,
      户主姓名: about.person.name,
      与户主关系: '户主',
      户籍地址: about.person.address,
      婚姻状况: '未婚',
    }),
  },
  {
    type: 'ZZ003',
    years: 1,
    isHeldBy: one(9, 4),
    fields: (about) => ({
      ...named(about),
      居住地住址: about.person.address,
      签发机关: about.office('公安'),
      签注有效期: about.term.printed,
    }),
  },
  {
    type: 'ZZ004',
    years: 6,
    isHeldBy: one(3, 0),
    fields: ({ person, term, number }) => ({
      姓名: person.name,
      证号: person.number,
      准驾车型: 'C1',
      初次领证日期: term.from,
      有效期限: term.printed,
      累积记分: person.n % 7,
      档案编号: number,
    }),
  },
  {
    type: 'ZZ005',
    years: null,
    isHeldBy: one(6, 0),
    fields: ({ person, term, number }) => ({
      号牌号码: `示A${String(person.n).padStart(5, '0')}`,
      车辆类型: '小型轿车',
      所有人: person.name,
      住址: person.address,
      使用性质: '非营运',
      品牌型号: '示例牌SL1000',
      车辆识别代号: number,
      发动机号码: `${number}F`,
      注册日期: term.from,
      检验有效期: later(term.from, 10),
    }),
  },
  {
    type: 'ZZ007',
    years: 10,
    isHeldBy: one(4, 1),
    fields: ({ person, term, office }) => ({
      姓名: person.name,
      护照号: `EX${String(person.n).padStart(7, '0')}`,
      国籍: '中国',
      出生日期: person.birth,
      签发日期: term.from,
      有效期至: term.until ?? '',
      签发机关: office('移民管理'),
    }),
  },
];

const support: readonly PersonalPaper[] = [
  {
    type: 'ZZ018',
    years: 1,
    isHeldBy: one(25, 5),
    fields: ({ person, number }) => ({
      户主姓名: person.name,
      公民身份号码: person.number,
      保障人数: 1 + (person.n % 3),
      保障金额: 800 + person.n,
      证号: number,
    }),
  },
  {
    type: 'ZZ019',
    years: 10,
    isHeldBy: (n) => n % 20 !== 19,
    fields: ({ person, term, number }) => ({
      姓名: person.name,
      社会保障号码: person.number,
      卡号: number,
      发卡日期: term.from,
      有效期限: term.printed,
    }),
  },
  {
    type: 'ZZ070',
    years: null,
    isHeldBy: (n) => n % 10 !== 9,
    fields: (about) => ({
      ...named(about),
      医保账号: about.number,
      参保地: '虚构市示例区',
      参保状态: '正常参保',
    }),
  },
  {
    type: 'ZZ131',
    years: 10,
    isHeldBy: one(25, 5),
    fields: ({ person, term }) => ({
      姓名: person.name,
      残疾人证号: `${person.number}43`,
      残疾类别: '肢体',
      残疾等级: '三级',
      有效期: term.printed,
    }),
  },
  {
    type: 'ZZ132',
    years: null,
    isHeldBy: one(20, 8),
    fields: (about) => ({
      ...named(about),
      证号: about.number,
      发证机关: about.office('退役军人事务'),
    }),
  },
  {
    type: 'ZZ135',
    years: null,
    isHeldBy: one(20, 8),
    fields: (about) => ({
      ...named(about),
      入伍时间: later(about.person.birth, 18).slice(0, 7),
      退役时间: later(about.person.birth, 20).slice(0, 7),
      证号: about.number,
    }),
  },
];

const work: readonly PersonalPaper[] = [
  {
    type: 'ZZ020',
    years: null,
    isHeldBy: one(7, 0),
    fields: (about) => ({
      ...named(about),
      证书编号: about.number,
      就业失业状态: '灵活就业',
      发证机构: about.office('人社'),
    }),
  },
  {
    type: 'ZZ022',
    years: null,
    isHeldBy: one(11, 2),
    fields: ({ person, number }) => ({
      姓名: person.name,
      证件号码: person.number,
      职业名称: '养老护理员',
      技能等级: '三级/高级工',
      证书编号: number,
      评价机构: '示例技能评价中心',
    }),
  },
  {
    type: 'ZZ023',
    years: null,
    isHeldBy: one(13, 3),
    fields: (about) => ({
      ...named(about),
      专业: '建筑工程',
      资格名称: '工程师',
      批准时间: about.term.from,
      证书编号: about.number,
    }),
  },
  {
    type: 'ZZ057',
    years: 5,
    isHeldBy: one(40, 7),
    fields: ({ person, term, number, employer }) => ({
      姓名: person.name,
      身份证号: person.number,
      执业类别: '药学',
      执业单位: employer.name,
      注册证编号: number,
      有效期至: term.until ?? '',
    }),
  },
  {
    type: 'ZZ064',
    years: null,
    isHeldBy: one(40, 11),
    fields: ({ person, term, number }) => ({
      姓名: person.name,
      身份证号: person.number,
      类别: '临床',
      证书编码: number,
      签发日期: term.from,
    }),
  },
  {
    type: 'ZZ065',
    years: null,
    isHeldBy: one(40, 11),
    fields: ({ person, number, employer }) => ({
      姓名: person.name,
      执业类别: '临床',
      执业范围: '内科专业',
      主要执业机构: employer.name,
      证书编码: number,
    }),
  },
  {
    type: 'ZZ066',
    years: 5,
    isHeldBy: one(40, 12),
    fields: ({ person, term, number, employer }) => ({
      姓名: person.name,
      执业地点: employer.name,
      证书编号: number,
      有效期至: term.until ?? '',
    }),
  },
  {
    type: 'ZZ067',
    years: 1,
    isHeldBy: one(8, 6),
    fields: (about) => ({
      ...named(about),
      从业类别: '食品经营',
      体检机构: '示例体检中心',
      体检日期: about.term.from,
      编号: about.number,
    }),
  },
  {
    type: 'ZZ073',
    years: 6,
    isHeldBy: one(24, 9),
    fields: ({ person, term }) => ({
      姓名: person.name,
      证件号: person.number,
      从业资格类别: '道路货物运输',
      初次领证日期: term.from,
      有效期限: term.printed,
    }),
  },
  {
    type: 'ZZ113',
    years: 3,
    isHeldBy: one(40, 21),
    fields: ({ person, term, number }) => ({
      姓名: person.name,
      证号: number,
      行业类别: '危险化学品',
      人员类型: '安全生产管理人员',
      有效期: term.printed,
    }),
  },
  {
    type: 'ZZ115',
    years: null,
    isHeldBy: one(40, 22),
    fields: (about) => ({
      ...named(about),
      职业方向: '消防设施监控操作',
      等级: '四级/中级工',
      证书编号: about.number,
    }),
  },
];

const learning: readonly PersonalPaper[] = [
  {
    type: 'ZZ077',
    years: null,
    isHeldBy: one(24, 14),
    fields: (about) => ({
      ...named(about),
      资格种类: '小学教师资格',
      任教学科: '语文',
      证书号码: about.number,
      认定机构: about.office('教育'),
    }),
  },
  {
    type: 'ZZ078',
    years: null,
    isHeldBy: one(4, 0),
    fields: ({ person, number }) => ({
      姓名: person.name,
      学校名称: '示例大学',
      专业: '公共事业管理',
      层次: '本科',
      学制: '四年',
      证书编号: number,
      毕业日期: later(person.birth, 22).slice(0, 7),
    }),
  },
  {
    type: 'ZZ079',
    years: null,
    isHeldBy: one(8, 0),
    fields: ({ person, number }) => ({
      姓名: person.name,
      学校名称: '示例大学',
      学科门类: '管理学',
      学位: '学士',
      证书编号: number,
      授予日期: later(person.birth, 22).slice(0, 7),
    }),
  },
  {
    type: 'ZZ088',
    years: null,
    isHeldBy: one(20, 3),
    fields: ({ person, term, number }) => ({
      申请人: person.name,
      公证事项: '声明书公证',
      公证处: '示例公证处',
      公证书编号: number,
      出具日期: term.from,
    }),
  },
  {
    type: 'ZZ025',
    years: null,
    isHeldBy: one(5, 2),
    fields: ({ person, number }) => ({
      权利人: person.name,
      共有情况: '单独所有',
      坐落: person.address,
      不动产单元号: `990001${String(person.n).padStart(6, '0')}GB00001F00010001`,
      权利类型: '国有建设用地使用权/房屋所有权',
      权利性质: '出让/市场化商品房',
      用途: '城镇住宅用地/住宅',
      面积: '房屋建筑面积 89.50 平方米',
      使用期限: '国有建设用地使用权 2010.01.01-2080.01.01',
      不动产权证号: number,
    }),
  },
];

const papers = [...identity, ...support, ...work, ...learning];

/** What each person holds alone. */
export function personalPapers(
  everybody: readonly Person[],
  employers: readonly [Company, ...Company[]],
  writer: Writer,
  office: About['office'],
): readonly Paper[] {
  return everybody.flatMap((person) =>
    papers
      .filter(({ isHeldBy }) => isHeldBy(person.n))
      .map(({ type, years, fields }) => {
        const term = writer.term(type, person.n, years);
        const employer = employers[person.n % employers.length] ?? employers[0];
        const number = paperNumber(type, person.n);
        const said = fields({ person, term, number, employer, office });
        return writer.of(type, person.n, [held(person)], term, said);
      }),
  );
}
