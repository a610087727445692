/** Days of Asia/Shanghai as `YYYY-MM-DD`: text order is their order. */
const dayShape = /^\d{4}-\d{2}-\d{2}$/;

/** A day that the calendar has. */
export function isDay(text: unknown): text is string {
  if (typeof text !== 'string' || !dayShape.test(text)) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 10) === text;
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
