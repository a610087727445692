import type { EventStore } from '#libs/event-store';
import { ClientDirectory, type KnownBy, type RegisteredClient } from './caller.js';
import { FreshStates } from './fresh-states.js';
import { clientStream, type ClientState } from './identity.decider.js';
import type { IdentityEvent } from './identity.events.js';
import { clientRules } from './identity.stream.js';

/**
 * Clients by their own streams, at most a second old: a disabled client or a rotated key is gone
 * everywhere after that, and at once in the process that changed it.
 */
export class StreamClientDirectory extends ClientDirectory {
  readonly #states: FreshStates<ClientState, IdentityEvent>;

  /** @param monotonic milliseconds of a clock that only goes forward */
  constructor(store: EventStore, monotonic = () => performance.now()) {
    super();
    this.#states = new FreshStates(store, clientRules, monotonic);
  }

  async find(client: string): Promise<RegisteredClient | null> {
    return registered(await this.#states.of(clientStream(client)));
  }

  override async lastKnown(client: string): Promise<KnownBy<RegisteredClient | null>> {
    const stream = clientStream(client);
    const { state, records } = await this.#states.lastKnown(stream);
    return { value: registered(state), stream, records };
  }

  /** Reads the stream again at the next asking: after a command of this process. */
  forget(client: string): void {
    this.#states.forget(clientStream(client));
  }
}

function registered(state: ClientState): RegisteredClient | null {
  if (state.status === 'absent') return null;
  const { client, kind, name, department, window, town, authority, scopes, signIn } =
    state.registered;
  return {
    client,
    kind,
    name,
    department,
    window,
    town,
    authority,
    scopes,
    keys: state.keys,
    enabled: state.status === 'enabled',
    signIn,
  };
}
