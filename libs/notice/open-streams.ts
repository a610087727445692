import { bookOf, subjectStream } from '#libs/subject';
import { type Caller, clientStream, operatorStream } from '#libs/identity';
import type { CasePlace } from './notices.js';
import type { EventStream } from './event-stream.js';

/** Streams that one caller may have open here: a page has one. The oldest makes room. */
export const maxOfOneCaller = 8;

/** The open streams of this process, by what they listen to. */
export class OpenStreams {
  readonly #all = new Set<EventStream>();
  readonly #byKey = new Map<string, Set<EventStream>>();
  readonly #byName = new Map<string, EventStream[]>();

  get size(): number {
    return this.#all.size;
  }
  [Symbol.iterator](): Iterator<EventStream> {
    return [...this.#all].values();
  }

  /** @returns the oldest stream of the caller, where it has too many now */
  add(stream: EventStream): EventStream | null {
    this.#all.add(stream);
    for (const key of keysOf(stream.caller)) {
      const those = this.#byKey.get(key) ?? new Set();
      this.#byKey.set(key, those.add(stream));
    }
    const own = [...(this.#byName.get(stream.name) ?? []), stream];
    this.#byName.set(stream.name, own);
    return own.length > maxOfOneCaller ? (own[0] ?? null) : null;
  }

  remove(stream: EventStream): void {
    this.#all.delete(stream);
    for (const key of keysOf(stream.caller)) {
      const those = this.#byKey.get(key);
      those?.delete(stream);
      if (those?.size === 0) this.#byKey.delete(key);
    }
    const own = (this.#byName.get(stream.name) ?? []).filter((one) => one !== stream);
    if (own.length === 0) this.#byName.delete(stream.name);
    else this.#byName.set(stream.name, own);
  }

  /** Those whose callers a record of this stream may change. */
  restingOn(recordStream: string): readonly EventStream[] {
    return this.#those(recordStream);
  }

  /** Those that may hear of a book. */
  ofBook(book: string): readonly EventStream[] {
    return this.#those(book);
  }

  /** Those that may hear of a case, its applicant's phones among them. */
  ofCase({ department, window, applicant }: CasePlace): readonly EventStream[] {
    return [
      ...this.#those(window === null ? windowsKey(department) : windowKey(department, window)),
      ...this.#those(departmentKey(department)),
      ...(applicant === null ? [] : this.#those(bookOf(applicant))),
    ];
  }

  #those(key: string): readonly EventStream[] {
    const those = this.#byKey.get(key);
    return those === undefined ? [] : [...those];
  }
}

// No stream of the ledger has a name with a space.
const windowKey = (department: string, window: string) =>
  `window ${JSON.stringify([department, window])}`;
const windowsKey = (department: string) => `windows ${department}`;
const departmentKey = (department: string) => `department ${department}`;

/** What a caller's stream listens to: what it rests on, and what it is told of. */
function keysOf(caller: Caller): readonly string[] {
  if (caller.is === 'phone') return [subjectStream(caller.subject), bookOf(caller.subject)];
  const { client, operator, kind, department, window } = caller;
  const own = operator === undefined ? [] : [operatorStream(operator.operator)];
  const told =
    kind === 'department'
      ? [departmentKey(department)]
      : window === null
        ? []
        : [windowKey(department, window), windowsKey(department)];
  return [clientStream(client), ...own, ...told];
}

/** Whether the caller, as it stands now, may be told of a case there. */
export function hearsOfCase(caller: Caller, { department, window, applicant }: CasePlace): boolean {
  if (caller.is === 'phone') return caller.subject === applicant;
  return (
    caller.scopes.has('cases:open') &&
    caller.department === department &&
    (caller.kind === 'department' ||
      (window === null ? caller.window !== null : caller.window === window))
  );
}

/** Whether the caller, as it stands now, is a phone of the book's subject. */
export const hearsOfBook = (caller: Caller, book: string): boolean =>
  caller.is === 'phone' && bookOf(caller.subject) === book;
