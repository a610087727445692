/**
 * The latest time named by a record so far: RFC 3339 with milliseconds, in UTC, so that text order
 * is time order.
 */
export type Moment = string;

/** Seconds since the year 2000, which fit into 32 bits; 0 where the text is no time. */
export const seconds = (time: string): number =>
  Math.floor((Date.parse(time) - Date.UTC(2000)) / 1000) || 0;

/**
 * Seconds from the start of a request, whose time its records name, to their append; and the
 * tolerance between clocks.
 */
const underWay = 60;
/** Seconds after which no request can still be under way, whatever time it names. */
export const longOver = 24 * 3600;

/**
 * Whether a record may honestly have been decided before a change that precedes it in the ledger,
 * because processes decide concurrently. Times are the ledger's own claim, so they excuse a record
 * only while the ledger as a whole is not much further.
 * @param time that the record names; @param changedAt seconds; @param now the latest time in the
 *   ledger so far
 */
export const mayHaveCrossed = (time: string, changedAt: number, now: Moment): boolean =>
  seconds(time) <= changedAt + underWay && seconds(now) <= changedAt + longOver;
