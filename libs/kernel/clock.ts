/**
 * UTC, ISO 8601, always with milliseconds, so that text order is time order. Time comes in with the
 * command: deciders never read a clock.
 */
export type Instant = string;

export abstract class Clock {
  abstract now(): Instant;
}

export class SystemClock extends Clock {
  now(): Instant {
    return new Date().toISOString();
  }
}

export const plusSeconds = (instant: Instant, seconds: number): Instant =>
  new Date(Date.parse(instant) + seconds * 1000).toISOString();

export const secondsBetween = (from: Instant, to: Instant): number =>
  (Date.parse(to) - Date.parse(from)) / 1000;

/** Whole seconds since 1970, as JWT claims count (RFC 7519, section 2, NumericDate). */
export const epochSeconds = (instant: Instant): number => Math.floor(Date.parse(instant) / 1000);

/** The time in Asia/Shanghai to the second, as `YYYY-MM-DDTHH:mm:ss`. */
export const shanghaiTime = (instant: Instant): string =>
  new Date(Date.parse(instant) + 8 * 3600_000).toISOString().slice(0, 19);

/**
 * The calendar day in Asia/Shanghai (UTC+8, no daylight saving since 1991), as `YYYY-MM-DD`:
 * validity days and daily limits count by it.
 */
export const shanghaiDay = (instant: Instant): string =>
  new Date(Date.parse(instant) + 8 * 3600_000).toISOString().slice(0, 10);
