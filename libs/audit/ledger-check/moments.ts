/** The latest time that a record has named so far: RFC 3339 with milliseconds, in UTC, so that texts compare as times do. */
export type Moment = string;

/** Seconds since the year 2000, so that they fit into 32 bits; 0 for what is no time. */
export const seconds = (time: string): number =>
  Math.floor((Date.parse(time) - Date.UTC(2000)) / 1000) || 0;

/** Seconds from the beginning of a request, the time that its records name, until they stand in the ledger; and by how much clocks differ. */
const underWay = 60;
/** Seconds after which nothing is under way any more, whatever time it names. */
const longOver = 24 * 3600;

/**
 * Whether a record may honestly have been decided on before a change that stands before it in the ledger: processes decide beside one
 * another. Times are the ledger's own word, so they excuse a record only while the ledger as a whole is not much further.
 * @param time that the record names; @param changedAt seconds; @param now the latest time that the ledger has come to
 */
export const mayHaveCrossed = (time: string, changedAt: number, now: Moment): boolean =>
  seconds(time) <= changedAt + underWay && seconds(now) <= changedAt + longOver;
