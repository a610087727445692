import { type EventStore, statesOf } from '#libs/event-store';
import {
  CallerNotProved,
  type ClientCaller,
  clientRules,
  type ClientState,
  clientStream,
  operatorRules,
  type OperatorState,
  operatorStream,
  scopesOfRoles,
} from '#libs/identity';

type Caller = Pick<ClientCaller, 'client' | 'jkt' | 'operator'>;

/** The client of a release, and the operator who is signed in there, as their streams are now. */
export interface Operating {
  readonly client: ClientState;
  readonly operator: OperatorState | null;
}

export async function readOperating(
  store: EventStore,
  { client, operator }: Caller,
): Promise<Operating> {
  const ofClient = { stream: clientStream(client), rules: clientRules };
  if (operator === undefined) {
    const [now] = await statesOf(store).look(ofClient);
    return { client: now.state, operator: null };
  }
  const ofOperator = { stream: operatorStream(operator.operator), rules: operatorRules };
  const [now, person] = await statesOf(store).look(ofClient, ofOperator);
  return { client: now.state, operator: person.state };
}

/** Why the caller may not release any more; null where it may. */
export function movedCaller(
  { client, operator }: Operating,
  { jkt, operator: signedIn }: Caller,
): 'caller_disabled' | 'caller_key_replaced' | null {
  if (client.status !== 'enabled') return 'caller_disabled';
  if (!client.keys.some(({ kid }) => kid === jkt)) return 'caller_key_replaced';
  // An operator who is out leaves a terminal that may do nothing.
  return signedIn === undefined || mayPull(operator) ? null : 'caller_disabled';
}

const mayPull = (operator: OperatorState | null): boolean =>
  operator?.status === 'enabled' &&
  (operator.passkey !== null || operator.account !== null) &&
  scopesOfRoles(operator.roles).has('releases:pull');

/**
 * Before a release is decided: the guard may have known the caller as it was a second ago. @throws
 * CallerNotProved
 */
export function mustStillOperate(operating: Operating, caller: Caller): void {
  switch (movedCaller(operating, caller)) {
    case null:
      return;
    case 'caller_key_replaced':
      throw new CallerNotProved(
        'client_key_unknown',
        'the key is not one that the client uses now',
      );
    case 'caller_disabled':
      throw operating.client.status === 'enabled'
        ? new CallerNotProved('operator_signed_out', 'the operator may not release any more')
        : new CallerNotProved('client_disabled', 'the client is disabled');
  }
}
