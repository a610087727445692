import type { Instant } from '#libs/kernel';

/** A client, or `handOf` an operator, who had something in hand at a time, RFC 3339. */
export interface Giver {
  readonly hand: string;
  readonly time: Instant;
}

/** What a record of a client's or an operator's stream tells of keys, and of who may act. */
export interface ClientChange {
  /** Of the record in its stream. */
  readonly version: number;
  /** That the record names, RFC 3339. */
  readonly time: Instant;
  /** The client that made it. */
  readonly by: string;
  /** Others through whose hands the key came. */
  readonly besides: readonly Giver[];
  readonly change: 'keys' | 'disabled' | 'enabled';
  /** Thumbprints of keys, credential ids of passkeys. */
  readonly added: readonly string[];
  readonly retired: readonly string[];
}

/** Client ids have no colon, so that no client bears the name of an operator. */
const prefix = 'operator:';

/** How an operator is named beside clients. */
export const handOf = (operator: string): string => prefix + operator;

/** @returns null for a client */
export const operatorOfHand = (hand: string): string | null =>
  hand.startsWith(prefix) ? hand.slice(prefix.length) : null;

/** What an operator's records tell, in the order of the stream. */
export type OperatorSaid =
  | { readonly type: 'OperatorInvited'; readonly data: { readonly roles: readonly string[] } }
  | { readonly type: 'OperatorInvitedAgain' | 'OperatorAccountBound' }
  | { readonly type: 'OperatorPasskeyAdded'; readonly data: { readonly credential: string } }
  | {
      readonly type: 'OperatorRolesChanged';
      readonly data: { readonly roles: readonly string[] };
    }
  | { readonly type: 'OperatorDisabled' | 'OperatorEnabled' };

interface Recorded {
  readonly version: number;
  readonly time: Instant;
  readonly actor: { readonly client: string; readonly operator?: string };
}

/**
 * The hands through which an operator's passkeys came, folded record by record: who invited the
 * operator could have used the invitation, and the terminal could have made the passkey of its own.
 */
export class OperatorHistory {
  readonly changes: ClientChange[] = [];
  #inviters: readonly Giver[] = [];
  #passkey: string | null = null;
  #enabled = true;
  #administrator = false;

  take(event: OperatorSaid & Recorded): void {
    const { version, time, actor } = event;
    const givers = giversIn(event);
    const said = { version, time, by: actor.client, besides: givers.slice(1) };
    switch (event.type) {
      case 'OperatorInvited':
      case 'OperatorInvitedAgain': {
        const retired = this.#passkey === null ? [] : [this.#passkey];
        if (event.type === 'OperatorInvited') this.#administrator = isAdministrator(event.data);
        this.#inviters = givers;
        this.#passkey = null;
        if (retired.length > 0) this.changes.push({ ...said, change: 'keys', added: [], retired });
        return;
      }
      case 'OperatorPasskeyAdded': {
        const { credential } = event.data;
        this.#passkey = credential;
        const besides = [...said.besides, ...this.#inviters];
        this.changes.push({ ...said, besides, change: 'keys', added: [credential], retired: [] });
        return;
      }
      case 'OperatorAccountBound':
        return; // an account administers nothing
      case 'OperatorRolesChanged':
        this.#administrator = isAdministrator(event.data);
        break;
      case 'OperatorDisabled':
      case 'OperatorEnabled':
        this.#enabled = event.type === 'OperatorEnabled';
    }
    const change = this.mayAct ? 'enabled' : 'disabled';
    this.changes.push({ ...said, change, added: [], retired: [] });
  }

  /** Whether the operator is an administrator who is enabled, by the records so far. */
  get mayAct(): boolean {
    return this.#enabled && this.#administrator;
  }
}

const isAdministrator = ({ roles }: { readonly roles: readonly string[] }): boolean =>
  roles.includes('administrator');

/** The client that acted, and the operator who was signed in there. */
const giversIn = ({ time, actor: { client, operator } }: Recorded): readonly Giver[] => [
  { hand: client, time },
  ...(operator === undefined ? [] : [{ hand: handOf(operator), time }]),
];
