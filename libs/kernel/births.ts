import { isDay } from './days.js';

/** No person to whom a number could have been given since 1984 was born earlier. */
const firstBirthYear = '1800';

/**
 * Whether a person can have been born then: a calendar day, or as papers print less a month or a
 * year (`1977-08`, `1977`, `1977-08-00`, `1977-00-00`), from 1800 on and not in the future.
 * @param today `YYYY-MM-DD`; left out where it is not known
 */
export function isPossibleBirth(written: string, today?: string): boolean {
  const known = written.replace(/-00(-00)?$/, '');
  if (!/^\d{4}(-\d\d){0,2}$/.test(known)) return false;
  if (known.length === 10 && !isDay(known)) return false;
  if (known.length === 7 && !isDay(`${known}-01`)) return false;
  return known >= firstBirthYear && (today === undefined || known <= today.slice(0, known.length));
}
