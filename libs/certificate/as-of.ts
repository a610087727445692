import { isDay } from '#libs/kernel';

/**
 * Of when an authority says that what it attests holds: a day of Asia/Shanghai (`2026-11-22`), or
 * its time on that day (`2026-11-22T18:30:00`). A day alone is its beginning, so that text order is
 * their order.
 */
export const isAsOf = (value: unknown): value is string =>
  typeof value === 'string' &&
  isDay(value.slice(0, 10)) &&
  (value.length === 10 || /^T([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(value.slice(10)));

/**
 * Whether it is a future day: such a version would refuse every version of today.
 * @param today the day in Asia/Shanghai
 */
export const isOfLaterDay = (asOf: string, today: string): boolean => asOf.slice(0, 10) > today;

/** The later of two, of which either may be missing. */
export const laterOf = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b > a) ? b : a;
