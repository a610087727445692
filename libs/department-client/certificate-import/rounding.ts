import type { TypeDefinition } from '#libs/catalogue';
import { LineRefused, type RawCertificate, type Row } from './rows.js';

/** How a spreadsheet shows a long number that it took for an amount: `1.1E+17`. */
const notation = /^\d(\.\d+)?E\+?\d+$/i;

/** @throws LineRefused where a number of a paper or person is written so: its digits are lost */
export function refuseNotation(read: RawCertificate, type: TypeDefinition): void {
  const lost = (column: string) =>
    new LineRefused('number_rounded', 'a spreadsheet rounded a number', { column });
  if (read.holders.some(({ number }) => notation.test(number))) throw lost('holder_number');
  for (const column of ['identifier', 'serial'] as const)
    if (notation.test(read[column] ?? '')) throw lost(column);
  for (const { key, kind } of type.fields) {
    const value = read.fields[key];
    if (kind === 'code' && typeof value === 'string' && notation.test(value)) throw lost(key);
  }
}

/** A spreadsheet keeps 15 digits of a number and makes the others zeros. */
const rounded = /^\d{15}0{3,4}$/;
const long = /^\d{17,18}[\dX]$/i;

/**
 * Counts numbers of persons that end as rounded ones do. One in a thousand does so honestly, and
 * one in eleven rounded ones has a check character that fits: so it is the file that is judged.
 */
export class Rounding {
  #numbers = 0;
  readonly #rounded: number[] = [];

  see({ line, read }: Row): void {
    if (read instanceof LineRefused) return;
    const numbers = read.holders.map(({ number }) => number).filter((number) => long.test(number));
    this.#numbers += numbers.length;
    if (numbers.some((number) => rounded.test(number))) this.#rounded.push(line);
  }

  /** Lines whose numbers were rounded; none while there are only as many as chance explains. */
  lines(): readonly number[] {
    return this.#rounded.length >= 3 && this.#rounded.length * 20 > this.#numbers
      ? this.#rounded
      : [];
  }
}
