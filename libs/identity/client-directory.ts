import { type EventStore, upcasting } from '#libs/event-store';
import { ClientDirectory, type RegisteredClient } from './caller.js';
import { clientStream, type ClientState, identityDecider } from './identity.decider.js';
import { type IdentityEvent, identitySchemas } from './identity.events.js';

interface Seen {
  state: ClientState;
  /** Records of the stream that `state` holds; the next reading starts there. */
  records: number;
  /** When the stream was last read, on the monotonic clock in milliseconds. */
  readAt: number;
  reading: Promise<void> | null;
}

/** A disabled client or a rotated key is gone everywhere after this; at once in the process that changed it. */
const freshForMs = 1000;
const kept = 10_000;
const codec = upcasting<IdentityEvent>(identitySchemas);

/** Clients by their own streams. What was read is kept for a second, and then only what came after it is read. */
export class StreamClientDirectory extends ClientDirectory {
  readonly #seen = new Map<string, Seen>();

  /** @param monotonic milliseconds of a clock that only goes forward */
  constructor(
    private readonly store: EventStore,
    private readonly monotonic = () => performance.now(),
  ) {
    super();
  }

  async find(client: string): Promise<RegisteredClient | null> {
    const seen = this.#remembered(client);
    if (this.monotonic() - seen.readAt > freshForMs) {
      seen.reading ??= this.#read(client, seen).finally(() => {
        seen.reading = null;
      });
      await seen.reading;
    }
    return registered(seen.state);
  }

  /** Reads the stream again at the next asking: after a command of this process. */
  forget(client: string): void {
    this.#seen.delete(client);
  }

  #remembered(client: string): Seen {
    let seen = this.#seen.get(client);
    if (seen === undefined) {
      seen = {
        state: identityDecider.initialState,
        records: 0,
        readAt: Number.NEGATIVE_INFINITY,
        reading: null,
      };
      if (this.#seen.size >= kept) this.#seen.delete(this.#seen.keys().next().value ?? '');
      this.#seen.set(client, seen);
    }
    return seen;
  }

  async #read(client: string, seen: Seen): Promise<void> {
    const asked = this.monotonic();
    const records = await this.store.readStream(clientStream(client), seen.records);
    for (const { body } of records)
      seen.state = identityDecider.evolve(
        seen.state,
        codec.upcast(body.type, body.schema, body.data),
      );
    seen.records += records.length;
    seen.readAt = asked;
    // Ids that nobody registered are asked for by strangers: they take no room.
    if (seen.state.status === 'unknown') this.#seen.delete(client);
  }
}

function registered(state: ClientState): RegisteredClient | null {
  if (state.status === 'unknown') return null;
  const { client, kind, name, department, window, town, authority, scopes } = state.registered;
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
  };
}
