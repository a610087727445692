import { type Codec, type EventStore, readBeforeForeign } from '#libs/event-store';
import type { Decider, Fact } from '#libs/kernel';

interface Seen<State> {
  state: State;
  /** Records of the stream that `state` holds; the next reading starts there. */
  records: number;
  /** When the stream was last read, on the monotonic clock in milliseconds. */
  readAt: number;
  reading: Promise<void> | null;
}

const freshForMs = 1000;
const kept = 10_000;

/**
 * States of streams, at most a second old. What was read is kept for a second, and then only what
 * came after it is read.
 */
export class FreshStates<State extends { readonly status: string }, Event extends Fact> {
  readonly #seen = new Map<string, Seen<State>>();

  /** @param monotonic milliseconds of a clock that only goes forward */
  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly rules: Pick<Decider<never, State, Event>, 'initialState' | 'evolve'> & {
      readonly codec: Codec<Event>;
    },
    private readonly monotonic: () => number,
  ) {}

  /**
   * The state as it was read last, however long ago that is, and how many records it holds; of one
   * that is not kept, as it is now.
   */
  async lastKnown(stream: string): Promise<{ readonly state: State; readonly records: number }> {
    const seen = this.#seen.get(stream);
    if (seen === undefined || seen.records === 0)
      return { state: await this.of(stream), records: this.#seen.get(stream)?.records ?? 0 };
    return { state: seen.state, records: seen.records };
  }

  /** The state, at most a second old. */
  async of(stream: string): Promise<State> {
    const seen = this.#remembered(stream);
    if (this.monotonic() - seen.readAt > freshForMs) {
      seen.reading ??= this.#read(stream, seen).finally(() => {
        seen.reading = null;
      });
      await seen.reading;
    }
    return seen.state;
  }

  /** Reads the stream again at the next asking: after a command of this process. */
  forget(stream: string): void {
    this.#seen.delete(stream);
  }

  #remembered(stream: string): Seen<State> {
    let seen = this.#seen.get(stream);
    if (seen === undefined) {
      seen = {
        state: this.rules.initialState,
        records: 0,
        readAt: Number.NEGATIVE_INFINITY,
        reading: null,
      };
      if (this.#seen.size >= kept) this.#seen.delete(this.#seen.keys().next().value ?? '');
      this.#seen.set(stream, seen);
    }
    return seen;
  }

  async #read(stream: string, seen: Seen<State>): Promise<void> {
    const asked = this.monotonic();
    const records = await readBeforeForeign(this.store, stream, seen.records);
    for (const { body } of records)
      seen.state = this.rules.evolve(
        seen.state,
        this.rules.codec.upcast(body.type, body.schema, body.data),
      );
    seen.records += records.length;
    seen.readAt = asked;
    // Unknown ids come from unauthenticated callers, so that they are not cached.
    if (seen.state.status === 'absent') this.#seen.delete(stream);
  }
}
