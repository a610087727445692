/**
 * Whether a log is that of a trial. The origin is in every record, checkpoint and receipt and never
 * changes, so that records of a trial cannot be passed off as real ones.
 */
export const isTrialOrigin = (origin: string): boolean => origin.startsWith('trial.');
