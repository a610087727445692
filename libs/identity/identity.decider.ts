import { begunBefore, type Decider, isCreditCode, presentFor, Unreachable } from '#libs/kernel';
import { ClientInvalid, ClientConflict, ClientAbsent, ClientRefused } from './identity.errors.js';
import type {
  AuthorityOf,
  ClientKey,
  ClientKind,
  ClientRegistered,
  IdentityEvent,
  RecordedApproval,
  Scope,
  SignIn,
} from './identity.events.js';
import { scopesOf, scopesOfWindows, usualScopes } from './scopes.js';

export interface RegisterClientCommand {
  readonly kind: 'register';
  readonly client: string;
  readonly clientKind: ClientKind;
  readonly name: string;
  readonly department: string;
  readonly window: string | null;
  readonly town: string | null;
  readonly authority: AuthorityOf | null;
  /** null: all that its kind may hold. */
  readonly scopes: readonly Scope[] | null;
  readonly signIn: SignIn;
  /** Proved to be held. */
  readonly keys: readonly ClientKey[];
}
export interface RotateKeyCommand {
  readonly kind: 'rotate-key';
  readonly client: string;
  /** Proved to be held. */
  readonly key: ClientKey;
  readonly approval: VerifiedApproval | null;
  /** The client that asks. */
  readonly by: string;
}
/** The city itself gives an administrator a key from a file on its machine. */
export interface AdmitKeyCommand {
  readonly kind: 'admit-key';
  readonly client: string;
  readonly key: ClientKey;
}
/** An approval whose signature holds. */
export interface VerifiedApproval extends RecordedApproval {
  /** Thumbprint of the key that signed it. */
  readonly kid: string;
  /**
   * What controls the keys of both administrators, requester and approver (`sharedControl`); empty
   * where the client itself approves.
   */
  readonly sharedControl: readonly string[];
}
/** `by` is the calling client, which cannot disable itself. */
export interface DisableClientCommand {
  readonly kind: 'disable';
  readonly client: string;
  readonly reason: string;
  readonly by: string;
}
export interface EnableClientCommand {
  readonly kind: 'enable';
  readonly client: string;
  readonly reason: string;
}
/** Adds and removes, so that two concurrent changes do not undo each other. */
export interface ChangeTypesCommand {
  readonly kind: 'change-types';
  readonly client: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}
export type IdentityCommand =
  | RegisterClientCommand
  | RotateKeyCommand
  | AdmitKeyCommand
  | DisableClientCommand
  | EnableClientCommand
  | ChangeTypesCommand;

interface Known {
  readonly registered: ClientRegistered['data'];
  readonly keys: readonly ClientKey[];
  readonly retired: readonly string[];
}
export type ClientState =
  | { readonly status: 'absent' }
  | ({ readonly status: 'enabled' } & Known)
  | ({ readonly status: 'disabled' } & Known);

export const clientStream = (client: string): string => `client-${client}`;

export const identityDecider: Decider<IdentityCommand, ClientState, IdentityEvent> = {
  initialState: { status: 'absent' },
  decide(command, state) {
    switch (command.kind) {
      case 'register':
        return register(command, state);
      case 'rotate-key':
        return rotate(command, knownClient(command.client, state));
      case 'admit-key':
        return admitKey(command.key, knownClient(command.client, state));
      case 'disable': {
        if (command.by === command.client)
          throw new ClientRefused('client_is_own', 'a client cannot disable itself');
        mustNotBeAdmitted(command.client, knownClient(command.client, state));
        return knownClient(command.client, state).status === 'disabled'
          ? []
          : [{ type: 'ClientDisabled', data: { reason: command.reason } }];
      }
      case 'enable':
        return knownClient(command.client, state).status === 'enabled'
          ? []
          : [{ type: 'ClientEnabled', data: { reason: command.reason } }];
      case 'change-types':
        return changeTypes(command, knownClient(command.client, state));
      default:
        throw new Unreachable(command);
    }
  },
  evolve(state, event) {
    if (event.type === 'ClientRegistered')
      return { status: 'enabled', registered: event.data, keys: event.data.keys, retired: [] };
    const before = begunBefore(state, event);
    switch (event.type) {
      case 'ClientKeyRotated':
        return {
          ...before,
          keys: [
            ...before.keys.filter(({ kid }) => !event.data.retired.includes(kid)),
            event.data.added,
          ],
          retired: [...before.retired, ...event.data.retired],
        };
      case 'ClientDisabled':
        return { ...before, status: 'disabled' };
      case 'ClientEnabled':
        return { ...before, status: 'enabled' };
      case 'ClientTypesChanged': {
        const { registered } = before;
        const authority = presentFor(registered.authority, event);
        const { types } = event.data;
        return { ...before, registered: { ...registered, authority: { ...authority, types } } };
      }
      default:
        throw new Unreachable(event);
    }
  },
};

function register(command: RegisterClientCommand, state: ClientState): readonly IdentityEvent[] {
  if (state.status !== 'absent')
    throw new ClientConflict('client_exists', 'a client of this id is registered', {
      client: command.client,
    });
  const scopes = command.scopes ?? usualScopes(command.clientKind, command.window);
  checkScopes(command, scopes);
  checkAuthority(command);
  if (command.signIn === 'operator' && command.clientKind !== 'terminal')
    throw new ClientInvalid(
      'client_sign_in_not_of_kind',
      'operators sign in at terminals, and at no other client',
      { kind: command.clientKind },
    );
  return [
    {
      type: 'ClientRegistered',
      data: {
        client: command.client,
        kind: command.clientKind,
        name: command.name,
        department: command.department,
        window: command.window,
        town: command.town,
        authority: command.authority,
        scopes: [...new Set(scopes)],
        signIn: command.signIn,
        keys: checkedKeys(command.keys),
      },
    },
  ];
}

function checkScopes(
  { clientKind: kind, window, signIn }: RegisterClientCommand,
  scopes: readonly Scope[],
): void {
  for (const scope of scopes)
    if (!scopesOf(kind, signIn).includes(scope))
      throw new ClientInvalid('client_scope_not_of_kind', 'a client of this kind may not do that', {
        kind,
        scope,
      });
  const standsAtWindow = kind === 'terminal' || kind === 'kiosk';
  if (window === null && (standsAtWindow || scopes.some((s) => scopesOfWindows.includes(s))))
    throw new ClientInvalid('client_window_missing', 'this client must stand at a window', {
      kind,
    });
}

function checkAuthority({ clientKind: kind, authority }: RegisterClientCommand): void {
  if (kind !== 'issuing-authority') {
    if (authority !== null)
      throw new ClientInvalid(
        'client_authority_unexpected',
        'only an issuing authority issues certificates',
        { kind },
      );
    return;
  }
  if (authority === null)
    throw new ClientInvalid(
      'client_authority_missing',
      'an issuing authority says under which credit code it signs, and which types are its own',
    );
  if (!isCreditCode(authority.creditCode))
    throw new ClientInvalid(
      'client_authority_code_wrong',
      "the authority's unified social credit code has a wrong check character",
    );
  if (authority.types.length === 0)
    throw new ClientInvalid(
      'client_authority_types_missing',
      'an issuing authority names the certificate types that are its own',
    );
}

function checkedKeys(keys: readonly ClientKey[]): readonly ClientKey[] {
  if (keys.length === 0)
    throw new ClientInvalid('client_keys_missing', 'a client registers at least one public key');
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length)
    throw new ClientInvalid('client_key_twice', 'a key stands twice');
  return keys;
}

/** The new key works and all others stop in the same event: a stolen key has no time left. */
function rotate(
  { client, key: added, approval, by }: RotateKeyCommand,
  state: Exclude<ClientState, { status: 'absent' }>,
): readonly IdentityEvent[] {
  if (by !== client) mustNotBeAdmitted(client, state);
  if (state.status === 'disabled')
    throw new ClientConflict('client_disabled', 'a disabled client gets no key', { client });
  if (state.retired.includes(added.kid))
    throw new ClientConflict('client_key_retired', 'a retired key does not come back', { client });
  const retired = state.keys.map(({ kid }) => kid).filter((kid) => kid !== added.kid);
  if (retired.length === 0 && state.keys.some(({ kid }) => kid === added.kid)) return [];
  checkApproval(client, state, approval);
  return [
    {
      type: 'ClientKeyRotated',
      data: {
        added,
        retired,
        approval: approval === null ? null : recorded(approval),
      },
    },
  ];
}

const recorded = ({
  by,
  jws,
  requestedWith,
  approvedWith,
}: VerifiedApproval): RecordedApproval => ({
  by,
  jws,
  requestedWith,
  approvedWith,
});

/**
 * A new file lets the client in again; one that was left behind brings back no key that was given
 * up, and enables nothing.
 */
function admitKey(
  added: ClientKey,
  state: Exclude<ClientState, { status: 'absent' }>,
): readonly IdentityEvent[] {
  const had = state.keys.map(({ kid }) => kid);
  if (state.retired.includes(added.kid) || had.includes(added.kid)) return [];
  return [
    { type: 'ClientKeyRotated', data: { added, retired: had, approval: null } },
    ...(state.status === 'disabled'
      ? [{ type: 'ClientEnabled', data: { reason: 'admitted' } } as const]
      : []),
  ];
}

/**
 * Whether the city itself admitted the client, from a file on its machine: nothing else registers a
 * key without a proof.
 */
const isAdmitted = ({ registered }: Known): boolean =>
  registered.kind === 'administrator' && registered.keys.some(({ proof }) => proof === null);

/**
 * Otherwise one administrator alone, or another that it registered, could lock the other out for
 * good.
 */
function mustNotBeAdmitted(client: string, state: Known): void {
  if (isAdmitted(state))
    throw new ClientRefused(
      'client_admitted_by_city',
      'the city itself admitted this administrator: no other client disables it, or gives it a key',
      { client },
      {
        hint: "Put another public key in its file on the ledger's machine, and restart: docs/operations/keys.md, A second administrator.",
      },
    );
}

/** As many as a registration may name. */
export const maxTypes = 200;

function changeTypes(
  { client, add, remove }: ChangeTypesCommand,
  { registered: { authority, kind } }: Known,
): readonly IdentityEvent[] {
  if (authority === null)
    throw new ClientInvalid(
      'client_authority_unexpected',
      'only an issuing authority issues certificates',
      { kind },
    );
  const away = new Set(remove);
  const types = [...new Set([...authority.types, ...add])].filter((type) => !away.has(type));
  if (types.length === 0)
    throw new ClientInvalid(
      'client_authority_types_missing',
      'an issuing authority keeps at least one certificate type; one that issues nothing any more is disabled',
      { client },
    );
  if (types.length > maxTypes)
    throw new ClientInvalid(
      'client_authority_types_too_many',
      `an issuing authority has at most ${maxTypes} types`,
      { client, limit: maxTypes },
    );
  const same =
    types.length === authority.types.length &&
    types.every((type) => authority.types.includes(type));
  return same ? [] : [{ type: 'ClientTypesChanged', data: { types } }];
}

/**
 * An authority's key can make certificates of any person, so that one administrator alone cannot
 * replace it.
 */
function checkApproval(
  client: string,
  { registered, keys }: Known,
  approval: VerifiedApproval | null,
): void {
  if (approval === null) {
    if (registered.authority !== null)
      throw new ClientRefused(
        'client_key_unapproved',
        "an authority's new key is signed by its old one, or approved by a second administrator",
        { client },
        { hint: 'A statement of type client-key-approval+jws says so: docs/operations/start.md.' },
      );
    return;
  }
  if (approval.by === client) {
    if (!keys.some(({ kid }) => kid === approval.kid))
      throw new ClientRefused('client_key_approver_unfit', 'the old key is not in use any more', {
        client,
      });
  } else if (approval.sharedControl.length > 0)
    throw new ClientRefused(
      'client_key_approvers_not_independent',
      'the two administrators are not independent: one registered the other, or gave it a key',
      { client, hands: approval.sharedControl },
    );
}

/** @throws ClientAbsent */
export function knownClient(
  client: string,
  state: ClientState,
): Exclude<ClientState, { status: 'absent' }> {
  if (state.status === 'absent')
    throw new ClientAbsent('client_unknown', 'no such client is registered', { client });
  return state;
}
