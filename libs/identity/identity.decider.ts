import {
  AbsentError,
  ConflictError,
  type Decider,
  InvalidError,
  isCreditCode,
  RefusedError,
} from '#libs/kernel';
import type {
  AuthorityOf,
  ClientKey,
  ClientKind,
  ClientRegistered,
  IdentityEvent,
  Scope,
} from './identity.events.js';
import { type Jwk } from './jws.js';
import { readPublicKey } from './jwk.js';
import { scopesOf, scopesOfWindows, usualScopes } from './scopes.js';

/** A registration that nobody could act under. */
export class ClientInvalid extends InvalidError<
  | 'client_scope_not_of_kind'
  | 'client_window_missing'
  | 'client_authority_missing'
  | 'client_authority_unexpected'
  | 'client_authority_code_wrong'
  | 'client_authority_types_missing'
  | 'client_keys_missing'
  | 'client_key_twice'
> {}
export class ClientConflict extends ConflictError<
  'client_exists' | 'client_key_retired' | 'client_disabled'
> {}
export class ClientAbsent extends AbsentError<'client_unknown'> {}
export class ClientRefused extends RefusedError<'client_is_own'> {}

export interface RegisterClientCommand {
  readonly do: 'register';
  readonly client: string;
  readonly kind: ClientKind;
  readonly name: string;
  readonly department: string;
  readonly window: string | null;
  readonly town: string | null;
  readonly authority: AuthorityOf | null;
  /** null: all that its kind may hold. */
  readonly scopes: readonly Scope[] | null;
  readonly keys: readonly Jwk[];
}
export interface RotateKeyCommand {
  readonly do: 'rotate-key';
  readonly client: string;
  readonly jwk: Jwk;
}
/** `by` is the client that asks: nobody shuts the door on itself. */
export interface DisableClientCommand {
  readonly do: 'disable';
  readonly client: string;
  readonly reason: string;
  readonly by: string;
}
export interface EnableClientCommand {
  readonly do: 'enable';
  readonly client: string;
  readonly reason: string;
}
export type IdentityCommand =
  RegisterClientCommand | RotateKeyCommand | DisableClientCommand | EnableClientCommand;

interface Known {
  readonly registered: ClientRegistered['data'];
  readonly keys: readonly ClientKey[];
  readonly retired: readonly string[];
}
export type ClientState =
  | { readonly status: 'unknown' }
  | ({ readonly status: 'enabled' } & Known)
  | ({ readonly status: 'disabled' } & Known);

export const clientStream = (client: string): string => `client-${client}`;

export const identityDecider: Decider<IdentityCommand, ClientState, IdentityEvent> = {
  initialState: { status: 'unknown' },
  decide(command, state) {
    switch (command.do) {
      case 'register':
        return register(command, state);
      case 'rotate-key':
        return rotate(command, known(command.client, state));
      case 'disable': {
        if (command.by === command.client)
          throw new ClientRefused('client_is_own', 'a client cannot disable itself');
        return known(command.client, state).status === 'disabled'
          ? []
          : [{ type: 'ClientDisabled', data: { reason: command.reason } }];
      }
      case 'enable':
        return known(command.client, state).status === 'enabled'
          ? []
          : [{ type: 'ClientEnabled', data: { reason: command.reason } }];
    }
  },
  evolve(state, event) {
    if (event.type === 'ClientRegistered')
      return { status: 'enabled', registered: event.data, keys: event.data.keys, retired: [] };
    if (state.status === 'unknown') return state;
    switch (event.type) {
      case 'ClientKeyRotated':
        return {
          ...state,
          keys: [
            ...state.keys.filter(({ kid }) => !event.data.retired.includes(kid)),
            event.data.added,
          ],
          retired: [...state.retired, ...event.data.retired],
        };
      case 'ClientDisabled':
        return { ...state, status: 'disabled' };
      case 'ClientEnabled':
        return { ...state, status: 'enabled' };
    }
  },
};

function register(command: RegisterClientCommand, state: ClientState): readonly IdentityEvent[] {
  if (state.status !== 'unknown')
    throw new ClientConflict('client_exists', 'a client of this id is registered', {
      client: command.client,
    });
  const scopes = command.scopes ?? usualScopes(command.kind, command.window);
  checkScopes(command, scopes);
  checkAuthority(command);
  return [
    {
      type: 'ClientRegistered',
      data: {
        client: command.client,
        kind: command.kind,
        name: command.name,
        department: command.department,
        window: command.window,
        town: command.town,
        authority: command.authority,
        scopes: [...new Set(scopes)],
        keys: clientKeys(command.keys),
      },
    },
  ];
}

function checkScopes({ kind, window }: RegisterClientCommand, scopes: readonly Scope[]): void {
  for (const scope of scopes)
    if (!scopesOf(kind).includes(scope))
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

function checkAuthority({ kind, authority }: RegisterClientCommand): void {
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

function clientKeys(jwks: readonly Jwk[]): readonly ClientKey[] {
  if (jwks.length === 0)
    throw new ClientInvalid('client_keys_missing', 'a client registers at least one public key');
  const keys = jwks.map(clientKey);
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length)
    throw new ClientInvalid('client_key_twice', 'a key stands twice');
  return keys;
}

/** What is kept of a public JWK. @throws KeyRefused */
function clientKey(jwk: Jwk): ClientKey {
  const { jkt, algorithms, jwk: kept } = readPublicKey(jwk);
  return { kid: jkt, alg: algorithms.includes('ES256') ? 'ES256' : 'EdDSA', jwk: kept };
}

/** The new key works and all others stop in the same event: a stolen key has no time left. */
function rotate(
  { client, jwk }: RotateKeyCommand,
  state: Exclude<ClientState, { status: 'unknown' }>,
): readonly IdentityEvent[] {
  if (state.status === 'disabled')
    throw new ClientConflict('client_disabled', 'a disabled client gets no key', { client });
  const added = clientKey(jwk);
  if (state.retired.includes(added.kid))
    throw new ClientConflict('client_key_retired', 'a retired key does not come back', { client });
  const retired = state.keys.map(({ kid }) => kid).filter((kid) => kid !== added.kid);
  if (retired.length === 0 && state.keys.some(({ kid }) => kid === added.kid)) return [];
  return [{ type: 'ClientKeyRotated', data: { added, retired } }];
}

function known(client: string, state: ClientState): Exclude<ClientState, { status: 'unknown' }> {
  if (state.status === 'unknown')
    throw new ClientAbsent('client_unknown', 'no such client is registered', { client });
  return state;
}
