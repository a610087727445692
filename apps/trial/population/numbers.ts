import { hash } from 'node:crypto';
import { creditCodeCheck, residentIdCheck } from '#libs/kernel';

/** No area code begins with 99, so that no number here belongs to a real person. */
const nowhere = '990001';

/** Choices that follow from a seed: the same population comes again after a restart. */
export class Choices {
  constructor(private readonly seed: string) {}

  /** A whole number from 0, below `count`. */
  below(count: number, ...what: readonly (string | number)[]): number {
    return hash('sha256', [this.seed, ...what].join('/'), 'buffer').readUInt32BE() % count;
  }

  of<T>(list: readonly [T, ...T[]], ...what: readonly (string | number)[]): T {
    return list[this.below(list.length, ...what)] ?? list[0];
  }
}

const digits = (value: number, length: number): string => String(value).padStart(length, '0');

/** @param birth `YYYY-MM-DD`; @param order below 1,000, odd for men */
export function residentNumber(birth: string, order: number): string {
  const first17 = `${nowhere}${birth.replaceAll('-', '')}${digits(order, 3)}`;
  return first17 + (residentIdCheck(first17) ?? '');
}

/** @param kind `11` of an office, `91` of a company; @param order below 100 */
export function creditCode(kind: '11' | '12' | '91', order: number, choices: Choices): string {
  const run = digits(choices.below(1_000_000, 'credit-code', kind), 6);
  const first17 = `${kind}${nowhere}T${run}${digits(order, 2)}`;
  return first17 + (creditCodeCheck(first17) ?? '');
}

/** A paper's own number; SL is for 示例, "example". */
export const paperNumber = (type: string, n: number): string =>
  `SL${type.slice(2)}${digits(n + 1, 6)}`;

/** The day so many years and days later. */
export function later(day: string, years: number, days = 0): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCFullYear(at.getUTCFullYear() + years);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}
