import { codePointName } from '#libs/kernel';

/** Two names of departments that look alike, each with the code points that tell them apart. */
export const lookalikeLine = ([one = '', other = '']: readonly string[]): string =>
  `  departments that look alike, 部门名称相似，请核对: ${one} (${codePoints(one)}) / ${other} (${codePoints(other)})`;

const codePoints = (name: string): string => Array.from(name, codePointName).join(' ');
