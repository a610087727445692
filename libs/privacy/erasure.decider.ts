import { type Instant, plusSeconds, Unreachable } from '#libs/kernel';
import { ErasureAbsent, ErasureConflict, ErasureRefused } from './errors.js';
import type { ErasureEvent, ErasureReason, HoldBasis, LiftBasis } from './privacy.events.js';

/** How long an erasure that was asked for waits for a second administrator: 30 days, in seconds. */
export const ERASURE_REQUEST_HOLDS = 30 * 24 * 3600;

export interface Erasure {
  readonly status: 'requested' | 'withdrawn' | 'approved' | 'erased';
  readonly id: string;
  /** Who asked. */
  readonly by: string;
  /** Who approved; null before somebody did. */
  readonly approvedBy: string | null;
  readonly reason: ErasureReason;
  /** From then on a request counts no more. */
  readonly expires: Instant | null;
}

/** How far the erasure of a subject is, and what stands against it. */
export interface Erasing {
  /** Each that was asked for, by id, in order. Only the last one can go on: the others were withdrawn, or expired. */
  readonly erasures: ReadonlyMap<string, Erasure>;
  /** Legal holds that stand, by id. */
  readonly holds: ReadonlyMap<string, HoldBasis>;
}

/** The one that was asked for last. */
export const latestErasure = ({ erasures }: Erasing): Erasure | null =>
  [...erasures.values()].at(-1) ?? null;

/** Whether nobody approved it while it could be. */
export const isExpired = ({ status, expires }: Erasure, now: Instant): boolean =>
  status === 'requested' && expires !== null && expires <= now;

/** `by` is the id of the administrator that calls. */
export type ErasureCommand =
  | {
      readonly do: 'request-erasure';
      readonly erasure: string;
      readonly by: string;
      readonly reason: ErasureReason;
      readonly now: Instant;
    }
  | {
      readonly do: 'approve-erasure';
      readonly erasure: string;
      readonly by: string;
      /**
       * What is in the hands of both, whoever asked and whoever approves: clients through which both came into the register, keys that both have. Read from the clients' own
       * streams (`sameHands` of key-hands.ts).
       */
      readonly sameHands: readonly string[];
      readonly now: Instant;
    }
  | {
      readonly do: 'withdraw-erasure';
      readonly erasure: string;
      readonly by: string;
      readonly now: Instant;
    }
  | { readonly do: 'finish-erasure'; readonly erasure: string }
  | {
      readonly do: 'place-hold';
      readonly hold: string;
      readonly by: string;
      readonly basis: HoldBasis;
    }
  | {
      readonly do: 'lift-hold';
      readonly hold: string;
      readonly by: string;
      readonly basis: LiftBasis;
    };

export const nothingErased: Erasing = { erasures: new Map(), holds: new Map() };

/**
 * The rules of erasure: two administrators whose keys came through different hands, no legal hold, and no way back once both have said yes. Until then whoever asked may take it
 * back. An erasure that was asked for before, and still can be approved, is the one that counts: asking again changes nothing.
 */
export function decideErasure(command: ErasureCommand, state: Erasing): readonly ErasureEvent[] {
  const latest = latestErasure(state);
  switch (command.do) {
    case 'request-erasure': {
      const { erasure, by, reason, now } = command;
      switch (latest?.status) {
        case 'erased':
          throw erasedBefore();
        case 'approved':
          return [];
        case 'requested':
          if (!isExpired(latest, now)) return [];
          break;
        case 'withdrawn':
        case undefined:
      }
      mustBeFree(state);
      const expires = plusSeconds(now, ERASURE_REQUEST_HOLDS);
      return [{ type: 'ErasureRequested', data: { erasure, by, reason, expires } }];
    }
    case 'withdraw-erasure': {
      const erasure = asked(command.erasure, state);
      if (erasure.by !== command.by)
        throw new ErasureRefused(
          'erasure_of_another_administrator',
          'only whoever asked for an erasure can take it back',
          { erasure: erasure.id },
          { hint: 'Do not approve it: nobody else can, after 30 days.' },
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
          throw new ErasureRefused('erasure_withdrawn', 'whoever asked has taken it back', {
            erasure: erasure.id,
          });
        case 'requested':
          break;
        default:
          throw new Unreachable(erasure.status);
      }
      if (erasure.by === command.by)
        throw new ErasureRefused(
          'erasure_needs_second_administrator',
          'whoever asked for an erasure cannot approve it',
          { erasure: erasure.id },
          { hint: 'Another administrator approves, with a client and a key of their own.' },
        );
      if (command.sameHands.length > 0)
        throw new ErasureRefused(
          'erasure_administrators_not_independent',
          'the keys of whoever asked and of whoever approves came through the same hands',
          { erasure: erasure.id, hands: command.sameHands },
          {
            hint: 'Approve as an administrator whose key the city itself admitted (second-administrator.jwk in KEYS_DIR, docs/operations.md).',
          },
        );
      if (isExpired(erasure, command.now)) throw expired(erasure);
      mustBeFree(state);
      return [{ type: 'ErasureApproved', data: { erasure: erasure.id, by: command.by } }];
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
      // Placed twice it would still be lifted at once: the record would tell of a hold that stands.
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
      const { erasure: id, by, reason, expires = null } = event.data;
      return withErasure(state, {
        status: 'requested',
        id,
        by,
        approvedBy: null,
        reason,
        expires,
      });
    }
    case 'ErasureWithdrawn':
      return withChange(state, event.data.erasure, { status: 'withdrawn' });
    case 'ErasureApproved':
      return withChange(state, event.data.erasure, {
        status: 'approved',
        approvedBy: event.data.by,
      });
    case 'SubjectErased':
      return withChange(state, event.data.erasure, { status: 'erased' });
    case 'LegalHoldPlaced':
      return { ...state, holds: new Map([...state.holds, [event.data.hold, event.data.basis]]) };
    case 'LegalHoldLifted':
      return {
        ...state,
        holds: new Map([...state.holds].filter(([hold]) => hold !== event.data.hold)),
      };
  }
}

const withErasure = (state: Erasing, erasure: Erasure): Erasing => ({
  ...state,
  erasures: new Map([...state.erasures, [erasure.id, erasure]]),
});

function withChange(state: Erasing, id: string, change: Partial<Erasure>): Erasing {
  const erasure = state.erasures.get(id);
  return erasure === undefined ? state : withErasure(state, { ...erasure, ...change });
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
    'nobody approved the erasure in time',
    { erasure: id },
    { hint: 'Ask for it again (POST /v1/erasures), if it is still wanted.' },
  );
