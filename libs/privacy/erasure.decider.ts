import { Unreachable } from '#libs/kernel';
import { ErasureAbsent, ErasureConflict, ErasureRefused } from './errors.js';
import type { ErasureEvent, ErasureReason, HoldBasis, LiftBasis } from './privacy.events.js';

/** How far the erasure of a subject is, and what stands against it. */
export interface Erasing {
  readonly erasure: {
    readonly status: 'requested' | 'approved' | 'erased';
    readonly id: string;
    /** Who asked. */
    readonly by: string;
    readonly reason: ErasureReason;
  } | null;
  /** Legal holds that stand, by id. */
  readonly holds: ReadonlyMap<string, HoldBasis>;
}

/** `by` is the id of the administrator that calls. */
export type ErasureCommand =
  | {
      readonly do: 'request-erasure';
      readonly erasure: string;
      readonly by: string;
      readonly reason: ErasureReason;
    }
  | { readonly do: 'approve-erasure'; readonly erasure: string; readonly by: string }
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

export const nothingErased: Erasing = { erasure: null, holds: new Map() };

/**
 * The rules of erasure: two administrators, no legal hold, and no way back once both have said yes. An erasure that was asked for before
 * is the one that counts: asking again changes nothing.
 */
export function decideErasure(command: ErasureCommand, state: Erasing): readonly ErasureEvent[] {
  switch (command.do) {
    case 'request-erasure': {
      const { erasure, by, reason } = command;
      if (state.erasure?.status === 'erased') throw erasedBefore();
      if (state.erasure !== null) return [];
      mustBeFree(state);
      return [{ type: 'ErasureRequested', data: { erasure, by, reason } }];
    }
    case 'approve-erasure': {
      const { id, status, by } = asked(command.erasure, state);
      if (status !== 'requested') return [];
      if (by === command.by)
        throw new ErasureRefused(
          'erasure_needs_second_administrator',
          'whoever asked for an erasure cannot approve it',
          { erasure: id },
          { hint: 'Another administrator approves, with a client and a key of their own.' },
        );
      mustBeFree(state);
      return [{ type: 'ErasureApproved', data: { erasure: id, by: command.by } }];
    }
    case 'finish-erasure': {
      const { id, status } = asked(command.erasure, state);
      if (status === 'requested') throw absent();
      return status === 'erased' ? [] : [{ type: 'SubjectErased', data: { erasure: id } }];
    }
    case 'place-hold': {
      const { hold, by, basis } = command;
      if (state.erasure?.status === 'erased') throw erasedBefore();
      if (state.erasure?.status === 'approved')
        throw new ErasureConflict('erasure_under_way', 'the erasure was approved already', {
          erasure: state.erasure.id,
        });
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
      const { erasure: id, by, reason } = event.data;
      return { ...state, erasure: { status: 'requested', id, by, reason } };
    }
    case 'ErasureApproved':
      return { ...state, erasure: state.erasure && { ...state.erasure, status: 'approved' } };
    case 'SubjectErased':
      return { ...state, erasure: state.erasure && { ...state.erasure, status: 'erased' } };
    case 'LegalHoldPlaced':
      return { ...state, holds: new Map([...state.holds, [event.data.hold, event.data.basis]]) };
    case 'LegalHoldLifted':
      return {
        ...state,
        holds: new Map([...state.holds].filter(([hold]) => hold !== event.data.hold)),
      };
  }
}

function asked(erasure: string, state: Erasing): NonNullable<Erasing['erasure']> {
  if (state.erasure?.id !== erasure) throw absent();
  return state.erasure;
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
