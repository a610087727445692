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
  | { readonly kind: 'wrong_version'; readonly current: number };

/** What the double reads: streams, and $all. */
export interface ReadableLog {
  /** Of $all. */
  readonly length: number;
  /** An event of $all; undefined behind its end. */
  at(index: number): DoubleEvent | undefined;
  /** The index of the first event at or behind `position`. */
  indexFrom(position: bigint): number;
  stream(name: string): readonly DoubleEvent[];
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
/** What an event takes in the server's log beside its data; any number makes positions that are not dense. */
const overhead = 97n;

/**
 * The double's log: streams, and $all. In memory; with a file, each append is one line of it, so that the double can be stopped and started
 * again. It is not synchronised to the disk: a double keeps nothing that anybody needs.
 */
export class DoubleLog implements ReadableLog {
  readonly all: DoubleEvent[] = [];
  readonly #streams = new Map<string, DoubleEvent[]>();
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

  stream(name: string): readonly DoubleEvent[] {
    return this.#streams.get(name) ?? [];
  }

  /** As the server does it: where the same ids stand at the place already, that is the answer; their content is not compared. */
  append(
    stream: string,
    expected: number | 'any' | 'exists',
    events: readonly NewDoubleEvent[],
  ): Written {
    const there = this.stream(stream);
    const current = there.length - 1;
    if (typeof expected === 'number' && expected !== current) {
      const before = there.slice(expected + 1, expected + 1 + events.length);
      const last = before.at(-1);
      if (before.length === events.length && before.every(({ id }, n) => id === events[n]?.id))
        if (last !== undefined)
          return { kind: 'written', revision: last.revision, position: last.position };
      return { kind: 'wrong_version', current };
    }
    if (expected === 'exists' && current < 0) return { kind: 'wrong_version', current };
    if (this.#file !== undefined)
      writeSync(this.#file, `${JSON.stringify({ stream, events: events.map(toLine) })}\n`);
    return this.#add(stream, events);
  }

  #add(stream: string, events: readonly NewDoubleEvent[]): Written {
    let list = this.#streams.get(stream);
    if (list === undefined) this.#streams.set(stream, (list = []));
    for (const event of events) {
      const stored = { ...event, stream, revision: list.length, position: this.#next };
      this.#next += overhead + BigInt(event.data.length + event.metadata.length);
      list.push(stored);
      this.all.push(stored);
    }
    const last = list.at(-1);
    return { kind: 'written', revision: last?.revision ?? -1, position: last?.position ?? 0n };
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

  /** Puts other bytes in the place of an event's: what a disk or a hand might do. */
  damage(position: bigint, change: (event: DoubleEvent) => DoubleEvent): void {
    const index = this.indexFrom(position);
    const event = this.all[index];
    if (event === undefined) return;
    const changed = change(event);
    this.all[index] = changed;
    const list = this.#streams.get(event.stream);
    if (list !== undefined) list[event.revision] = changed;
  }

  /** The next event stands at `position`. */
  skipTo(position: bigint): void {
    this.#next = position;
  }

  /** Forgets everything behind the first `count` events: an older copy. */
  rollBack(count: number): void {
    for (const event of this.all.splice(count).reverse()) this.#streams.get(event.stream)?.pop();
    const last = this.all.at(-1);
    this.#next =
      last === undefined
        ? firstPosition
        : last.position + overhead + BigInt(last.data.length + last.metadata.length);
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
