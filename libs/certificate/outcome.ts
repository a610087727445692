import type { EventStore } from '#libs/event-store';

/** Where in the ledger what holds now is recorded: the record's stream, version and leaf hash. */
export interface RecordReference {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
}

/** Whether a command led to a record, or found everything as it wanted it. */
export interface Outcome {
  readonly state: 'recorded' | 'unchanged';
  readonly record: RecordReference;
}

/** Names the record of a command; where nothing had to change, the stream's newest. */
export async function outcomeOf(
  store: EventStore,
  stream: string,
  done: {
    readonly records: readonly { readonly version: number; readonly hash: string }[];
  },
): Promise<Outcome> {
  const own = done.records.at(-1);
  if (own !== undefined)
    return { state: 'recorded', record: { stream, version: own.version, hash: own.hash } };
  const last = await store.readLast(stream);
  return {
    state: 'unchanged',
    record: { stream, version: last?.body.version ?? 0, hash: last?.hash ?? '' },
  };
}
