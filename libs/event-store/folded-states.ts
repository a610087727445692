import type { Fact, Instant } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import {
  begin,
  type Entry,
  type Folded,
  folded,
  foldOn,
  type Look,
  roughly,
  serves,
  startOf,
} from './folding.js';
import {
  type AppendedRecord,
  type EventStore,
  NONE,
  StoreDamaged,
  type StreamHead,
} from './port.js';
import { isBefore } from './recent-ids.js';

export interface FoldedStatesLimits {
  /** Streams that are kept at most. */
  readonly streams: number;
  /** About how many bytes their states take at most. */
  readonly bytes: number;
}

const usual: FoldedStatesLimits = { streams: 20_000, bytes: 32 * 1024 * 1024 };
/** What an entry takes beside its state. */
const overhead = 600;
/** Records read at once, so that a long stream is never in memory whole. */
const page = 512;
/** A repeated command is looked for backwards in pages of this many records. */
const searched = 256;

/**
 * States of streams by version, kept in this process for all who use one store object: what was
 * folded before is not read again, and what comes after it must be chained to it. Never an
 * authority: an append is judged by the store, and everything else that a decision rests on is
 * asked for afresh (`look`).
 */
export class FoldedStates {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(
    private readonly store: Pick<EventStore, 'readStream' | 'streamHeads'>,
    private readonly limits = usual,
  ) {}

  /** About how many bytes are kept, and of how many streams. */
  get size(): FoldedStatesLimits {
    return { streams: this.#entries.size, bytes: this.#bytes };
  }

  /**
   * The states as their streams are now, in order: one question for the ends of all of them, and
   * then only those are read that have grown.
   * @throws StoreDamaged where a stream no longer continues what was read of it
   */
  async look<States extends readonly unknown[]>(
    ...looks: { readonly [N in keyof States]: Look<States[N], Fact> }
  ): Promise<{ readonly [N in keyof States]: Folded<States[N]> }> {
    const known = looks.map((look) => this.#known(look));
    const heads = await this.store.streamHeads(looks.map(({ stream }) => stream));
    const found = await Promise.all(
      looks.map(async (look, n) => folded(await this.#upTo(look, known[n], heads[n] ?? null))),
    );
    return found as { readonly [N in keyof States]: Folded<States[N]> };
  }

  /** The state as this process knows it, read where it knows none; it may be out of date. */
  async known<State, Event extends Fact>(
    look: Look<State, Event>,
  ): Promise<Folded<State> & { readonly fresh: boolean }> {
    const known = this.#known(look);
    if (known !== undefined) {
      this.#touch(look.stream, known);
      return { ...folded(known), fresh: false };
    }
    if (look.last === undefined)
      return { ...folded(await this.#load(look, look.from ?? 0)), fresh: true };
    const [found] = await this.look(look);
    return { ...found, fresh: true };
  }

  /**
   * What an append of this process has made of a stream, so that it need not be read back.
   * @param keep whether a stream that was not kept yet is kept now
   */
  appended<State, Event extends Fact>(
    look: Look<State, Event>,
    before: Folded<State>,
    records: readonly AppendedRecord[],
    keep: boolean,
  ): Folded<State> {
    const { stream, rules, from = 0 } = look;
    const known = this.#known(look);
    // Where nothing is kept of a stream that had records, their ids would be missing.
    const base =
      known?.version === before.version
        ? known
        : keep && before.version < from
          ? begin(rules, from, before.version, before.head)
          : null;
    let { state } = before;
    let latest = base?.time ?? '';
    for (const { id, version, hash, text } of records) {
      // As it is stored and read back, and not as it was put together.
      const { type, schema, data, time } = JSON.parse(text) as RecordBody;
      state = rules.evolve(state, rules.codec.upcast(type, schema, data), { version, hash, time });
      base?.ids.add(id, version, time);
      latest = time;
    }
    const { version, hash: head } = records.at(-1) ?? {
      version: before.version,
      hash: before.head,
    };
    if (base !== null) {
      const bytes = rules.weigh?.(state) ?? base.bytes + roughly * records.length;
      this.#keep(stream, { ...base, state, version, head, time: latest, bytes });
    }
    return { state, version, head };
  }

  /**
   * The version of the record with an id, at the place where the state was folded or before; null
   * where there is none.
   * @param since records that are certainly older are not looked at; null where none can be, but
   *   for the last ones
   */
  async versionOf<State, Event extends Fact>(
    look: Look<State, Event>,
    { version }: Folded<State>,
    id: string,
    since: Instant | null | undefined,
  ): Promise<number | null> {
    const { stream, from = 0 } = look;
    const ids = this.#known(look)?.ids;
    const recent = ids?.versionOf(id);
    if (recent !== undefined) return recent;
    if (since === null) return null;
    if (ids !== undefined && since !== undefined && !ids.mayMiss(since)) return null;
    for (let end = ids?.keptFrom ?? version + 1; end > from;) {
      const begin = Math.max(from, end - searched);
      const records = await this.store.readStream(stream, begin, end - begin);
      const found = records.find(({ body }) => body.id === id);
      if (found !== undefined) return found.body.version;
      if (since !== undefined && records.every(({ body }) => isBefore(body.time, since)))
        return null;
      end = begin;
    }
    return null;
  }

  #known<State, Event extends Fact>(look: Look<State, Event>): Entry<State> | undefined {
    const entry = this.#entries.get(look.stream);
    return entry?.rules === look.rules && serves(entry, look) ? (entry as Entry<State>) : undefined;
  }

  async #upTo<State, Event extends Fact>(
    look: Look<State, Event>,
    known: Entry<State> | undefined,
    head: StreamHead | null,
  ): Promise<Entry<State>> {
    const { stream } = look;
    const end = head?.version ?? NONE;
    const start = startOf(look, end);
    if (known !== undefined) {
      const moved = end < known.version || (end === known.version && differs(known, head));
      if (moved)
        throw new StoreDamaged('store_damaged', 'a stream does not continue what was read of it', {
          stream,
          version: known.version,
        });
      if (end === known.version) {
        this.#touch(stream, known);
        return known.head === undefined ? { ...known, head: head?.hash ?? null } : known;
      }
    }
    // Meanwhile an append of this process, or another look, may have come further.
    const latest = this.#known(look);
    if (latest !== undefined && latest.version >= end) return latest;
    const base = latest ?? known;
    if (base === undefined && end < start) {
      const entry = begin(look.rules, start, end, head?.hash ?? null);
      this.#keep(stream, entry);
      return entry;
    }
    const read = await (base === undefined ? this.#load(look, start) : this.#readOn(look, base));
    if (read.version >= end) return read;
    throw new StoreDamaged('store_damaged', 'a stream ends before its last record', {
      stream,
      version: end,
    });
  }

  /** What the stream has beyond an entry. */
  async #readOn<State, Event extends Fact>(
    { stream, rules }: Look<State, Event>,
    base: Entry<State>,
  ): Promise<Entry<State>> {
    let entry = base;
    for (let more = true; more;) {
      const records = await this.store.readStream(stream, entry.version + 1, page);
      entry = foldOn(stream, rules, entry, records);
      more = records.length === page;
    }
    this.#keep(stream, entry);
    return entry;
  }

  /** @param from the first record that is folded */
  #load<State, Event extends Fact>(look: Look<State, Event>, from: number): Promise<Entry<State>> {
    return this.#readOn(look, begin(look.rules, from, from - 1, from === 0 ? null : undefined));
  }

  #touch(stream: string, entry: Entry): void {
    if (this.#entries.get(stream) !== entry) return;
    this.#entries.delete(stream);
    this.#entries.set(stream, entry);
  }

  #keep(stream: string, entry: Entry): void {
    const kept = this.#entries.get(stream);
    // What was folded from an earlier version on serves more; of equals, the later.
    if (
      kept !== undefined &&
      kept.rules === entry.rules &&
      (kept.from < entry.from || (kept.from === entry.from && kept.version > entry.version))
    )
      return;
    if (kept !== undefined) this.#drop(stream, kept);
    this.#entries.set(stream, entry);
    this.#bytes += entry.bytes + overhead;
    for (const [oldest, old] of this.#entries) {
      if (this.#bytes <= this.limits.bytes && this.#entries.size <= this.limits.streams) break;
      this.#drop(oldest, old);
    }
  }

  #drop(stream: string, entry: Entry): void {
    this.#entries.delete(stream);
    this.#bytes -= entry.bytes + overhead;
  }
}

const ofStores = new WeakMap<object, FoldedStates>();

/** The states that this process keeps of a store: one collection for each store object. */
export function statesOf(store: Pick<EventStore, 'readStream' | 'streamHeads'>): FoldedStates {
  let states = ofStores.get(store);
  if (states === undefined) {
    states = new FoldedStates(store);
    ofStores.set(store, states);
  }
  return states;
}

const differs = ({ head }: Entry, now: StreamHead | null): boolean =>
  head !== undefined && head !== (now?.hash ?? null);
