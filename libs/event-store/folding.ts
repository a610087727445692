import type { Fact, Instant } from '#libs/kernel';
import { StoreDamaged, type StoredRecord } from './port.js';
import { RecentIds } from './recent-ids.js';
import type { Codec } from './upcasting.js';

/** The record that an event is of. */
export interface RecordPlace {
  readonly version: number;
  /** Leaf hash, hexadecimal. */
  readonly hash: string;
  readonly time: Instant;
}

/**
 * How the records of a stream become a state. One object for all who fold it: what one of them
 * folded serves the others.
 */
export interface Rules<State, Event extends Fact> {
  readonly initialState: State;
  readonly codec: Codec<Event>;
  evolve(state: State, event: Event, place: RecordPlace): State;
  /**
   * The state before the record of a version, whatever came before it: only for rules that can be
   * folded from the middle of a stream on.
   */
  startAt?(version: number): State;
  /** About how many bytes a state takes; by default what its records take. */
  weigh?(state: State): number;
}

/** A state, and the record up to which it was folded: `NONE` and null where there is none. */
export interface Folded<State> {
  readonly state: State;
  readonly version: number;
  readonly head: string | null;
}

/** What of a stream matters: where nothing is said, all of it. Else its rules have `startAt`. */
export interface Part {
  /** Nothing before this version. */
  readonly from?: number;
  /** No more than the last so many records. */
  readonly last?: number;
  /** So many of them are enough where this process has them. */
  readonly least?: number;
}

/** A stream to look at. */
export interface Look<State, Event extends Fact> extends Part {
  readonly stream: string;
  readonly rules: Rules<State, Event>;
}

/** The first version that is folded of a stream that ends at `end`. */
export const startOf = ({ from = 0, last }: Part, end: number): number =>
  Math.max(from, last === undefined ? 0 : end - last + 1);

/** Whether an entry has what matters. */
export const serves = (
  { from: begun, version }: Pick<Entry, 'from' | 'version'>,
  { from = 0, last, least = last }: Part,
): boolean => begun <= from || (least !== undefined && version - begun + 1 >= least);

/** What is kept of a stream. */
export interface Entry<State = unknown> {
  readonly rules: unknown;
  /** Version of the first record that was folded. */
  readonly from: number;
  readonly state: State;
  readonly version: number;
  /** Null where the stream has no record; undefined where the record before `from` was not seen. */
  readonly head: string | null | undefined;
  readonly time: Instant;
  readonly ids: RecentIds;
  readonly bytes: number;
}

/** About how many bytes a record takes. */
export const roughly = 1500;

/** What others see of an entry. */
export const folded = <State>({ state, version, head }: Entry<State>): Folded<State> => ({
  state,
  version,
  head: head ?? null,
});

/** What is kept before anything was folded. */
export const begin = <State, Event extends Fact>(
  rules: Rules<State, Event>,
  from: number,
  version: number,
  head: string | null | undefined,
  state = from === 0 ? rules.initialState : (rules.startAt?.(from) ?? rules.initialState),
): Entry<State> => ({
  rules,
  from,
  state,
  version,
  head,
  time: '',
  ids: new RecentIds(from),
  bytes: 0,
});

/**
 * An entry with the records that follow it.
 * @throws StoreDamaged where they are not chained to what it was folded from
 */
export function foldOn<State, Event extends Fact>(
  stream: string,
  rules: Rules<State, Event>,
  entry: Entry<State>,
  records: readonly StoredRecord[],
): Entry<State> {
  if (records.length === 0) return entry;
  let { state, head, version, time, bytes } = entry;
  for (const { body, hash, bytes: stored } of records) {
    if (head !== undefined && body.prev !== head)
      throw new StoreDamaged(
        'store_damaged',
        'a record is not chained to the one before it in its stream',
        { stream, version: body.version },
      );
    const place = { version: ++version, hash, time: body.time };
    state = rules.evolve(state, rules.codec.upcast(body.type, body.schema, body.data), place);
    entry.ids.add(body.id, version, body.time);
    head = hash;
    time = body.time;
    bytes += stored.length;
  }
  return { ...entry, state, head, version, time, bytes: rules.weigh?.(state) ?? bytes };
}
