import { createHash } from 'node:crypto';
import type { EventStore } from '#libs/event-store';
import type { KnownBy } from '../caller.js';
import { FreshStates } from '../fresh-states.js';
import type { OperatorState, Passkey } from './operators.decider.js';
import type {
  BoundAccount,
  OperatorEvent,
  OperatorRole,
  SealedOperatorName,
} from './operators.events.js';
import { operatorRules, operatorStream } from './operators.stream.js';

/** What an operator's own stream says now. */
export interface KnownOperator {
  readonly operator: string;
  readonly department: string;
  readonly roles: readonly OperatorRole[];
  readonly name: SealedOperatorName;
  readonly enabled: boolean;
  /** At most one of these; none while the operator is invited. */
  readonly passkey: Passkey | null;
  readonly account: BoundAccount | null;
  /** RFC 3339, of the invitation that is open; null where none is. */
  readonly invitedUntil: string | null;
}

/**
 * Who the operators are, by their own streams and at most a second old: a disabled operator, or a
 * passkey that was taken away, is out everywhere after that.
 */
export class OperatorDirectory {
  readonly #states: FreshStates<OperatorState, OperatorEvent>;

  /** @param monotonic milliseconds of a clock that only goes forward */
  constructor(store: EventStore, monotonic = () => performance.now()) {
    this.#states = new FreshStates(store, operatorRules, monotonic);
  }

  async find(operator: string): Promise<KnownOperator | null> {
    return known(await this.#states.of(operatorStream(operator)));
  }

  /** As read last, however long ago: for who asks for the stream's head besides. */
  async lastKnown(operator: string): Promise<KnownBy<KnownOperator | null>> {
    const stream = operatorStream(operator);
    const { state, records } = await this.#states.lastKnown(stream);
    return { value: known(state), stream, records };
  }

  /** Reads the stream again at the next asking: after a command of this process. */
  forget(operator: string): void {
    this.#states.forget(operatorStream(operator));
  }
}

function known(state: OperatorState): KnownOperator | null {
  if (state.status === 'absent') return null;
  const { invited, roles, passkey, account, invitation } = state;
  return {
    operator: invited.operator,
    department: invited.department,
    roles,
    name: invited.name,
    enabled: state.status === 'enabled',
    passkey,
    account,
    invitedUntil: invitation?.expires ?? null,
  };
}

/**
 * The `sub` of tokens: an operator with the passkey or the account that signed in, so that a
 * sign-in ends with it. Null while the operator is invited.
 */
export function accountOf({ operator, passkey, account }: KnownOperator): string | null {
  const by = passkey?.credential ?? account?.account;
  return by === undefined
    ? null
    : `${operator}.${createHash('sha256').update(by).digest('base64url').slice(0, 16)}`;
}

/** The operator of an account; null where the text is of another form. */
export const operatorOfAccount = (account: string): string | null =>
  /^([\w-]{22})\.[\w-]{16}$/.exec(account)?.[1] ?? null;
