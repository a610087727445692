/**
 * The last day of validity when nothing else is said: the day of the first plus the type's ISO 8601
 * duration (`P20Y`, `P3M`, `P10D`, and their sums), at the end of the month where the month is
 * shorter. Null where the type has none, or one of another shape, which the catalogue refuses on
 * import.
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
