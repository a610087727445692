import { hash } from 'node:crypto';
import type { Fact, Instant, JsonObject } from '#libs/kernel';
import type { Actor } from '#libs/log';
import { statesOf } from './folded-states.js';
import type { Folded, Part, Rules } from './folding.js';
import { ToldRecord } from './forming.js';
import {
  type AppendedRecord,
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
  /**
   * When the Idempotency-Key was used first, null where that is now: a record of the command can
   * only be from then on. Without it a stream is searched whole for such a record.
   */
  readonly since?: Instant | null;
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

export interface Outcome<State, Event> {
  /** Afterwards; of a repeated command, as it is now. */
  readonly state: State;
  readonly events: readonly Event[];
  /** The records that hold `events`; empty where nothing had to change. */
  readonly records: readonly AppendedRecord[];
  /** The command had been executed before; `events` are those of the first time. */
  readonly repeated: boolean;
  /** Version of the last record in `state`, `NONE` where it has none. */
  readonly version: number;
}

/** With the part of the stream that matters to the command: `state` is folded from that. */
export interface ExecuteOptions extends Part {
  /** How often it is decided again after lost races. */
  readonly attempts?: number;
  /**
   * The stream is most likely new: it is not read, and where it is there the append finds out. What
   * it becomes is kept in memory only where `keep` says so.
   */
  readonly isNew?: boolean;
  readonly keep?: boolean;
}

/**
 * The one way in which the ledger changes: take the state, decide, append at its version. The state
 * may be out of date: the append judges it, and a decision that appends nothing is made again where
 * the stream has moved.
 * @throws what `decide` throws; VersionConflict after `attempts` lost races; EventIdConflict;
 *   StoreUnavailable
 */
export async function execute<State, Event extends Fact>(
  store: EventStore,
  stream: string,
  context: CommandContext,
  rules: Rules<State, Event>,
  decide: (state: State, version: number) => readonly Event[] | Promise<readonly Event[]>,
  { attempts = 8, isNew = false, keep = true, ...part }: ExecuteOptions = {},
): Promise<Outcome<State, Event>> {
  const states = statesOf(store);
  const look = { stream, rules, ...part };
  const now = async () => ({ ...(await states.look(look))[0], fresh: true });
  const first = eventId(context.actor.client, context.idempotencyKey, 0);
  let seen = isNew
    ? { state: rules.initialState, version: NONE, head: null, fresh: false }
    : await states.known(look);
  for (let attempt = 1; ;) {
    const done =
      isNew && !seen.fresh ? null : await states.versionOf(look, seen, first, context.since);
    if (done !== null) return repeated(store, stream, done, context, rules, await now());
    let events: readonly Event[];
    try {
      events = await decide(seen.state, seen.version);
    } catch (error) {
      if (seen.fresh) throw error;
      const later = await now();
      if (later.version === seen.version) throw error;
      seen = later;
      continue;
    }
    if (events.length === 0) {
      const { state, version, fresh } = seen;
      const later = fresh ? seen : await now();
      if (later.version === version)
        return { state, events, records: [], repeated: false, version };
      seen = later;
      continue;
    }
    try {
      const made = toNewEvents(events, context, rules.codec);
      const { records, repeated: again } = await appendOnce(store, stream, seen.version, made);
      const { state, version } = states.appended(look, seen, records, keep);
      return { state, version, events, records, repeated: again };
    } catch (error) {
      // A concurrent attempt of the same command came first: its records are found when the stream
      // is read again.
      const lost = error instanceof VersionConflict || error instanceof EventIdConflict;
      if (!lost || attempt++ >= attempts) throw error;
      seen = await now();
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
  rules: Rules<State, Event>,
): Promise<Folded<State>> {
  const [found] = await statesOf(store).look({ stream, rules });
  return found;
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

/** The state folded from records of one stream, in order. */
export function foldRecords<State, Event extends Fact>(
  rules: Rules<State, Event>,
  records: readonly StoredRecord[],
): State {
  let state = rules.initialState;
  for (const { body, hash: leaf } of records) {
    const { type, schema, data, version, time } = body;
    state = rules.evolve(state, rules.codec.upcast(type, schema, data), {
      version,
      hash: leaf,
      time,
    });
  }
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

/** Records that are read at once to find those of one command. */
const fewRecords = 16;

/** The records from `version` on that the command led to before. */
async function repeated<State, Event extends Fact>(
  store: EventStore,
  stream: string,
  version: number,
  { actor, idempotencyKey }: CommandContext,
  { codec }: Rules<State, Event>,
  now: Folded<State>,
): Promise<Outcome<State, Event>> {
  const mine: StoredRecord[] = [];
  for (let next = true; next;) {
    const page = await store.readStream(stream, version + mine.length, fewRecords);
    for (const record of page) {
      next = record.body.id === eventId(actor.client, idempotencyKey, mine.length);
      if (!next) break;
      mine.push(record);
    }
    next &&= page.length === fewRecords;
  }
  return {
    state: now.state,
    version: now.version,
    events: mine.map(({ body }) => codec.upcast(body.type, body.schema, body.data)),
    records: mine.map((record) => ToldRecord.found(record)),
    repeated: true,
  };
}
