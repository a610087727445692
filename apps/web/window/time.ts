const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Shanghai',
  hour: '2-digit',
  minute: '2-digit',
});

/** `14:03`, in the offices' time zone. */
export const clockTime = (instant: string | number): string => clock.format(new Date(instant));

const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' });

/** `14:03`; of another day in the offices' time zone, that day: `11-30`. */
export function clockTimeOrDay(instant: string, now: number): string {
  const on = day.format(new Date(instant));
  return on === day.format(now) ? clockTime(instant) : on.slice(5);
}

/** Seconds that a holder has to answer, and a terminal to use the answer. */
export const patience = 600;

/**
 * Whole seconds until then, between zero and all that there can be: the page's clock may be behind
 * the ledger's.
 */
export const secondsUntil = (instant: string, now: number): number =>
  Math.min(patience, Math.max(0, Math.ceil((Date.parse(instant) - now) / 1000)));

/** `8:41`. */
export const countdown = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
