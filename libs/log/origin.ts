/**
 * Whether a log is that of a trial. The origin is in every record, checkpoint and receipt and never
 * changes, so that records of a trial cannot be passed off as real ones.
 */
export const isTrialOrigin = (origin: string): boolean => origin.startsWith('trial.');

/**
 * The AAGUID of the sample passkey that a page keeps in a trial, where a browser has no
 * authenticator: no city but a trial on its own machine takes a passkey of this kind.
 */
export const sampleAaguid = '6d69616e-7a68-656e-6720-73616d706c65';
