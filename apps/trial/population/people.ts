import { type Choices, creditCode, later, residentNumber } from './numbers.js';

/** A made-up person; the name says so. */
export interface Person {
  readonly n: number;
  readonly name: string;
  readonly number: string;
  readonly sex: '男' | '女';
  readonly birth: string;
  readonly address: string;
}

/** A made-up company, or where `isPublic` a public institution. */
export interface Company {
  readonly n: number;
  readonly name: string;
  readonly code: string;
  readonly isPublic: boolean;
  readonly address: string;
  readonly representative: Person;
}

const stems = '甲乙丙丁戊己庚辛壬癸';
const branches = '子丑寅卯辰巳午未申酉戌亥';
const rounds = ['', '二', '三', '四', '五', '六', '七', '八', '九'];

/** 示例甲子, 示例乙丑, …: no family is called 示例, "example". */
const cyclic = (n: number): string =>
  `${stems.charAt(n % 10)}${branches.charAt(n % 12)}${rounds[Math.floor(n / 60)] ?? ''}`;

/** Names that forms elsewhere cut or refuse: of another script's length, and of rare characters. */
const unusual: ReadonlyMap<number, string> = new Map([
  [16, '示例江·示例买买提'],
  [17, '示例𠮷𪨊'],
  [18, '示例阿卜杜热合曼·示例阿卜杜克热木·示例吐尔逊尼亚孜江'],
]);

/** Born when the matter that is tried with them makes sense. */
const births: ReadonlyMap<number, string> = new Map([
  [0, '1990-05-17'],
  [2, '1993-08-08'],
  [3, '1994-02-14'],
  [5, '1978-11-30'],
]);

export function people(count: number, choices: Choices): readonly Person[] {
  return Array.from({ length: count }, (_, n) => {
    const isMan = n % 2 === 0;
    const birth =
      births.get(n) ??
      later('1950-01-01', choices.below(54, 'year', n), choices.below(365, 'day', n));
    return {
      n,
      name: unusual.get(n) ?? `示例${cyclic(n)}`,
      // Below 500 people no two have one number, whenever they were born.
      number: residentNumber(birth, (2 * n + (isMan ? 1 : 0)) % 1000),
      sex: isMan ? '男' : '女',
      birth,
      address: `虚构市示例区示例街道${n + 1}号`,
    };
  });
}

export function companies(
  count: number,
  everybody: readonly Person[],
  choices: Choices,
): readonly Company[] {
  return Array.from({ length: count }, (_, n) => {
    const representative = everybody[(7 * n + 6) % everybody.length];
    if (representative === undefined) throw new RangeError('a company needs somebody');
    const isPublic = n % 4 === 3;
    return {
      n,
      name: isPublic ? `示例${cyclic(n)}事务中心` : `示例${cyclic(n)}有限公司`,
      code: creditCode(isPublic ? '12' : '91', n, choices),
      isPublic,
      address: `虚构市示例区示例工业路${n + 1}号`,
      representative,
    };
  });
}
