import type { ActingAdministrator, Independence } from '#libs/identity';
import { type Instant, plusSeconds, presentFor, Unreachable } from '#libs/kernel';
import { ErasureAbsent, ErasureConflict, ErasureRefused } from './subject.errors.js';
import type { ErasureEvent, ErasureReason, HoldBasis, LiftBasis } from './subject.events.js';

/** How long an erasure that was asked for waits for a second administrator: 30 days, in seconds. */
export const ERASURE_REQUEST_HOLDS = 30 * 24 * 3600;

export interface Erasure {
  readonly status: 'requested' | 'withdrawn' | 'approved' | 'erased';
  readonly id: string;
  /** Who asked. */
  readonly by: string;
  readonly requestedWith: ActingAdministrator;
  /** The approving administrator; null before the approval. */
  readonly approvedBy: string | null;
  readonly approvedWith: ActingAdministrator | null;
  readonly reason: ErasureReason;
  /** From then on the request has no effect. */
  readonly expires: Instant;
}

/** How far the erasure of a subject is, and what stands against it. */
export interface Erasing {
  /**
   * Each erasure requested, by id, in order. Only the last can proceed: the others were withdrawn
   * or expired.
   */
  readonly erasures: ReadonlyMap<string, Erasure>;
  /** Legal holds that stand, by id. */
  readonly holds: ReadonlyMap<string, HoldBasis>;
}

/** The erasure requested last. */
export const latestErasure = ({ erasures }: Erasing): Erasure | null =>
  [...erasures.values()].at(-1) ?? null;

/** Whether it was not approved in time. */
export const isExpired = ({ status, expires }: Erasure, now: Instant): boolean =>
  status === 'requested' && expires <= now;

/** `by` is the client that calls: the administrator's own, or the terminal of an operator. */
export type ErasureCommand =
  | {
      readonly kind: 'request-erasure';
      readonly erasure: string;
      readonly by: string;
      readonly with: ActingAdministrator;
      readonly reason: ErasureReason;
      /**
       * The erasure whose requester was disabled, or given a key by another administrator, since
       * the request: it can no longer be approved.
       */
      readonly ended: string | null;
      readonly now: Instant;
    }
  | (Independence & {
      readonly kind: 'approve-erasure';
      readonly erasure: string;
      readonly by: string;
      readonly with: ActingAdministrator;
      readonly now: Instant;
    })
  | {
      readonly kind: 'withdraw-erasure';
      readonly erasure: string;
      readonly by: string;
      /** The operator who calls at a terminal; null where a client of its own does. */
      readonly operator: string | null;
      readonly now: Instant;
    }
  | { readonly kind: 'finish-erasure'; readonly erasure: string }
  | {
      readonly kind: 'place-hold';
      readonly hold: string;
      readonly by: string;
      readonly basis: HoldBasis;
    }
  | {
      readonly kind: 'lift-hold';
      readonly hold: string;
      readonly by: string;
      readonly basis: LiftBasis;
    };

export const nothingErased: Erasing = { erasures: new Map(), holds: new Map() };

/**
 * The rules of erasure: two administrators with separation of duties, no legal hold, and no way
 * back once both have approved. Until then the requester may withdraw it, it ends where that client
 * is disabled or given a key by another, and a second request returns the pending one.
 */
export function decideErasure(command: ErasureCommand, state: Erasing): readonly ErasureEvent[] {
  const latest = latestErasure(state);
  switch (command.kind) {
    case 'request-erasure': {
      const { erasure, by, with: requestedWith, reason, ended, now } = command;
      switch (latest?.status) {
        case 'erased':
          throw erasedBefore();
        case 'approved':
          return [];
        case 'requested':
          if (!isExpired(latest, now) && latest.id !== ended) return [];
          break;
        case 'withdrawn':
        case undefined:
      }
      mustBeFree(state);
      const expires = plusSeconds(now, ERASURE_REQUEST_HOLDS);
      return [{ type: 'ErasureRequested', data: { erasure, by, requestedWith, reason, expires } }];
    }
    case 'withdraw-erasure': {
      const erasure = asked(command.erasure, state);
      if (!isRequester(erasure, command.by, command.operator))
        throw new ErasureRefused(
          'erasure_of_another_administrator',
          'only the administrator that asked for an erasure can withdraw it',
          { erasure: erasure.id },
          { hint: 'Do not approve it: it expires after 30 days.' },
        );
      switch (erasure.status) {
        case 'requested':
          if (isExpired(erasure, command.now)) throw expired(erasure);
          return [{ type: 'ErasureWithdrawn', data: { erasure: erasure.id, by: command.by } }];
        case 'withdrawn':
          return [];
        case 'approved':
          throw underWay(erasure);
        case 'erased':
          throw erasedBefore();
        default:
          throw new Unreachable(erasure.status);
      }
    }
    case 'approve-erasure': {
      const erasure = asked(command.erasure, state);
      switch (erasure.status) {
        case 'approved':
        case 'erased':
          return [];
        case 'withdrawn':
          throw new ErasureRefused(
            'erasure_withdrawn',
            'the request was withdrawn by its administrator',
            {
              erasure: erasure.id,
            },
          );
        case 'requested':
          break;
        default:
          throw new Unreachable(erasure.status);
      }
      if (isRequester(erasure, command.by, command.with.operator?.operator ?? null))
        throw new ErasureRefused(
          'erasure_needs_second_administrator',
          'the administrator that asked for an erasure cannot approve it',
          { erasure: erasure.id },
          { hint: 'Another administrator approves, with a client and a key of their own.' },
        );
      if (command.sharedControl.length > 0)
        throw new ErasureRefused(
          'erasure_administrators_not_independent',
          'the two administrators are not independent: their keys go back to the same registrar',
          { erasure: erasure.id, hands: command.sharedControl },
          {
            hint: 'Approve as an administrator whose key the city itself admitted (second-administrator.jwk in KEYS_DIR, docs/operations/keys.md).',
          },
        );
      if (command.requesterChanged)
        throw new ErasureRefused(
          'erasure_requester_changed',
          'the client that asked was disabled, or given a key by another, since',
          { erasure: erasure.id },
          { hint: 'Ask for it again (POST /v1/erasures), if it is still wanted.' },
        );
      if (isExpired(erasure, command.now)) throw expired(erasure);
      mustBeFree(state);
      return [
        {
          type: 'ErasureApproved',
          data: { erasure: erasure.id, by: command.by, approvedWith: command.with },
        },
      ];
    }
    case 'finish-erasure': {
      const { id, status } = asked(command.erasure, state);
      if (status === 'requested' || status === 'withdrawn') throw absent();
      return status === 'erased' ? [] : [{ type: 'SubjectErased', data: { erasure: id } }];
    }
    case 'place-hold': {
      const { hold, by, basis } = command;
      if (latest?.status === 'erased') throw erasedBefore();
      if (latest?.status === 'approved') throw underWay(latest);
      // A second event would not need a second lifting, and the record would show a hold that no
      // longer exists.
      if (state.holds.has(hold)) return [];
      return [{ type: 'LegalHoldPlaced', data: { hold, by, basis } }];
    }
    case 'lift-hold': {
      const { hold, by, basis } = command;
      if (!state.holds.has(hold))
        throw new ErasureAbsent('legal_hold_absent', 'no such legal hold stands');
      return [{ type: 'LegalHoldLifted', data: { hold, by, basis } }];
    }
    default:
      throw new Unreachable(command);
  }
}

export function evolveErasure(state: Erasing, event: ErasureEvent): Erasing {
  switch (event.type) {
    case 'ErasureRequested': {
      const { erasure: id, by, requestedWith, reason, expires } = event.data;
      return withErasure(state, {
        status: 'requested',
        id,
        by,
        requestedWith,
        approvedBy: null,
        approvedWith: null,
        reason,
        expires,
      });
    }
    case 'ErasureWithdrawn':
      return withChange(state, event, { status: 'withdrawn' });
    case 'ErasureApproved':
      return withChange(state, event, {
        status: 'approved',
        approvedBy: event.data.by,
        approvedWith: event.data.approvedWith,
      });
    case 'SubjectErased':
      return withChange(state, event, { status: 'erased' });
    case 'LegalHoldPlaced':
      return { ...state, holds: new Map([...state.holds, [event.data.hold, event.data.basis]]) };
    case 'LegalHoldLifted':
      return {
        ...state,
        holds: new Map([...state.holds].filter(([hold]) => hold !== event.data.hold)),
      };
    default:
      throw new Unreachable(event);
  }
}

/** Operators are administrators by themselves, wherever they act; a client is one by its key. */
function isRequester({ by, requestedWith }: Erasure, client: string, operator: string | null) {
  const requester = requestedWith.operator?.operator ?? null;
  return requester === operator && (operator !== null || by === client);
}

type ChangingEvent = Extract<ErasureEvent, { readonly data: { readonly erasure: string } }>;

const withErasure = (state: Erasing, erasure: Erasure): Erasing => ({
  ...state,
  erasures: new Map([...state.erasures, [erasure.id, erasure]]),
});

function withChange(state: Erasing, event: ChangingEvent, change: Partial<Erasure>): Erasing {
  const erasure = presentFor(state.erasures.get(event.data.erasure), event);
  return withErasure(state, { ...erasure, ...change });
}

function asked(id: string, { erasures }: Erasing): Erasure {
  const erasure = erasures.get(id);
  if (erasure === undefined) throw absent();
  return erasure;
}

function mustBeFree({ holds }: Erasing): void {
  if (holds.size > 0)
    throw new ErasureRefused(
      'erasure_on_legal_hold',
      'a legal hold stands against the erasure',
      { bases: [...new Set(holds.values())] },
      { hint: 'Lift the hold when its ground has ended (POST /v1/legal-holds/{hold}/lift).' },
    );
}

const absent = () => new ErasureAbsent('erasure_absent', 'there is no such erasure');
const erasedBefore = () =>
  new ErasureConflict('subject_erased_before', 'the subject was erased before');
const underWay = ({ id }: Erasure) =>
  new ErasureConflict('erasure_under_way', 'the erasure was approved already', { erasure: id });
const expired = ({ id }: Erasure) =>
  new ErasureRefused(
    'erasure_expired',
    'the erasure was not approved in time',
    { erasure: id },
    { hint: 'Ask for it again (POST /v1/erasures), if it is still wanted.' },
  );
