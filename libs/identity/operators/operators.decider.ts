import {
  begunBefore,
  type Decider,
  type Instant,
  type JsonObject,
  Unreachable,
} from '#libs/kernel';
import {
  InvitationRefused,
  OperatorAbsent,
  OperatorConflict,
  OperatorInvalid,
  OperatorRefused,
} from './operators.errors.js';
import type {
  BoundAccount,
  OperatorEvent,
  OperatorInvitation,
  OperatorInvited,
  OperatorRole,
  SealedOperatorName,
} from './operators.events.js';

export interface InviteCommand {
  readonly kind: 'invite';
  readonly operator: string;
  readonly department: string;
  readonly roles: readonly OperatorRole[];
  readonly name: SealedOperatorName;
  readonly invitation: OperatorInvitation;
}
/** A passkey that was verified against its challenge, with the invitation that it came with. */
export interface AddPasskeyCommand {
  readonly kind: 'add-passkey';
  readonly operator: string;
  /** SHA-256 of what was handed in as the invitation's secret, base64url. */
  readonly invitationHash: string;
  readonly passkey: Passkey;
  readonly now: Instant;
}
/** An account that the operators' issuer confirmed, with the invitation that it came with. */
export interface BindAccountCommand {
  readonly kind: 'bind-account';
  readonly operator: string;
  /** As of `AddPasskeyCommand`. */
  readonly invitationHash: string;
  readonly account: BoundAccount;
  readonly now: Instant;
}
/** `by` is the operator who asks; null where a client of its own does. */
interface OfAnother {
  readonly operator: string;
  readonly by: string | null;
}
export interface InviteAgainCommand extends OfAnother {
  readonly kind: 'invite-again';
  readonly invitation: OperatorInvitation;
}
export interface ChangeRolesCommand extends OfAnother {
  readonly kind: 'change-roles';
  readonly roles: readonly OperatorRole[];
}
export interface DisableOperatorCommand extends OfAnother {
  readonly kind: 'disable';
  readonly reason: string;
}
export interface EnableOperatorCommand extends OfAnother {
  readonly kind: 'enable';
  readonly reason: string;
}
export type OperatorCommand =
  | InviteCommand
  | AddPasskeyCommand
  | BindAccountCommand
  | InviteAgainCommand
  | ChangeRolesCommand
  | DisableOperatorCommand
  | EnableOperatorCommand;

export interface Passkey {
  /** Base64url. */
  readonly credential: string;
  /** Public; P-256, Ed25519 or RSA. */
  readonly jwk: JsonObject;
  readonly transports: readonly string[];
  readonly backedUp: boolean;
}

interface Known {
  readonly invited: OperatorInvited['data'];
  readonly roles: readonly OperatorRole[];
  /** Null once it was used. */
  readonly invitation: OperatorInvitation | null;
  /** Null until the invitation is used; then there is this or an account. */
  readonly passkey: Passkey | null;
  readonly account: BoundAccount | null;
}
export type OperatorState =
  | { readonly status: 'absent' }
  | ({ readonly status: 'enabled' } & Known)
  | ({ readonly status: 'disabled' } & Known);

/** What an operator signs in with, before an invitation is used. */
const nothing = { passkey: null, account: null } as const;

export const operatorDecider: Decider<OperatorCommand, OperatorState, OperatorEvent> = {
  initialState: { status: 'absent' },
  decide(command, state) {
    switch (command.kind) {
      case 'invite':
        return invite(command, state);
      case 'add-passkey':
        return addPasskey(command, state);
      case 'bind-account':
        return bindAccount(command, state);
      case 'invite-again':
        mustBeAnother(command);
        if (knownOperator(command.operator, state).status === 'disabled')
          throw new OperatorConflict(
            'operator_not_enabled',
            'a disabled operator is not invited',
            { operator: command.operator },
            { hint: 'Enable the operator first.' },
          );
        return [{ type: 'OperatorInvitedAgain', data: { invitation: command.invitation } }];
      case 'change-roles':
        return changeRoles(command, knownOperator(command.operator, state));
      case 'disable':
        mustBeAnother(command);
        return knownOperator(command.operator, state).status === 'disabled'
          ? []
          : [{ type: 'OperatorDisabled', data: { reason: command.reason } }];
      case 'enable':
        mustBeAnother(command);
        return knownOperator(command.operator, state).status === 'enabled'
          ? []
          : [{ type: 'OperatorEnabled', data: { reason: command.reason } }];
      default:
        throw new Unreachable(command);
    }
  },
  evolve(state, event) {
    if (event.type === 'OperatorInvited') {
      const { roles, invitation } = event.data;
      return { status: 'enabled', invited: event.data, roles, invitation, ...nothing };
    }
    const before = begunBefore(state, event);
    switch (event.type) {
      case 'OperatorPasskeyAdded':
        return { ...before, invitation: null, passkey: event.data };
      case 'OperatorAccountBound':
        return { ...before, invitation: null, account: event.data };
      case 'OperatorInvitedAgain':
        return { ...before, invitation: event.data.invitation, ...nothing };
      case 'OperatorRolesChanged':
        return { ...before, roles: event.data.roles };
      case 'OperatorDisabled':
        return { ...before, status: 'disabled' };
      case 'OperatorEnabled':
        return { ...before, status: 'enabled' };
      default:
        throw new Unreachable(event);
    }
  },
};

function invite(command: InviteCommand, state: OperatorState): readonly OperatorEvent[] {
  const { operator, department, name, invitation } = command;
  if (state.status !== 'absent')
    throw new OperatorConflict('operator_exists', 'an operator of this id is invited', {
      operator,
    });
  const roles = checkedRoles(command.roles);
  return [{ type: 'OperatorInvited', data: { operator, department, roles, name, invitation } }];
}

function addPasskey(
  { operator, invitationHash, passkey, now }: AddPasskeyCommand,
  state: OperatorState,
): readonly OperatorEvent[] {
  mustBeOpen(operator, invitationHash, state, now);
  const { credential, jwk, transports, backedUp } = passkey;
  return [{ type: 'OperatorPasskeyAdded', data: { credential, jwk, transports, backedUp } }];
}

function bindAccount(
  { operator, invitationHash, account: { issuer, account }, now }: BindAccountCommand,
  state: OperatorState,
): readonly OperatorEvent[] {
  const { roles } = mustBeOpen(operator, invitationHash, state, now);
  if (roles.includes('administrator')) throw byPasskey(operator, 'Make a passkey instead.');
  return [{ type: 'OperatorAccountBound', data: { issuer, account } }];
}

/**
 * Who runs the operators' issuer could be any operator, and what needs two administrators would be
 * in one hand.
 */
const byPasskey = (operator: string, hint: string) =>
  new OperatorRefused(
    'operator_administers_by_passkey',
    'an administrator signs in with a passkey, and with no account elsewhere',
    { operator },
    { hint },
  );

/**
 * Whether an operator has this invitation now. One answer for whatever else is the case: who holds
 * no invitation learns of nobody whether there is one.
 * @throws InvitationRefused
 */
export function mustBeOpen(
  operator: string,
  invitationHash: string,
  state: OperatorState,
  now: Instant,
): Exclude<OperatorState, { status: 'absent' }> {
  if (
    state.status === 'enabled' &&
    state.invitation?.hash === invitationHash &&
    Date.parse(now) < Date.parse(state.invitation.expires)
  )
    return state;
  throw new InvitationRefused(
    'operator_invitation_unusable',
    'this invitation is not open: it was used, replaced, or has expired',
    { operator },
    { hint: 'Ask an administrator for a new one.' },
  );
}

function changeRoles(
  command: ChangeRolesCommand,
  state: Exclude<OperatorState, { status: 'absent' }>,
): readonly OperatorEvent[] {
  mustBeAnother(command);
  const roles = checkedRoles(command.roles);
  if (state.account !== null && roles.includes('administrator'))
    throw byPasskey(command.operator, 'Invite the operator again first.');
  const same = roles.length === state.roles.length && roles.every((r) => state.roles.includes(r));
  return same ? [] : [{ type: 'OperatorRolesChanged', data: { roles } }];
}

function checkedRoles(roles: readonly OperatorRole[]): readonly OperatorRole[] {
  if (roles.length === 0)
    throw new OperatorInvalid('operator_roles_missing', 'an operator has at least one role');
  return [...new Set(roles)];
}

function mustBeAnother({ operator, by }: OfAnother): void {
  if (operator === by)
    throw new OperatorRefused(
      'operator_is_own',
      'an operator changes nothing of its own roles and standing',
      { operator },
      { hint: 'Another administrator does it.' },
    );
}

/** @throws OperatorAbsent */
export function knownOperator(
  operator: string,
  state: OperatorState,
): Exclude<OperatorState, { status: 'absent' }> {
  if (state.status === 'absent')
    throw new OperatorAbsent('operator_unknown', 'there is no such operator', { operator });
  return state;
}
