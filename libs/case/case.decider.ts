import { type Decider, Unreachable } from '#libs/kernel';
import { CaseAbsent, CaseConflict, CaseInvalid, CaseNotAllowed } from './case.errors.js';
import type { BroughtReason, CaseEvent, CaseOpened, CaseOutcome } from './case.events.js';

/** Where a command comes from: a case is its own window's alone. */
export interface AtWindow {
  readonly department: string;
  readonly window: string | null;
}

export type CaseState =
  | { readonly status: 'none' }
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

/** A case at one window. Ids of cases are unguessable, so that another window's may be told apart from one that is not there. */
export const caseDecider: Decider<CaseCommand, CaseState, CaseEvent> = {
  initialState: { status: 'none' },

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
      case 'MaterialBrought':
        return state.status === 'none'
          ? state
          : { ...state, brought: [...state.brought, event.data.material] };
      case 'CaseClosed':
        return state.status === 'none'
          ? state
          : { ...state, status: 'closed', outcome: event.data.outcome };
    }
  },
};

function open(opened: CaseOpened['data'], state: CaseState): readonly CaseEvent[] {
  if (state.status !== 'none')
    throw new CaseConflict('case_already_open', 'the case was opened before');
  if (opened.participants.length === 0)
    throw new CaseInvalid('participant_missing', 'a case has at least one participant');
  const roles = new Set(opened.participants.map(({ role }) => role));
  if (roles.size !== opened.participants.length)
    throw new CaseInvalid('role_twice', 'each role in a case is held by one participant');
  return [{ type: 'CaseOpened', data: opened }];
}

const closed = () => new CaseConflict('case_closed', 'the case is closed');

export const caseAbsent = () => new CaseAbsent('case_absent', 'there is no such case');

/** @throws CaseAbsent, CaseNotAllowed */
function ownCase(state: CaseState, by: AtWindow): Exclude<CaseState, { status: 'none' }> {
  if (state.status === 'none') throw caseAbsent();
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
