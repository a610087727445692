import { paperNumber } from './numbers.js';
import { held, type Paper, type Writer } from './paper.js';
import type { Person } from './people.js';

/** What couples hold together: one certificate with two holders. */
export function couplesPapers(
  everybody: readonly Person[],
  writer: Writer,
  office: (department: string) => string,
): readonly Paper[] {
  const couples = everybody.flatMap((person, n) => {
    const other = everybody[n + 1];
    return n % 2 === 0 && other !== undefined ? [[person, other] as const] : [];
  });
  return couples.flatMap(([man, woman], k) => {
    const both = [held(man, 'spouse-a'), held(woman, 'spouse-b')];
    const term = (type: string) => writer.term(type, man.n, null);
    const paper = (type: string, holders: Paper['holders'], fields: Paper['fields']) =>
      writer.of(type, man.n, holders, term(type), fields);
    const names = {
      男方姓名: man.name,
      男方公民身份号码: man.number,
      女方姓名: woman.name,
      女方公民身份号码: woman.number,
    };
    const found: Paper[] = [];
    if (k % 3 === 1 || k % 6 === 5)
      found.push(
        paper('ZZ013', both, {
          持证人: `${man.name}、${woman.name}`,
          登记日期: term('ZZ013').from,
          结婚证字号: paperNumber('ZZ013', k),
          ...names,
          登记机关: office('民政'),
        }),
      );
    if (k % 12 === 6)
      found.push(
        paper('ZZ014', both, {
          持证人: `${man.name}、${woman.name}`,
          登记日期: term('ZZ014').from,
          离婚证字号: paperNumber('ZZ014', k),
          双方姓名: `${man.name}、${woman.name}`,
          双方公民身份号码: `${man.number}、${woman.number}`,
          登记机关: office('民政'),
        }),
      );
    if (k % 6 === 5)
      found.push(
        paper('ZZ062', [held(woman, 'mother'), held(man, 'father')], {
          新生儿姓名: `${man.name}之子`,
          性别: '男',
          出生时间: `${term('ZZ062').from} 08:30`,
          出生地点: '虚构市示例区',
          母亲姓名: woman.name,
          母亲身份证件号码: woman.number,
          父亲姓名: man.name,
          父亲身份证件号码: man.number,
          签发机构: '示例妇幼保健院',
          编号: paperNumber('ZZ062', k),
        }),
      );
    return found;
  });
}
