import { begunBefore, type Decider, Unreachable } from '#libs/kernel';
import { CaseAbsent, CaseConflict, CaseInvalid, CaseNotAllowed } from './case.errors.js';
import type {
  BroughtReason,
  CaseEvent,
  CaseOpened,
  CaseOutcome,
  Participant,
} from './case.events.js';

/** The window of a command: a case belongs to its own window alone. */
export interface AtWindow {
  readonly department: string;
  readonly window: string | null;
}

export type CaseState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'open';
      readonly opened: CaseOpened['data'];
      readonly brought: readonly string[];
    }
  | {
      readonly status: 'closed';
      readonly opened: CaseOpened['data'];
      readonly brought: readonly string[];
      readonly outcome: CaseOutcome;
    };

export type CaseCommand =
  | { readonly kind: 'open'; readonly opened: CaseOpened['data'] }
  | {
      readonly kind: 'bring';
      readonly by: AtWindow;
      readonly material: string;
      readonly reason: BroughtReason;
    }
  | { readonly kind: 'close'; readonly by: AtWindow; readonly outcome: CaseOutcome };

/**
 * A case at one window. Ids of cases are unguessable, so that another window's case may be refused
 * differently from a missing one.
 */
export const caseDecider: Decider<CaseCommand, CaseState, CaseEvent> = {
  initialState: { status: 'absent' },

  decide(command, state) {
    switch (command.kind) {
      case 'open':
        return open(command.opened, state);
      case 'bring': {
        const found = ownCase(state, command.by);
        if (!found.opened.materials.some(({ material }) => material === command.material))
          throw new CaseAbsent(
            'material_absent',
            'the matter of the case asks for no such material',
          );
        if (found.status === 'closed') throw closed();
        if (found.brought.includes(command.material)) return [];
        return [
          {
            type: 'MaterialBrought',
            data: {
              case: found.opened.case,
              material: command.material,
              reason: command.reason,
            },
          },
        ];
      }
      case 'close': {
        const found = ownCase(state, command.by);
        if (found.status === 'open')
          return [
            {
              type: 'CaseClosed',
              data: { case: found.opened.case, outcome: command.outcome },
            },
          ];
        if (found.outcome === command.outcome) return [];
        throw closed();
      }
      default:
        throw new Unreachable(command);
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'CaseOpened':
        return { status: 'open', opened: event.data, brought: [] };
      case 'MaterialBrought': {
        const before = begunBefore(state, event);
        return { ...before, brought: [...before.brought, event.data.material] };
      }
      case 'CaseClosed':
        return {
          ...begunBefore(state, event),
          status: 'closed',
          outcome: event.data.outcome,
        };
      default:
        throw new Unreachable(event);
    }
  },
};

function open(opened: CaseOpened['data'], state: CaseState): readonly CaseEvent[] {
  if (state.status !== 'absent')
    throw new CaseConflict('case_already_open', 'the case was opened before');
  checkRoles(opened.participants);
  return [{ type: 'CaseOpened', data: opened }];
}

/**
 * Also checked before any look-up, so that a refusal counts against no limit and uses no code.
 * @throws CaseInvalid
 */
export function checkRoles(participants: readonly Pick<Participant, 'role'>[]): void {
  if (participants.length === 0)
    throw new CaseInvalid('participant_missing', 'a case has at least one participant');
  if (new Set(participants.map(({ role }) => role)).size !== participants.length)
    throw new CaseInvalid('role_twice', 'each role in a case is held by one participant');
}

const closed = () => new CaseConflict('case_closed', 'the case is closed');

export const caseAbsent = () => new CaseAbsent('case_absent', 'there is no such case');

/** @throws CaseAbsent, CaseNotAllowed */
function ownCase(state: CaseState, by: AtWindow): Exclude<CaseState, { status: 'absent' }> {
  if (state.status === 'absent') throw caseAbsent();
  checkOwnWindow(state.opened, by);
  return state;
}

/** @throws CaseNotAllowed where the case is not of the caller's window */
export function checkOwnWindow(
  opened: Pick<CaseOpened['data'], 'department' | 'window'>,
  by: AtWindow,
): void {
  if (opened.department !== by.department || opened.window !== by.window)
    throw new CaseNotAllowed('case_of_another_window', 'the case belongs to another window');
}
