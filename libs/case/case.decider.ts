import { type ActingFor, allowedCaller } from '#libs/identity';
import { begunBefore, type Decider, presentFor, Unreachable } from '#libs/kernel';
import { CaseAbsent, CaseConflict, CaseInvalid, CaseNotAllowed } from './case.errors.js';
import type {
  ApplicationProof,
  BroughtReason,
  CaseEvent,
  CaseOpened,
  CaseOutcome,
  CasePlace,
  CaseTerms,
  Participant,
} from './case.events.js';

/** The window of a command: a case belongs to its own window alone. */
export interface AtWindow {
  readonly department: string;
  readonly window: string | null;
}

/** Where a case was opened: at a window, or by the holder's own key. */
export const caseOrigins = ['window', 'online'] as const;
export type CaseOrigin = (typeof caseOrigins)[number];

/** What the books say of a case at a window: what keeps it there. */
export interface InHand {
  /** A request waits for its holder, or a yes was not used yet. */
  readonly isAsked: boolean;
  /** Data were released to the window. */
  readonly isAnswered: boolean;
}

export type OpenedCase = CaseTerms & {
  readonly origin: CaseOrigin;
  readonly queueNumber: string | null;
};

interface Begun {
  readonly opened: OpenedCase;
  readonly brought: readonly string[];
}
export type CaseState =
  | { readonly status: 'absent' }
  /** Opened online: no window has taken it yet. */
  | ({ readonly status: 'untaken'; readonly at: null } & Begun)
  | ({ readonly status: 'open'; readonly at: CasePlace } & Begun)
  | ({
      readonly status: 'closed';
      /** null where it was withdrawn before a window took it. */
      readonly at: CasePlace | null;
      readonly outcome: CaseOutcome;
    } & Begun);

export type CaseCommand =
  | { readonly kind: 'open'; readonly opened: CaseOpened['data'] }
  | {
      readonly kind: 'open-online';
      readonly by: ActingFor;
      readonly terms: CaseTerms;
      readonly proof: ApplicationProof;
    }
  | {
      readonly kind: 'take';
      readonly by: AtWindow & Omit<CasePlace, 'window'>;
    }
  | { readonly kind: 'return'; readonly by: AtWindow; readonly inHand: InHand }
  | {
      readonly kind: 'bring';
      readonly by: AtWindow;
      readonly material: string;
      readonly reason: BroughtReason;
    }
  | { readonly kind: 'close'; readonly by: AtWindow; readonly outcome: CaseOutcome }
  | { readonly kind: 'withdraw'; readonly by: ActingFor };

/**
 * A case at one window. Ids of cases are unguessable, so that another window's case may be refused
 * differently from a missing one.
 */
export const caseDecider: Decider<CaseCommand, CaseState, CaseEvent> = {
  initialState: { status: 'absent' },

  decide(command, state) {
    switch (command.kind) {
      case 'open':
        mustBeAbsent(state);
        checkRoles(command.opened.participants);
        return [{ type: 'CaseOpened', data: command.opened }];
      case 'open-online':
        return openOnline(command, state);
      case 'take':
        return take(command.by, state);
      case 'return':
        return giveBack(command, state);
      case 'bring': {
        const found = ownCase(state, command.by);
        if (!found.opened.materials.some(({ material }) => material === command.material))
          throw new CaseAbsent(
            'material_absent',
            'the matter of the case asks for no such material',
          );
        if (found.status === 'closed') throw closed();
        if (found.opened.selfService !== undefined)
          throw new CaseConflict(
            'case_self_service',
            'a kiosk takes no papers, and the case is about what it prints',
          );
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
      case 'withdraw':
        return withdraw(command.by, state);
      default:
        throw new Unreachable(command);
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'CaseOpened': {
        const { window, town, terminal } = event.data;
        return {
          status: 'open',
          opened: { ...event.data, origin: 'window' },
          at: { window, town, terminal },
          brought: [],
        };
      }
      case 'CaseOpenedOnline':
        return {
          status: 'untaken',
          opened: { ...event.data, origin: 'online', queueNumber: null },
          at: null,
          brought: [],
        };
      case 'CaseTaken': {
        const { opened, brought } = begunBefore(state, event);
        const { window, town, terminal } = event.data;
        return { status: 'open', opened, brought, at: { window, town, terminal } };
      }
      case 'CaseReturned': {
        const { opened, brought } = begunBefore(state, event);
        return { status: 'untaken', opened, brought, at: null };
      }
      case 'MaterialBrought': {
        const before = begunBefore(state, event);
        return { ...before, brought: [...before.brought, event.data.material] };
      }
      case 'CaseWithdrawn':
        return { ...begunBefore(state, event), status: 'closed', outcome: 'withdrawn' };
      case 'CaseClosed': {
        const before = begunBefore(state, event);
        return {
          ...before,
          status: 'closed',
          at: presentFor(before.at, event),
          outcome: event.data.outcome,
        };
      }
      default:
        throw new Unreachable(event);
    }
  },
};

function mustBeAbsent(state: CaseState): void {
  if (state.status !== 'absent')
    throw new CaseConflict('case_already_open', 'the case was opened before');
}

/** Who signed is the one participant: nobody opens a case for another, or in another's name. */
function openOnline(
  { by, terms, proof }: Extract<CaseCommand, { kind: 'open-online' }>,
  state: CaseState,
): readonly CaseEvent[] {
  const caller = allowedCaller(by);
  mustBeAbsent(state);
  const { subject } = by.principal;
  const [participant, ...others] = terms.participants;
  if (participant?.subject !== subject || others.length > 0)
    throw new CaseInvalid('participant_missing', 'the applicant is the one participant');
  return [{ type: 'CaseOpenedOnline', data: { ...terms, caller, proof } }];
}

/** Of windows that race for it one wins: the others are told, by the version of the stream. */
function take(
  by: Extract<CaseCommand, { kind: 'take' }>['by'],
  state: CaseState,
): readonly CaseEvent[] {
  if (state.status === 'absent') throw caseAbsent();
  if (by.window === null)
    throw new CaseNotAllowed('window_required', 'cases are handled at windows');
  const { opened } = state;
  if (opened.department !== by.department || opened.origin !== 'online') throw ofAnother();
  switch (state.status) {
    case 'untaken': {
      const { window, town, terminal } = { ...by, window: by.window };
      return [{ type: 'CaseTaken', data: { case: opened.case, window, town, terminal } }];
    }
    case 'open':
      if (state.at.window === by.window) return [];
      throw new CaseConflict(
        'case_already_taken',
        'another window took the case',
        {},
        { hint: 'It is gone from the board of the department; nothing was done here.' },
      );
    case 'closed':
      throw closed();
    default:
      throw new Unreachable(state);
  }
}

/**
 * What was asked is answered or withdrawn first, and a window that has the holder's data or papers
 * ends the case itself: another could not ask for them again.
 */
function giveBack(
  { by, inHand }: Extract<CaseCommand, { kind: 'return' }>,
  state: CaseState,
): readonly CaseEvent[] {
  const { opened, status, at, brought } = ownCase(state, by);
  if (status === 'closed') throw closed();
  if (opened.origin !== 'online')
    throw new CaseConflict(
      'case_not_online',
      'the case was opened at the window, and is on no board to go back to',
      {},
      { hint: 'Close it.' },
    );
  if (inHand.isAsked)
    throw new CaseConflict(
      'case_request_under_way',
      'a request of the case waits for its holder, or a yes is not used yet',
      {},
      { hint: 'Withdraw the request first.' },
    );
  if (inHand.isAnswered || brought.length > 0)
    throw new CaseConflict(
      'case_in_hand',
      'data were released to the window for the case, or papers brought to it',
      {},
      { hint: 'Close the case here.' },
    );
  return [{ type: 'CaseReturned', data: { case: opened.case, window: at.window } }];
}

/** Another's case is told as absent, and so is one that a window opened: its clerk ends that. */
function withdraw(by: ActingFor, state: CaseState): readonly CaseEvent[] {
  const caller = allowedCaller(by);
  if (state.status === 'absent' || !isOfApplicant(state.opened, by.principal.subject))
    throw caseAbsent();
  if (state.status !== 'closed')
    return [{ type: 'CaseWithdrawn', data: { case: state.opened.case, caller } }];
  if (state.outcome === 'withdrawn') return [];
  throw closed();
}

/** Whether the case was opened online by this subject, who follows it and may withdraw it. */
export const isOfApplicant = ({ origin, participants }: OpenedCase, subject: string): boolean =>
  origin === 'online' && participants.some((each) => each.subject === subject);

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

const ofAnother = () =>
  new CaseNotAllowed('case_of_another_window', 'the case belongs to another window');

/** A case that a window handles, or handled. */
type Taken<Found> = Found & { readonly status: 'open' | 'closed'; readonly at: CasePlace };

/** @throws CaseAbsent, CaseNotAllowed, CaseConflict */
function ownCase(state: CaseState, by: AtWindow) {
  if (state.status === 'absent') throw caseAbsent();
  checkOwnWindow(state, by);
  return state;
}

/**
 * @throws CaseNotAllowed where the case is not of the caller's window; CaseConflict where it is of
 *   its department, and no window took it yet
 */
export function checkOwnWindow<
  Found extends {
    readonly status: 'untaken' | 'open' | 'closed';
    readonly opened: Pick<CaseTerms, 'department'>;
    readonly at: CasePlace | null;
  },
>(found: Found, by: AtWindow): asserts found is Taken<Found> {
  const { opened, at, status } = found;
  if (status === 'untaken' && opened.department === by.department && by.window !== null)
    throw new CaseConflict(
      'case_not_taken',
      'no window has taken the case yet',
      {},
      { hint: 'Take it first: POST /v1/cases/{id}/take.' },
    );
  if (at === null || opened.department !== by.department || at.window !== by.window)
    throw ofAnother();
}
