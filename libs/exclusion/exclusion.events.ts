import type { NamedEvent, Schemas } from '#libs/event-store';
import type { ActingKey } from '#libs/identity';
import type { Instant } from '#libs/kernel';

interface Fact<Type extends string, Data> {
  readonly type: Type;
  readonly data: Data;
}

/** How a foreign event came to stand under the ledger's names, as far as it is known. */
export const foreignReasons = [
  'operators-mistake',
  'another-program',
  'intrusion',
  'unknown',
] as const;
export type ForeignReason = (typeof foreignReasons)[number];

/**
 * How far the log was sealed: its leaves, and the position of the last of them in the event store,
 * in decimal.
 */
export interface SealedThen {
  readonly size: number;
  readonly position: string;
}

/**
 * An administrator (`by`) requests that foreign events be left out of the ledger. From `expires` on
 * the request has no effect.
 */
export type ExclusionRequested = Fact<
  'ExclusionRequested',
  {
    readonly exclusion: string;
    readonly by: string;
    /** The requester's key: the approval is decided by its registrars at that time. */
    readonly requestedWith: ActingKey;
    /** The stream whose name the events bear, as `recordedName` gives it. */
    readonly stream: string;
    readonly events: readonly NamedEvent[];
    readonly reason: ForeignReason;
    readonly sealed: SealedThen;
    readonly expires: Instant;
  }
>;
/** The requester withdrew it, before an approval. */
export type ExclusionWithdrawn = Fact<
  'ExclusionWithdrawn',
  { readonly exclusion: string; readonly by: string }
>;
/**
 * Another administrator (`by`) approved: the events are left out from here on. It holds all that a
 * reader needs, because an event store adapter reads no other event (`namedEventsIn` of
 * event-store).
 */
export type ForeignEventsExcluded = Fact<
  'ForeignEventsExcluded',
  {
    readonly exclusion: string;
    readonly requestedBy: string;
    readonly by: string;
    readonly approvedWith: ActingKey;
    readonly stream: string;
    readonly events: readonly NamedEvent[];
    readonly reason: ForeignReason;
    readonly sealed: SealedThen;
  }
>;
export type ExclusionEvent = ExclusionRequested | ExclusionWithdrawn | ForeignEventsExcluded;

/** The schemas that these events have had. */
export const exclusionSchemas: Schemas<ExclusionEvent['type']> = {
  ExclusionRequested: [],
  ExclusionWithdrawn: [],
  ForeignEventsExcluded: [],
};
