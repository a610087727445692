import { type ForeignEvent, keepsLimit, type NamedEvent, nameOfForeign } from '#libs/event-store';
import type { ActingKey, Independence } from '#libs/identity';
import {
  canonicalize,
  type Instant,
  type JsonObject,
  plusSeconds,
  presentFor,
  Unreachable,
} from '#libs/kernel';
import { ExclusionAbsent, ExclusionRefused } from './exclusion.errors.js';
import type { ExclusionEvent, ForeignReason, SealedThen } from './exclusion.events.js';

/** How long a requested exclusion waits for a second administrator: 7 days, in seconds. */
export const EXCLUSION_REQUEST_HOLDS = 7 * 24 * 3600;

export interface Exclusion {
  readonly status: 'requested' | 'withdrawn' | 'excluded';
  readonly id: string;
  /** As `recordedName` gives it. */
  readonly stream: string;
  readonly events: readonly NamedEvent[];
  readonly reason: ForeignReason;
  readonly requestedBy: string;
  readonly requestedWith: ActingKey;
  /** Null before the approval. */
  readonly approvedBy: string | null;
  readonly approvedWith: ActingKey | null;
  /** How far the log was sealed at the request, or at the approval. */
  readonly sealed: SealedThen;
  /** From then on the request has no effect. */
  readonly expires: Instant;
}

/** All exclusions that were requested, by id, in order. */
export type Exclusions = ReadonlyMap<string, Exclusion>;

/** Whether it was not approved in time. */
export const isExpired = ({ status, expires }: Exclusion, now: Instant): boolean =>
  status === 'requested' && expires <= now;

/** Foreign events in the store, and how far the log is sealed. */
interface Found {
  /**
   * Foreign events of the stream after the last sealed record, without those that an exclusion
   * names, in the order of the feed.
   */
  readonly found: readonly ForeignEvent[];
  readonly sealed: SealedThen;
}

/** `by` is the id of the administrator that calls. */
export type ExclusionCommand =
  | (Found & {
      readonly kind: 'request-exclusion';
      readonly exclusion: string;
      readonly by: string;
      readonly with: ActingKey;
      /** As `recordedName` gives it, because another program's name may contain personal data. */
      readonly stream: string;
      readonly reason: ForeignReason;
      /**
       * Exclusions whose requester was disabled, or given a key by another administrator, since the
       * request: they can no longer be approved.
       */
      readonly ended: ReadonlySet<string>;
      readonly now: Instant;
    })
  | (Found &
      Independence & {
        readonly kind: 'approve-exclusion';
        readonly exclusion: string;
        readonly by: string;
        readonly with: ActingKey;
        readonly now: Instant;
      })
  | { readonly kind: 'withdraw-exclusion'; readonly exclusion: string; readonly by: string };

/**
 * The rules by which foreign events are left out: two administrators with separation of duties,
 * exactly the events that were found, none of them a record or sealed, and a stream that the event
 * store keeps whole.
 */
export function decideExclusion(
  command: ExclusionCommand,
  state: Exclusions,
): readonly ExclusionEvent[] {
  switch (command.kind) {
    case 'request-exclusion': {
      const { exclusion, by, with: requestedWith, stream, reason, found, sealed, now } = command;
      mayBeLeftOut(found, sealed);
      const events = found.map(nameOfForeign);
      if (askedBefore(state, stream, events, command) !== null) return [];
      const expires = plusSeconds(now, EXCLUSION_REQUEST_HOLDS);
      return [
        {
          type: 'ExclusionRequested',
          data: { exclusion, by, requestedWith, stream, events, reason, sealed, expires },
        },
      ];
    }
    case 'approve-exclusion': {
      const { by, found, sealed, sharedControl, now } = command;
      const asked = known(command.exclusion, state);
      const { id: exclusion, stream, events, reason, requestedBy } = asked;
      switch (asked.status) {
        case 'excluded':
          return [];
        case 'withdrawn':
          throw new ExclusionRefused(
            'exclusion_withdrawn',
            'the request was withdrawn by its administrator',
            {
              exclusion,
            },
          );
        case 'requested':
          break;
        default:
          throw new Unreachable(asked.status);
      }
      if (requestedBy === by)
        throw new ExclusionRefused(
          'exclusion_needs_second_administrator',
          'the administrator that asked for an exclusion cannot approve it',
          { exclusion },
          { hint: 'Another administrator approves, with a client and a key of their own.' },
        );
      if (sharedControl.length > 0)
        throw new ExclusionRefused(
          'exclusion_administrators_not_independent',
          'the two administrators are not independent: their keys go back to the same registrar',
          { exclusion, hands: sharedControl },
          {
            hint: 'Approve as an administrator whose key the city itself admitted (second-administrator.jwk in KEYS_DIR, docs/operations/keys.md).',
          },
        );
      if (command.requesterChanged)
        throw new ExclusionRefused(
          'exclusion_requester_changed',
          'the client that asked was disabled, or given a key by another, since',
          { exclusion },
          { hint: 'Ask for it again, if the events still stand there.' },
        );
      if (isExpired(asked, now))
        throw new ExclusionRefused(
          'exclusion_expired',
          'the exclusion was not approved in time',
          { exclusion },
          { hint: 'Ask for it again, if the events still stand there.' },
        );
      const there = new Map(found.map((event) => [textOf(nameOfForeign(event)), event]));
      const named = events.map((event) => there.get(textOf(event)));
      if (!named.every((event) => event !== undefined))
        throw new ExclusionRefused(
          'exclusion_changed',
          'what was asked to be left out does not stand there as it did',
          { exclusion },
          { hint: 'Look what stands there now (`mianzheng verify ledger`), and ask again.' },
        );
      // Foreign events that came to the stream since are judged as well.
      mayBeLeftOut([...named, ...found.filter(({ part }) => part === 'metadata')], sealed);
      return [
        {
          type: 'ForeignEventsExcluded',
          data: {
            exclusion,
            requestedBy,
            by,
            approvedWith: command.with,
            stream,
            events,
            reason,
            sealed,
          },
        },
      ];
    }
    case 'withdraw-exclusion': {
      const { id: exclusion, requestedBy, status } = known(command.exclusion, state);
      if (requestedBy !== command.by)
        throw new ExclusionRefused(
          'exclusion_of_another_administrator',
          'only the administrator that asked for an exclusion can withdraw it',
          { exclusion },
          { hint: 'Do not approve it: it expires after 7 days.' },
        );
      // An approved exclusion cannot be undone: records may follow it by now.
      return status === 'requested'
        ? [{ type: 'ExclusionWithdrawn', data: { exclusion, by: command.by } }]
        : [];
    }
    default:
      throw new Unreachable(command);
  }
}

export function evolveExclusion(state: Exclusions, event: ExclusionEvent): Exclusions {
  switch (event.type) {
    case 'ExclusionRequested': {
      const { exclusion: id, by: requestedBy, ...rest } = event.data;
      return withExclusion(state, {
        ...rest,
        status: 'requested',
        id,
        requestedBy,
        approvedBy: null,
        approvedWith: null,
      });
    }
    case 'ExclusionWithdrawn':
      return withChange(state, event, { status: 'withdrawn' });
    case 'ForeignEventsExcluded': {
      const { by: approvedBy, approvedWith, sealed } = event.data;
      return withChange(state, event, {
        status: 'excluded',
        approvedBy,
        approvedWith,
        sealed,
      });
    }
    default:
      throw new Unreachable(event);
  }
}

export const exclusionDecider = {
  initialState: new Map() as Exclusions,
  decide: decideExclusion,
  evolve: evolveExclusion,
};

/**
 * The exclusion of exactly these events that is pending and can still be approved; null where there
 * is none.
 */
export function askedBefore(
  state: Exclusions,
  stream: string,
  events: readonly NamedEvent[],
  { ended, now }: { readonly ended: ReadonlySet<string>; readonly now: Instant },
): Exclusion | null {
  const wanted = events.map(textOf).join();
  for (const asked of [...state.values()].reverse())
    if (
      asked.status === 'requested' &&
      !isExpired(asked, now) &&
      !ended.has(asked.id) &&
      asked.stream === stream &&
      asked.events.map(textOf).join() === wanted
    )
      return asked;
  return null;
}

function mayBeLeftOut(events: readonly ForeignEvent[], sealed: SealedThen): void {
  if (events.length === 0)
    throw new ExclusionRefused(
      'nothing_foreign',
      'nothing foreign stands in this stream behind the last sealed record',
      {},
      {
        hint: '`mianzheng verify ledger` names the stream. Records of the ledger are never left out.',
      },
    );
  const before = events.find(({ position }) => position <= BigInt(sealed.position));
  if (before !== undefined)
    throw new ExclusionRefused(
      'exclusion_of_sealed',
      'an event stands before records that were sealed',
      { version: before.version, position: String(before.position) },
      { hint: 'Restore the event store: docs/operations/backup.md.' },
    );
  const deleted = events.some(({ deletes }) => deletes);
  if (deleted || keepsLimit(events))
    throw new ExclusionRefused(
      'stream_limited',
      'the stream was deleted, or metadata of it are set in the event store',
      {},
      {
        hint: deleted
          ? 'It was deleted for good: restore the event store (docs/operations/backup.md).'
          : 'Take back in the event store what was set of the stream: set metadata that are exactly `{}` (docs/operations/alarms.md, A foreign event).',
      },
    );
}

function withExclusion(state: Exclusions, exclusion: Exclusion): Exclusions {
  return new Map([...state, [exclusion.id, exclusion]]);
}

function withChange(
  state: Exclusions,
  event: ExclusionEvent,
  change: Partial<Exclusion>,
): Exclusions {
  const exclusion = presentFor(state.get(event.data.exclusion), event);
  return withExclusion(state, { ...exclusion, ...change });
}

function known(id: string, state: Exclusions): Exclusion {
  const exclusion = state.get(id);
  if (exclusion === undefined)
    throw new ExclusionAbsent('exclusion_absent', 'there is no such exclusion');
  return exclusion;
}

const textOf = (event: NamedEvent): string => canonicalize({ ...event } satisfies JsonObject);
