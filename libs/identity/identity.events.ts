import type { Schemas } from '#libs/event-store';
import type { Fact, JsonObject } from '#libs/kernel';

/** What a client of the ledger is. A window's device is a terminal; a department's system asks without a clerk. */
export type ClientKind =
  'terminal' | 'kiosk' | 'department' | 'issuing-authority' | 'auditor' | 'administrator';

/** A public key that a client registered: RFC 7638 thumbprint as `kid`; Ed25519 (`EdDSA`) or P-256 (`ES256`). */
export interface ClientKey {
  readonly kid: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly jwk: JsonObject;
}

/** Under which code an issuing authority signs, and which certificate types it may issue: its own, and no other. */
export interface AuthorityOf {
  readonly creditCode: string;
  readonly name: string;
  readonly types: readonly string[];
}

/** Stream `client-<client>`. `department` and `window` are ids of the house, with a name to show; nothing personal. */
export type ClientRegistered = Fact<
  'ClientRegistered',
  {
    readonly client: string;
    readonly kind: ClientKind;
    readonly name: string;
    readonly department: string;
    readonly window: string | null;
    readonly town: string | null;
    readonly authority: AuthorityOf | null;
    readonly scopes: readonly Scope[];
    readonly keys: readonly ClientKey[];
  }
>;
export type ClientKeyRotated = Fact<
  'ClientKeyRotated',
  { readonly added: ClientKey; readonly retired: readonly string[] }
>;
export type ClientDisabled = Fact<'ClientDisabled', { readonly reason: string }>;
export type ClientEnabled = Fact<'ClientEnabled', { readonly reason: string }>;
export type IdentityEvent = ClientRegistered | ClientKeyRotated | ClientDisabled | ClientEnabled;

/** What a client may ask for. A route names one; `scopesOf` says which kinds may hold it. */
export type Scope =
  | 'clients:manage'
  | 'catalogue:manage'
  | 'certificates:issue'
  | 'subjects:identify'
  | 'subjects:erase'
  | 'cases:open'
  | 'releases:pull'
  | 'matters:read'
  | 'statistics:read'
  | 'ledger:audit';

/** The schemas that these events have had. */
export const identitySchemas: Schemas<IdentityEvent['type']> = {
  ClientRegistered: [],
  ClientKeyRotated: [],
  ClientDisabled: [],
  ClientEnabled: [],
};
