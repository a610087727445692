/**
 * The part of a request's caller that a log line may have: a client's id, or the kind of another
 * caller.
 */
export interface CalledBy {
  readonly caller?: { readonly is: string; readonly client?: string };
}

/** A phone's key is one person's, so that the log says only that it was a phone. */
export const callerInLog = ({ caller }: CalledBy): string | undefined =>
  caller?.client ?? caller?.is;
