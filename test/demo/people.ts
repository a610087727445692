import { randomInt } from 'node:crypto';
import { residentIdCheck } from '#libs/kernel';

/**
 * An invented person. The area code 990000 is assigned to no place, so that no number here belongs
 * to a real one.
 */
export interface Person {
  readonly name: string;
  readonly number: string;
  readonly address: string;
  readonly card: string;
}

const ordinals = '甲乙丙丁戊己庚辛壬癸';

export function inventPeople(count: number): Person[] {
  const numbers = new Set<string>();
  while (numbers.size < count) numbers.add(inventNumber());
  return Array.from(numbers, (number, n) => ({
    name: `测试${ordinals.charAt(n % 10)}${n}`,
    number,
    address: `虚构市示例街道${n + 1}号`,
    card: `DEMO${randomInt(10 ** 8, 10 ** 9)}`,
  }));
}

function inventNumber(): string {
  const year = randomInt(1950, 2006);
  const month = String(randomInt(1, 13)).padStart(2, '0');
  const day = String(randomInt(1, 29)).padStart(2, '0');
  const first17 = `990000${year}${month}${day}${String(randomInt(0, 1000)).padStart(3, '0')}`;
  return first17 + (residentIdCheck(first17) ?? '');
}
