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
