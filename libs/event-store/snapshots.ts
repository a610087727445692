import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Instant, JsonValue } from '#libs/kernel';

/**
 * How a state is written into a snapshot and read back. `read` gets what `write` made, by the same
 * code: the MAC vouches for that.
 */
export interface SnapshotForm<State> {
  /** Which states these are: one of another name is foreign. */
  readonly name: string;
  write(state: State): JsonValue;
  read(written: JsonValue): State;
}

/** The form of states that are plain JSON. */
export const plainForm = <State>(name: string): SnapshotForm<State> => ({
  name,
  write: (state) => state as JsonValue,
  read: (written) => written as State,
});

/** Of which record a snapshot is: everything up to it is in the state. */
export interface SnapshotPlace {
  readonly version: number;
  /** Leaf hash of that record, hexadecimal. */
  readonly hash: string;
  readonly time: Instant;
}

/** A snapshot as it is stored. */
export interface StoredSnapshot extends SnapshotPlace {
  readonly state: Uint8Array;
  readonly mac: Uint8Array;
}

/**
 * Where snapshots are kept. They are made of records and thrown away at will: losing one, or all,
 * costs a longer read and nothing else, and what stands here proves nothing by itself.
 */
export abstract class SnapshotStorage {
  abstract find(stream: string): Promise<StoredSnapshot | null>;
  /** Keeps it, unless a later one of the stream is there. */
  abstract keep(stream: string, snapshot: StoredSnapshot): Promise<void>;
  /** Deletes one that was refused, so that it is not read again. */
  abstract discard(stream: string, snapshot: StoredSnapshot): Promise<void>;
}

/** A snapshot that this process may begin with. */
export interface Snapshot<State> extends SnapshotPlace {
  readonly state: State;
}

/**
 * Snapshots under a MAC over their state and all that it is the state of: city, stream, version,
 * leaf hash and time of the record, the form, and the code that folded it. The key is outside the
 * database: whoever writes its tables can throw a snapshot away, and make none.
 */
export class Snapshots {
  constructor(
    private readonly storage: SnapshotStorage,
    private readonly under: {
      readonly city: string;
      readonly key: Uint8Array;
      /** Names the code whose states these are: another release's are folded anew. */
      readonly code: string;
    },
  ) {}

  /** Null where there is none that this code made of this stream. */
  async find<State>(stream: string, form: SnapshotForm<State>): Promise<Snapshot<State> | null> {
    const stored = await this.storage.find(stream);
    if (stored === null) return null;
    const { version, hash: head, time, state, mac } = stored;
    const right = this.#mac(stream, form.name, stored, state);
    if (mac.length !== right.length || !timingSafeEqual(mac, right)) {
      await this.storage.discard(stream, stored);
      return null;
    }
    const written = JSON.parse(Buffer.from(state).toString()) as JsonValue;
    return { version, hash: head, time, state: form.read(written) };
  }

  async keep<State>(
    stream: string,
    form: SnapshotForm<State>,
    { state, ...place }: Snapshot<State>,
  ): Promise<void> {
    const written = Buffer.from(JSON.stringify(form.write(state)));
    const mac = this.#mac(stream, form.name, place, written);
    await this.storage.keep(stream, { ...place, state: written, mac });
  }

  #mac(
    stream: string,
    form: string,
    { version, hash: head, time }: SnapshotPlace,
    state: Uint8Array,
  ): Buffer {
    const { city, key, code } = this.under;
    const of = [city, code, form, stream, version, head, time, hash('sha256', state, 'hex')];
    return createHmac('sha256', key).update(JSON.stringify(of)).digest();
  }
}
