/** Days of Asia/Shanghai as `YYYY-MM-DD`: text order is their order. */
const dayShape = /^\d{4}-\d{2}-\d{2}$/;

/** A day that the calendar has. */
export function isDay(text: unknown): text is string {
  if (typeof text !== 'string' || !dayShape.test(text)) return false;
  const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8)].map(Number) as [
    number,
    number,
    number,
  ];
  return month >= 1 && month <= 12 && day >= 1 && day <= lengthOf(year, month);
}

/** Days of a month of the Gregorian calendar. */
function lengthOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

/**
 * The last day of validity when nothing else is said: the day of the first plus the type's ISO 8601 duration (`P20Y`, `P3M`, `P10D`, and
 * their sums), as the field prints it on certificates; the end of the month where the month is shorter. Null where the type has none.
 * A duration of another shape gives null as well: the catalogue refuses those on import.
 */
export function defaultValidUntil(validFrom: string, validity: string | null): string | null {
  const found = /^P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})D)?$/.exec(validity ?? '');
  if (!found || validity === 'P') return null;
  const [years = 0, months = 0, days = 0] = found.slice(1).map((part) => Number(part || 0));
  const start = new Date(`${validFrom}T00:00:00Z`);
  const month = start.getUTCFullYear() * 12 + start.getUTCMonth() + years * 12 + months;
  const lastOfMonth = new Date(Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate();
  const end = new Date(
    Date.UTC(Math.floor(month / 12), month % 12, Math.min(start.getUTCDate(), lastOfMonth) + days),
  );
  return end.toISOString().slice(0, 10);
}
