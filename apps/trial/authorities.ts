/** An office that issues certificates in a trial, by the catalogue's own name of its department. */
export interface Authority {
  readonly department: string;
  readonly name: string;
  readonly types: readonly string[];
}

export const authorities: readonly Authority[] = [
  {
    department: '公安',
    name: '示例市公安局',
    types: ['ZZ001', 'ZZ002', 'ZZ003', 'ZZ004', 'ZZ005'],
  },
  { department: '移民管理', name: '示例市出入境管理局', types: ['ZZ007'] },
  { department: '民政', name: '示例市民政局', types: ['ZZ013', 'ZZ014', 'ZZ018'] },
  { department: '人社', name: '示例市人社局', types: ['ZZ019', 'ZZ020', 'ZZ022', 'ZZ023'] },
  { department: '自然资源', name: '示例市自然资源局', types: ['ZZ025', 'ZZ028'] },
  { department: '住建', name: '示例市住建局', types: ['ZZ031', 'ZZ032', 'ZZ035'] },
  { department: '市场监管', name: '示例市市场监管局', types: ['ZZ046', 'ZZ047'] },
  { department: '药监', name: '示例市药监局', types: ['ZZ052', 'ZZ057'] },
  {
    department: '卫健',
    name: '示例市卫健委',
    types: ['ZZ062', 'ZZ064', 'ZZ065', 'ZZ066', 'ZZ067'],
  },
  { department: '医保', name: '示例市医保局', types: ['ZZ070'] },
  { department: '交通运输', name: '示例市交通运输局', types: ['ZZ071', 'ZZ073'] },
  { department: '教育', name: '示例市教育局', types: ['ZZ077', 'ZZ078', 'ZZ079'] },
  { department: '司法行政', name: '示例市司法局', types: ['ZZ088'] },
  { department: '应急管理', name: '示例市应急管理局', types: ['ZZ113'] },
  { department: '消防', name: '示例市消防救援局', types: ['ZZ115'] },
  { department: '残联', name: '示例市残联', types: ['ZZ131'] },
  { department: '退役军人事务', name: '示例市退役军人事务局', types: ['ZZ132', 'ZZ135'] },
  { department: '机构编制', name: '示例市机构编制办公室', types: ['ZZ152'] },
];

export const officeOf = (department: string): string => {
  const found = authorities.find((authority) => authority.department === department);
  if (found === undefined) throw new RangeError(`no authority of ${department}`);
  return found.name;
};
