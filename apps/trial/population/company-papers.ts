import type { JsonValue } from '#libs/kernel';
import { paperNumber } from './numbers.js';
import { heldBy, type Paper, type Term, type Writer } from './paper.js';
import type { Company } from './people.js';

interface CompanyPaper {
  readonly type: string;
  readonly years: number | null;
  readonly isHeldBy: (company: Company) => boolean;
  readonly fields: (about: About) => Readonly<Record<string, JsonValue>>;
}

interface About {
  readonly company: Company;
  readonly term: Term;
  readonly number: string;
  readonly office: (department: string) => string;
}

const one =
  (place: number) =>
  ({ n }: Company): boolean =>
    n % 4 === place;
const project = ({ n }: Company): string => `示例项目${n + 1}号`;

const papers: readonly CompanyPaper[] = [
  {
    type: 'ZZ046',
    years: null,
    isHeldBy: ({ isPublic }) => !isPublic,
    fields: ({ company, term, office }) => ({
      统一社会信用代码: company.code,
      名称: company.name,
      类型: '有限责任公司',
      法定代表人: company.representative.name,
      注册资本: '壹佰万元整',
      成立日期: term.from,
      住所: company.address,
      经营范围: '示例商品的销售；示例技术服务。',
      登记机关: office('市场监管'),
    }),
  },
  {
    type: 'ZZ152',
    years: 5,
    isHeldBy: ({ isPublic }) => isPublic,
    fields: ({ company, term }) => ({
      名称: company.name,
      统一社会信用代码: company.code,
      宗旨和业务范围: '提供示例公共服务。',
      法定代表人: company.representative.name,
      举办单位: '示例区人民政府',
      有效期: term.printed,
    }),
  },
  {
    type: 'ZZ047',
    years: 5,
    isHeldBy: one(0),
    fields: ({ company, term, number }) => ({
      经营者名称: company.name,
      统一社会信用代码: company.code,
      经营场所: company.address,
      主体业态: '餐饮服务经营者',
      经营项目: '热食类食品制售',
      许可证编号: number,
      有效期至: term.until ?? '',
    }),
  },
  {
    type: 'ZZ052',
    years: 5,
    isHeldBy: one(1),
    fields: ({ company, term, number }) => ({
      企业名称: company.name,
      统一社会信用代码: company.code,
      经营方式: '零售',
      经营范围: '处方药、非处方药',
      质量负责人: company.representative.name,
      许可证编号: number,
      有效期至: term.until ?? '',
    }),
  },
  {
    type: 'ZZ071',
    years: 4,
    isHeldBy: one(1),
    fields: ({ company, term, number }) => ({
      业户名称: company.name,
      地址: company.address,
      经营范围: '道路普通货物运输',
      许可证号: number,
      有效期: term.printed,
    }),
  },
  {
    type: 'ZZ025',
    years: null,
    isHeldBy: one(0),
    fields: ({ company, number }) => ({
      权利人: company.name,
      共有情况: '单独所有',
      坐落: company.address,
      不动产单元号: `990001${String(900_000 + company.n)}GB00001F00010001`,
      权利类型: '国有建设用地使用权/房屋所有权',
      权利性质: '出让',
      用途: '商业服务业用地/商业',
      面积: '房屋建筑面积 1200 平方米',
      使用期限: '国有建设用地使用权 2010.01.01-2050.01.01',
      不动产权证号: number,
    }),
  },
  {
    type: 'ZZ028',
    years: 1,
    isHeldBy: one(2),
    fields: ({ company, number }) => ({
      建设单位: company.name,
      项目名称: project(company),
      建设位置: company.address,
      建设规模: '地上 3 层，建筑面积 3600 平方米',
      证书编号: number,
    }),
  },
  {
    type: 'ZZ031',
    years: null,
    isHeldBy: one(2),
    fields: ({ company, number }) => ({
      建设单位: company.name,
      工程名称: project(company),
      建设地址: company.address,
      建设规模: '地上 3 层，建筑面积 3600 平方米',
      合同价格: '1200 万元',
      勘察单位: '示例勘察院',
      设计单位: '示例设计院',
      施工单位: '示例建设有限公司',
      监理单位: '示例监理有限公司',
      证书编号: number,
    }),
  },
  {
    type: 'ZZ032',
    years: 5,
    isHeldBy: one(2),
    fields: ({ company, term, number }) => ({
      企业名称: company.name,
      统一社会信用代码: company.code,
      资质类别及等级: '建筑工程施工总承包二级',
      证书编号: number,
      有效期: term.printed,
    }),
  },
  {
    type: 'ZZ035',
    years: 3,
    isHeldBy: one(2),
    fields: ({ company, term, number }) => ({
      企业名称: company.name,
      统一社会信用代码: company.code,
      许可范围: '建筑施工',
      主要负责人: company.representative.name,
      证书编号: number,
      有效期: term.printed,
    }),
  },
];

/** Companies' own numbers follow those of people. */
const firstNumber = 900_000;

export function companyPapers(
  companies: readonly Company[],
  writer: Writer,
  office: About['office'],
): readonly Paper[] {
  return companies.flatMap((company) =>
    papers
      .filter(({ isHeldBy }) => isHeldBy(company))
      .map(({ type, years, fields }) => {
        const term = writer.term(type, company.n, years);
        const number = paperNumber(type, firstNumber + company.n);
        const said = fields({ company, term, number, office });
        return writer.of(type, company.n, [heldBy(company)], term, said);
      }),
  );
}
