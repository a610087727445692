import { randomUUID } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What the double keeps of an event. `position` is commit and prepare position at once. */
export interface DoubleEvent {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface NewDoubleEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export type Written =
  | { readonly kind: 'written'; readonly revision: number; readonly position: bigint }
  | { readonly kind: 'wrong_version'; readonly current: number }
  | { readonly kind: 'deleted' };

/** What the double reads: streams, and $all. */
export interface ReadableLog {
  /** Of $all. */
  readonly length: number;
  /** An event of $all; undefined behind its end. */
  at(index: number): DoubleEvent | undefined;
  /** The index of the first event at or behind `position`. */
  indexFrom(position: bigint): number;
  stream(name: string): readonly DoubleEvent[];
  /** Deleted for good. */
  isTombstone?(name: string): boolean;
}

/** A log as far as it goes now. */
export function beginningOf(log: ReadableLog): ReadableLog {
  const { length } = log;
  const end = log.at(length - 1)?.position ?? 0n;
  return {
    length,
    at: (index) => (index < length ? log.at(index) : undefined),
    indexFrom: (position) => Math.min(length, log.indexFrom(position)),
    stream: (name) => log.stream(name).filter(({ position }) => position <= end),
  };
}

/** The first entry of the server's log is its own: no event stands at position 0. */
export const firstPosition = 1_487n;
/**
 * What an event takes in the server's log beside its data; any number makes positions that are not
 * dense.
 */
const overhead = 97n;

/** The first revision that is shown of a stream that was softly deleted. */
const nothingShown = Number.MAX_SAFE_INTEGER;

/**
 * The double's log: streams, and $all, in memory; with a file, each append is one line of it, so
 * that the double can be killed and started again. It is not synchronised to the disk: what it
 * acknowledged outlives the program, and not the machine.
 */
export class DoubleLog implements ReadableLog {
  readonly all: DoubleEvent[] = [];
  readonly #streams = new Map<string, DoubleEvent[]>();
  /** The first revision that a stream shows, where it was cut off or deleted. */
  readonly #shownFrom = new Map<string, number>();
  readonly #tombstones = new Set<string>();
  readonly #file: number | undefined;
  #next = firstPosition;

  constructor(file?: string) {
    if (file === undefined) return;
    if (existsSync(file))
      for (const line of readFileSync(file, 'utf8').split('\n')) if (line !== '') this.#load(line);
    appendFileSync(file, '');
    this.#file = openSync(file, 'a');
  }

  get length(): number {
    return this.all.length;
  }

  at(index: number): DoubleEvent | undefined {
    return this.all[index];
  }

  /**
   * What is read of a stream: nothing of one that was softly deleted, until something is appended
   * to it again.
   */
  stream(name: string): readonly DoubleEvent[] {
    const events = this.#streams.get(name) ?? [];
    const from = this.#shownFrom.get(name) ?? 0;
    return from === 0 ? events : events.filter(({ revision }) => revision >= from);
  }

  /** How many events were ever appended to a stream. */
  revisions(name: string): number {
    return this.#streams.get(name)?.length ?? 0;
  }

  /** Metadata of a stream are an event of the stream of its name behind `$$`. */
  setMetadata(stream: string, metadata: Readonly<Record<string, unknown>>): void {
    this.#write(`$$${stream}`, [ownEvent('$metadata', metadata)]);
  }

  /**
   * Softly: the events stay in $all, the stream reads as absent, and what is appended to it next is
   * numbered on.
   */
  deleteStream(stream: string): void {
    this.setMetadata(stream, { $tb: nothingShown });
  }

  /**
   * For good: nothing is read from it or appended to it again, and an event `$streamDeleted` stands
   * in it.
   */
  tombstone(stream: string): void {
    this.#write(stream, [ownEvent('$streamDeleted', {})]);
  }

  /** What the last event of a stream of the server's own says; null where there is none. */
  lastOf(stream: string): Readonly<Record<string, unknown>> | null {
    const last = this.#streams.get(stream)?.at(-1);
    return last === undefined ? null : metadataIn(Buffer.from(last.data).toString());
  }

  isTombstone(stream: string): boolean {
    return this.#tombstones.has(stream);
  }

  /**
   * As the server does it: where the same ids stand at the place already, that is the answer; their
   * content is not compared.
   */
  append(
    stream: string,
    expected: number | 'any' | 'exists',
    events: readonly NewDoubleEvent[],
  ): Written {
    if (this.#tombstones.has(stream)) return { kind: 'deleted' };
    const there = this.#streams.get(stream) ?? [];
    const current = there.length - 1;
    if (
      this.stream(stream).length === 0 &&
      current >= 0 &&
      (expected === -1 || expected === 'any')
    ) {
      // A stream that was softly deleted is taken for new.
      return this.#write(stream, events);
    }
    if (typeof expected === 'number' && expected !== current) {
      const before = there.slice(expected + 1, expected + 1 + events.length);
      const last = before.at(-1);
      if (before.length === events.length && before.every(({ id }, n) => id === events[n]?.id))
        if (last !== undefined)
          return { kind: 'written', revision: last.revision, position: last.position };
      return { kind: 'wrong_version', current };
    }
    if (expected === 'exists' && current < 0) return { kind: 'wrong_version', current };
    return this.#write(stream, events);
  }

  #write(stream: string, events: readonly NewDoubleEvent[]): Written {
    if (this.#file !== undefined)
      writeSync(this.#file, `${JSON.stringify({ stream, events: events.map(toLine) })}\n`);
    return this.#add(stream, events);
  }

  #add(stream: string, events: readonly NewDoubleEvent[]): Written {
    let list = this.#streams.get(stream);
    if (list === undefined) this.#streams.set(stream, (list = []));
    // What is appended to a stream that was softly deleted is shown from now on.
    if (this.#shownFrom.get(stream) === nothingShown) this.#shownFrom.set(stream, list.length);
    for (const event of events) {
      const stored = { ...event, stream, revision: list.length, position: this.#next };
      this.#next += overhead + BigInt(event.data.length + event.metadata.length);
      list.push(stored);
      this.all.push(stored);
    }
    const last = list.at(-1);
    if (last?.type === '$streamDeleted') this.#tombstones.add(stream);
    if (stream.startsWith('$$') && last !== undefined) this.#setWhatIsShown(stream.slice(2));
    return { kind: 'written', revision: last?.revision ?? -1, position: last?.position ?? 0n };
  }

  #setWhatIsShown(stream: string): void {
    const before = this.lastOf(`$$${stream}`)?.['$tb'];
    if (typeof before === 'number') this.#shownFrom.set(stream, before);
    else this.#shownFrom.delete(stream);
  }

  indexFrom(position: bigint): number {
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.all[middle]?.position ?? 0n) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Puts other bytes in the place of an event's, where it is found by the stream that it had: what
   * a disk or a hand might do.
   */
  damage(position: bigint, change: (event: DoubleEvent) => DoubleEvent): void {
    const index = this.indexFrom(position);
    const event = this.all[index];
    if (event === undefined) return;
    const changed = change(event);
    this.all[index] = changed;
    const list = this.#streams.get(event.stream);
    if (list !== undefined) list[event.revision] = changed;
  }

  /**
   * Replaces all events, as is possible with access to the server's disk. They are read in the
   * order of their positions, each stream in that of its revisions; a file that keeps the log is
   * left unchanged.
   */
  replace(events: readonly DoubleEvent[]): void {
    this.all.splice(0, this.all.length, ...events);
    this.all.sort((one, other) => Number(one.position - other.position));
    this.#streams.clear();
    for (const event of this.all) {
      const list = this.#streams.get(event.stream);
      if (list === undefined) this.#streams.set(event.stream, [event]);
      else list.push(event);
    }
    for (const list of this.#streams.values())
      list.sort((one, other) => one.revision - other.revision);
    const last = this.all.at(-1);
    this.#next =
      last === undefined
        ? firstPosition
        : last.position + overhead + BigInt(last.data.length + last.metadata.length);
  }

  /** The next event stands at `position`. */
  skipTo(position: bigint): void {
    this.#next = position;
  }

  /** Forgets everything behind the first `count` events: an older copy. */
  rollBack(count: number): void {
    this.replace(this.all.slice(0, count));
  }

  #load(line: string): void {
    const { stream, events } = JSON.parse(line) as { stream: string; events: Line[] };
    this.#add(
      stream,
      events.map(({ data, metadata, ...rest }) => ({
        ...rest,
        data: Buffer.from(data, 'base64'),
        metadata: Buffer.from(metadata, 'base64'),
      })),
    );
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

/** As the server writes an event of its own. */
export const ownEvent = (
  type: string,
  content: Readonly<Record<string, unknown>>,
): NewDoubleEvent => ({
  id: randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(JSON.stringify(content)),
  metadata: new Uint8Array(),
});

interface Line {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: string;
  readonly metadata: string;
}

const toLine = ({ data, metadata, ...rest }: NewDoubleEvent): Line => ({
  ...rest,
  data: Buffer.from(data).toString('base64'),
  metadata: Buffer.from(metadata).toString('base64'),
});

/** What is no JSON object sets nothing. */
function metadataIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
