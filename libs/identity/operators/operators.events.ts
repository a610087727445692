import type { Schemas } from '#libs/event-store';
import type { Fact, Instant, JsonObject } from '#libs/kernel';

/** What a person of staff may do at a terminal; `scopesOfRole` says by which scopes. */
export type OperatorRole = 'clerk' | 'second-operator' | 'administrator' | 'auditor';

/** A name under the operator's own key: `key` is the wrapped key of the seal, `text` the seal. */
export type SealedOperatorName = Readonly<{ key: string; text: string }>;

/** `hash` is the SHA-256 of a secret of 128 bits that is told once, base64url. */
export type OperatorInvitation = Readonly<{ hash: string; expires: Instant }>;

/** Stream `operator-<operator>`. The department is a name of the house; the person's is sealed. */
export type OperatorInvited = Fact<
  'OperatorInvited',
  {
    readonly operator: string;
    readonly department: string;
    readonly roles: readonly OperatorRole[];
    readonly name: SealedOperatorName;
    readonly invitation: OperatorInvitation;
  }
>;
/**
 * The invitation was used. `credential` is the id by which the authenticator knows the key
 * (base64url), `backedUp` whether it is kept in more places than one device.
 */
export type OperatorPasskeyAdded = Fact<
  'OperatorPasskeyAdded',
  {
    readonly credential: string;
    readonly jwk: JsonObject;
    readonly transports: readonly string[];
    readonly backedUp: boolean;
  }
>;
/**
 * An account at the operators' issuer. `account` is `accountOfSubject`: the record alone does not
 * tell the person's id there.
 */
export type BoundAccount = Readonly<{ issuer: string; account: string }>;
/** The invitation was used: the operator signs in with this account from then on. */
export type OperatorAccountBound = Fact<'OperatorAccountBound', BoundAccount>;
/** The passkey or account that there was counts no more: it was lost, or there was none. */
export type OperatorInvitedAgain = Fact<
  'OperatorInvitedAgain',
  { readonly invitation: OperatorInvitation }
>;
/** All roles from here on, not what changed. */
export type OperatorRolesChanged = Fact<
  'OperatorRolesChanged',
  { readonly roles: readonly OperatorRole[] }
>;
export type OperatorDisabled = Fact<'OperatorDisabled', { readonly reason: string }>;
export type OperatorEnabled = Fact<'OperatorEnabled', { readonly reason: string }>;
export type OperatorEvent =
  | OperatorInvited
  | OperatorPasskeyAdded
  | OperatorAccountBound
  | OperatorInvitedAgain
  | OperatorRolesChanged
  | OperatorDisabled
  | OperatorEnabled;

/** The `transports` of a sample passkey: there is no way to an authenticator. */
export const sampleTransport = 'sample';

/** The schemas that these events have had. */
export const operatorSchemas: Schemas<OperatorEvent['type']> = {
  OperatorInvited: [],
  OperatorPasskeyAdded: [],
  OperatorAccountBound: [],
  OperatorInvitedAgain: [],
  OperatorRolesChanged: [],
  OperatorDisabled: [],
  OperatorEnabled: [],
};
