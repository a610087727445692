import { periodOf, type TypeDefinition } from '#libs/catalogue';
import type { JsonObject } from '#libs/kernel';
import { expectedForms, fieldWrong } from './field-faults.js';

/**
 * From when until when a certificate is valid, as its claims say: days, null where it does not
 * expire.
 */
export interface Validity {
  readonly validFrom: string;
  readonly validUntil: string | null;
}

/**
 * Refuses a printed period that ends before it begins; and one that is the paper's own, by the
 * field's name, and has no day in common with the validity that is signed. A text in which no day
 * is printed, or more than two, is left as it stands.
 * @throws CertificateMalformed `field_wrong`, rules `period` and `validity`
 */
export function checkPeriods(type: TypeDefinition, fields: JsonObject, validity: Validity): void {
  for (const { key, kind } of type.fields) {
    const period = kind === 'text' || kind === 'lines' ? periodOf(key) : null;
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (period === null || typeof value !== 'string') continue;
    const { begin, end } = endsOf(value);
    const wrong = (rule: 'period' | 'validity', expected: (typeof expectedForms)['period']) =>
      fieldWrong({ type, field: key, rule, value, expected });
    if (begin !== null && end !== null && isBefore(end, begin))
      throw wrong('period', expectedForms.period);
    if (period !== 'of-paper') continue;
    const { validFrom, validUntil } = validity;
    if (
      (end !== null && isBefore(end, validFrom)) ||
      (begin !== null && validUntil !== null && isBefore(validUntil, begin))
    )
      throw wrong('validity', expectedForms.periodOfPaper);
  }
}

interface Ends {
  readonly begin: string | null;
  readonly end: string | null;
}

/** A day, a month or a year as papers print it: 2020.01.31, 2020年1月31日, 2020-1, 2020, 20200131. */
const printed =
  /(?<!\d)(?:(\d{4})(?:\s*[-./年]\s*(\d{1,2})(?!\d)(?:\s*[-./月]\s*(\d{1,2})(?!\d))?)?(?!\d)|(\d{4})(\d{2})(\d{2})(?!\d))/g;

/**
 * `2020`, `2020-01` or `2020-01-31`: as much as is printed. One day alone is an end, unless the
 * text says that the period continues.
 */
function endsOf(text: string): Ends {
  const points = [...text.matchAll(printed)].map((found) =>
    found
      .slice(1)
      .filter(Boolean)
      .map((part) => part.padStart(2, '0'))
      .join('-'),
  );
  const [first = null, second = null] = points;
  if (points.length === 2) return { begin: first, end: second };
  if (points.length !== 1) return { begin: null, end: null };
  return /长期|永久|起|自/.test(text) ? { begin: first, end: null } : { begin: null, end: first };
}

/** By what both say: a month is not before a day of it. */
function isBefore(one: string, other: string): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length) < other.slice(0, length);
}
