import { hash } from 'node:crypto';
import { canonicalize, type Decider, type Instant, type JsonObject } from '#libs/kernel';
import type { Actor } from '#libs/log';
import {
  AppendUncertain,
  EventIdConflict,
  type EventStore,
  NONE,
  type NewEvent,
  type StoredRecord,
  VersionConflict,
} from './port.js';
import type { Codec } from './upcasting.js';

/**
 * What comes in with every command: `actor` is in each record that it leads to, the operator
 * included, and `now` is the time of this attempt. `seed` (32 bytes, hexadecimal) belongs to the
 * client's `idempotencyKey`, is secret and random, and makes a retry derive the same ids: use
 * `freshId`.
 */
export interface CommandContext {
  readonly actor: Actor;
  readonly idempotencyKey: string;
  readonly seed: string;
  readonly now: Instant;
}

/** 128 bits of SHA-256(client ‖ Idempotency-Key ‖ n), the parts separated by a zero byte. */
export const eventId = (client: string, key: string, n: number): string =>
  hash('sha256', `${client}\0${key}\0${n}`, 'hex').slice(0, 32);

/**
 * An unguessable id of almost 128 bits, the same for every retry of one command: 22 letters of
 * base64url. None begins with a dash: a command line would take it for an option.
 */
export function freshId(context: Pick<CommandContext, 'seed'>, label: string): string {
  const id = hash('sha256', `${context.seed}\0${label}`, 'buffer').toString('base64url', 0, 16);
  return id.startsWith('-') ? `_${id.slice(1)}` : id;
}

/**
 * A part of a larger command (a line of an import, a second stream) with a key and a seed of its
 * own.
 */
export const subContext = (context: CommandContext, part: string): CommandContext => ({
  ...context,
  idempotencyKey: `${context.idempotencyKey}/${part}`,
  seed: hash('sha256', `${context.seed}\0part\0${part}`, 'hex'),
});

interface Fact {
  readonly type: string;
  readonly data: unknown;
}

export interface Outcome<State, Event> {
  readonly state: State;
  readonly events: readonly Event[];
  /** The records that hold `events`; empty where nothing had to change. */
  readonly records: readonly {
    readonly version: number;
    readonly id: string;
    readonly hash: string;
  }[];
  /** The command had been executed before; `events` are those of the first time. */
  readonly repeated: boolean;
  /** Version of the stream's last record afterwards, `NONE` where it has none. */
  readonly version: number;
}

/**
 * The one way in which the ledger changes: read the stream, decide, append to it; where it moved
 * meanwhile, read and decide again. `decide` gets the state, the version and the records, to bind
 * what it signs or seals to them; a command repeated under its Idempotency-Key gets its first
 * result.
 * @param from the first version that matters to the command: earlier records are not read, and
 *   `state` is folded from there on
 * @throws what `decide` throws; VersionConflict after `attempts` lost races; EventIdConflict;
 *   StoreUnavailable
 */
export async function execute<State, Event extends Fact>(
  store: Pick<EventStore, 'readStream' | 'append'>,
  stream: string,
  context: CommandContext,
  rules: Pick<Decider<never, State, Event>, 'initialState' | 'evolve'> & { codec: Codec<Event> },
  decide: (state: State, version: number) => readonly Event[] | Promise<readonly Event[]>,
  attempts = 8,
  from = 0,
): Promise<Outcome<State, Event>> {
  for (let attempt = 1; ; attempt++) {
    const records = await store.readStream(stream, from);
    const version = from + records.length - 1;
    const first = eventId(context.actor.client, context.idempotencyKey, 0);
    const done = records.findIndex((record) => record.body.id === first);
    if (done >= 0) return repeated(records, done, context, rules, from);

    const state = foldRecords(rules, records);
    const events = await decide(state, version);
    if (events.length === 0) return { state, events, records: [], repeated: false, version };
    try {
      const appended = await appendOnce(
        store,
        stream,
        version,
        toNewEvents(events, context, rules.codec),
      );
      return {
        state: events.reduce<State>((next, event) => rules.evolve(next, event), state),
        events,
        records: appended.records,
        repeated: appended.repeated,
        version: appended.records.at(-1)?.version ?? NONE,
      };
    } catch (error) {
      // A concurrent attempt of the same command came first: its records are found when the stream
      // is read again.
      const lost = error instanceof VersionConflict || error instanceof EventIdConflict;
      if (!lost || attempt >= attempts) throw error;
    }
  }
}

/**
 * The current state of a stream, with its version and the hash of its last record. For reading
 * only: a decision on it may be out of date.
 */
export async function load<State, Event extends Fact>(
  store: EventStore,
  stream: string,
  rules: Pick<Decider<never, State, Event>, 'initialState' | 'evolve'> & { codec: Codec<Event> },
): Promise<{ state: State; version: number; head: string | null }> {
  const records = await store.readStream(stream);
  return {
    state: foldRecords(rules, records),
    version: records.length - 1,
    head: records.at(-1)?.hash ?? null,
  };
}

/**
 * A retry after an uncertain commit sends the same bytes under the same ids: the store answers with
 * the first result.
 */
async function appendOnce(
  store: Pick<EventStore, 'append'>,
  stream: string,
  expected: number,
  events: readonly NewEvent[],
) {
  try {
    return await store.append(stream, expected, events);
  } catch (error) {
    if (!(error instanceof AppendUncertain)) throw error;
    return await store.append(stream, expected, events);
  }
}

/** The state folded from records. */
export function foldRecords<State, Event extends Fact>(
  rules: Pick<Decider<never, State, Event>, 'initialState' | 'evolve'> & { codec: Codec<Event> },
  records: readonly StoredRecord[],
): State {
  let state = rules.initialState;
  for (const { body } of records)
    state = rules.evolve(state, rules.codec.upcast(body.type, body.schema, body.data));
  return state;
}

function toNewEvents<Event extends Fact>(
  events: readonly Event[],
  context: CommandContext,
  codec: Codec<Event>,
): NewEvent[] {
  return events.map((event, n) => ({
    id: eventId(context.actor.client, context.idempotencyKey, n),
    type: event.type,
    schema: codec.schemaOf(event.type),
    time: context.now,
    actor: context.actor,
    data: event.data as JsonObject,
  }));
}

function repeated<State, Event extends Fact>(
  records: readonly StoredRecord[],
  from: number,
  context: CommandContext,
  rules: Pick<Decider<never, State, Event>, 'initialState' | 'evolve'> & { codec: Codec<Event> },
  begin: number,
): Outcome<State, Event> {
  const mine: StoredRecord[] = [];
  for (let n = 0; from + n < records.length; n++) {
    const record = records[from + n];
    if (record?.body.id !== eventId(context.actor.client, context.idempotencyKey, n)) break;
    mine.push(record);
  }
  const upTo = records.slice(0, from + mine.length);
  return {
    state: foldRecords(rules, upTo),
    events: mine.map(({ body }) => rules.codec.upcast(body.type, body.schema, body.data)),
    records: mine.map(({ body, hash: leaf }) => ({
      version: body.version,
      id: body.id,
      hash: leaf,
    })),
    repeated: true,
    version: begin + upTo.length - 1,
  };
}

/**
 * Whether two events have the same content: an adapter compares them when an id is appended again.
 */
export const sameContent = (
  a: Pick<NewEvent, 'type' | 'schema' | 'data'>,
  b: Pick<NewEvent, 'type' | 'schema' | 'data'>,
): boolean =>
  a.type === b.type && a.schema === b.schema && canonicalize(a.data) === canonicalize(b.data);
