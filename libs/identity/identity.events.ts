import type { Schemas, Upcaster } from '#libs/event-store';
import { type Fact, isObject, type JsonObject } from '#libs/kernel';

/**
 * What a client of the ledger is. A window's device is a terminal; a department's system asks
 * without a clerk.
 */
export type ClientKind =
  'terminal' | 'kiosk' | 'department' | 'issuing-authority' | 'auditor' | 'administrator';

/**
 * A public key that a client registered: RFC 7638 thumbprint as `kid`; Ed25519 (`EdDSA`) or P-256
 * (`ES256`). `proof` is the JWS that proves possession (key-proof.ts); null for the key of an
 * administrator whom the city itself admits from a file on its machine.
 */
export interface ClientKey {
  readonly kid: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly jwk: JsonObject;
  readonly proof: string | null;
}

/**
 * The JWS that approved a new key: by the client itself with its previous key, or by an
 * administrator (`by` is then another client).
 */
export interface KeyApproval {
  readonly by: string;
  readonly jws: string;
}

/**
 * The key with which a client did what needs two administrators: its thumbprint, its registrars
 * (`registrars`), and the last record of the client's own stream from which this was read.
 * Recorded, because the state at that time counts.
 */
export type ActingKey = Readonly<{
  kid: string;
  registrars: readonly string[];
  clientVersion: number;
}>;

/**
 * The operator who acted at a terminal: with which passkey (credential id), and the last record of
 * the operator's own stream from which this was read.
 */
export type ActingOperator = Readonly<{
  operator: string;
  passkey: string;
  operatorVersion: number;
}>;

/**
 * As `ActingKey`, of one who may be an operator at a terminal: `registrars` then are those of the
 * terminal's key and of the passkey. `operator` is null where a client acted by itself.
 */
export type ActingAdministrator = ActingKey & Readonly<{ operator: ActingOperator | null }>;

/**
 * A recorded approval: `requestedWith` is the requester's key, `approvedWith` the approving
 * administrator's; null where the client's own old key approves.
 */
export interface RecordedApproval extends KeyApproval {
  readonly requestedWith: ActingAdministrator | null;
  readonly approvedWith: ActingKey | null;
}

/**
 * Under which code an issuing authority signs, and which certificate types it may issue: its own,
 * and no other.
 */
export interface AuthorityOf {
  readonly creditCode: string;
  readonly name: string;
  readonly types: readonly string[];
}

/**
 * Who acts at a client: itself, or an operator who is signed in there. A terminal that a browser
 * became is `operator`.
 */
export type SignIn = 'operator' | 'client';

/**
 * Stream `client-<client>`. `department` and `window` are ids with a name to show; nothing
 * personal.
 */
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
    readonly signIn: SignIn;
    readonly keys: readonly ClientKey[];
  }
>;
export type ClientKeyRotated = Fact<
  'ClientKeyRotated',
  {
    readonly added: ClientKey;
    readonly retired: readonly string[];
    /** Null where the client's kind needs none. */
    readonly approval: RecordedApproval | null;
  }
>;
export type ClientDisabled = Fact<'ClientDisabled', { readonly reason: string }>;
export type ClientEnabled = Fact<'ClientEnabled', { readonly reason: string }>;
/** What an issuing authority may issue from here on: all of it, not what changed. */
export type ClientTypesChanged = Fact<'ClientTypesChanged', { readonly types: readonly string[] }>;
export type IdentityEvent =
  ClientRegistered | ClientKeyRotated | ClientDisabled | ClientEnabled | ClientTypesChanged;

/** What a client may request. A route names one; `scopesOf` says which kinds may hold it. */
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
  | 'ledger:audit'
  | 'ledger:exclude';

/** Schema 1: no operator asked for a key's approval yet. */
const requestedByAClientItself: Upcaster = ({ approval, ...data }) => {
  const { requestedWith = null, ...rest } = isObject(approval) ? approval : {};
  if (!isObject(requestedWith)) return { approval: approval ?? null, ...data };
  return { ...data, approval: { ...rest, requestedWith: { ...requestedWith, operator: null } } };
};

/** The schemas that these events have had. */
export const identitySchemas: Schemas<IdentityEvent['type']> = {
  ClientRegistered: [],
  ClientKeyRotated: [requestedByAClientItself],
  ClientDisabled: [],
  ClientEnabled: [],
  ClientTypesChanged: [],
};
