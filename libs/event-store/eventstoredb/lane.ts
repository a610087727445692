import { setTimeout as wait } from 'node:timers/promises';
import {
  answerTaken,
  EMPTY,
  type FormedRecord,
  formRecords,
  type Head,
  ToldRecord,
} from '../forming.js';
import type { HeadHints } from '../heads.js';
import {
  type Appended,
  AppendUncertain,
  type NewEvent,
  NONE,
  StoreDamaged,
  type StoredRecord,
  VersionConflict,
} from '../port.js';
import { NoAnswer } from './connection.js';
import { appendRequest, type Outgoing } from './requests.js';
import { type Session, unreachable } from './session.js';

/** An append that waits for its answer. */
export interface Waiting {
  readonly expected: number;
  readonly events: readonly NewEvent[];
  /** It was sent, and no answer since proves that it was not written. */
  sent: boolean;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

interface Placed {
  readonly item: Waiting;
  readonly records: readonly FormedRecord[];
}

export interface LaneOptions {
  readonly city: string;
  /** The server's name of the stream. */
  readonly name: string;
  readonly stream: string;
  readonly session: Session;
  readonly hints: HeadHints;
  readonly patienceMs: number;
  /** Records of the stream from a version on, as the leader has them. */
  readonly read: (from: number, limit: number) => Promise<readonly StoredRecord[]>;
  /** The end of the stream, as the leader has it. @throws StoreDamaged where it was deleted */
  readonly readHead: () => Promise<Head>;
  /** The end of a stream believed to be new. @throws StoreDamaged where it was deleted */
  readonly readAbsent: () => Promise<Head>;
  /** The server's number of a version's record: it counts excluded events, too. */
  readonly revisionOf: (version: number) => number;
}

/** The server accepts 1 MB at once by default, and one append is never split. */
const maxLetters = 200_000;
const maxRecords = 500;

/**
 * Appends to one stream, in order of arrival; consecutive ones are sent together, atomically. Where
 * the stream has moved, each is judged alone by the leader's state, so that one conflict does not
 * fail another append.
 */
export class Lane {
  readonly #queue: Waiting[] = [];
  /**
   * The end of the stream by the leader, read when this lane began or after the last unexpected
   * answer.
   */
  #known: Head | undefined;
  /**
   * Since when the stream has moved without showing it; requests are repeated after a pause. In
   * milliseconds.
   */
  #standstill: { readonly since: number; readonly pause: number } | undefined;

  constructor(private readonly options: LaneOptions) {}

  push(item: Waiting): void {
    this.#queue.push(item);
  }

  /**
   * Answers every item, those that arrive meanwhile too; `emptied` is called in the same turn in
   * which the queue is found empty.
   */
  async run(emptied: () => void): Promise<void> {
    while (this.#queue.length > 0) {
      try {
        await this.#step();
      } catch (error) {
        // The first item could not be judged; those after it are tried by themselves.
        const item = this.#queue.shift();
        const doubtful = item?.sent === true && !(error instanceof StoreDamaged);
        item?.reject(doubtful ? uncertain(this.options.stream, error) : error);
        this.#known = undefined;
      }
    }
    emptied();
  }

  /** Answers at least one item, or reads the end of the stream. */
  async #step(): Promise<void> {
    const { readHead, readAbsent, hints, stream } = this.options;
    const begins = this.#queue[0]?.expected === NONE;
    // A caller that expects a new stream is believed until the server contradicts it, unless the
    // stream was deleted.
    const head =
      this.#known ??
      hints.get(stream) ??
      (begins ? await readAbsent() : (this.#known = await readHead()));
    const placed = this.#place(head);
    if (placed.length > 0) return this.#write(head, placed);
    if (this.#queue.length === 0) return;
    // A hint is not enough to refuse an append.
    if (this.#known === undefined) this.#known = await readHead();
    else await this.#judge(this.#known);
  }

  /**
   * Forms the records of the items that follow each other from `head` on; refuses, alone, an item
   * that cannot be formed.
   */
  #place(head: Head): Placed[] {
    const placed: Placed[] = [];
    let end = head;
    let letters = 0;
    let count = 0;
    for (let next = 0; next < this.#queue.length;) {
      const item = this.#queue[next] as Waiting;
      if (item.expected !== end.version) break;
      let records: readonly FormedRecord[];
      try {
        records = formRecords(this.options.city, this.options.stream, end, item.events);
      } catch (error) {
        this.#queue.splice(next, 1);
        item.reject(error);
        continue;
      }
      for (const { leaf } of records) letters += leaf.length;
      count += records.length;
      if (placed.length > 0 && (letters > maxLetters || count > maxRecords)) break;
      placed.push({ item, records });
      end = headAfter(records) ?? end;
      next++;
    }
    return placed;
  }

  async #write(head: Head, placed: readonly Placed[]): Promise<void> {
    const { hints, stream } = this.options;
    const records = placed.flatMap(({ item, records: formed }) =>
      formed.map((record, n): Outgoing => ({ record, type: item.events[n]?.type ?? '' })),
    );
    const outcome = await this.#send(head, records, () => {
      for (const { item } of placed) item.sent = true;
    });
    if (outcome === 'moved') {
      this.#known = await this.options.readHead();
      if (await this.#mayGoOn(head, this.#known)) return;
    } else this.#standstill = undefined;
    this.#queue.splice(0, placed.length);
    if (outcome !== 'written') {
      this.#known = undefined;
      const error = outcome === 'moved' ? unreachable() : outcome.error;
      for (const { item } of placed)
        item.reject(outcome === 'moved' && item.sent ? uncertain(stream, error) : error);
      return;
    }
    this.#known = headAfter(records.map(({ record }) => record));
    if (this.#known !== undefined) hints.seen(stream, this.#known);
    for (const { item, records: formed } of placed)
      item.resolve({
        stream,
        records: formed.map((record) => ToldRecord.formed(record)),
        repeated: false,
      });
  }

  /**
   * Another writer's record counts as soon as the leader has it, and can be read only when enough
   * nodes have it. Until then readers see the end that the append expected, and the append is
   * refused all the same.
   * @returns false where this has lasted for as long as any append may wait
   */
  async #mayGoOn(named: Head, found: Head): Promise<boolean> {
    if (found.version !== named.version || found.hash !== named.hash) {
      this.#standstill = undefined;
      return true;
    }
    const { since, pause } = (this.#standstill ??= { since: performance.now(), pause: 20 });
    if (performance.now() + pause > since + this.options.patienceMs) {
      this.#standstill = undefined;
      return false;
    }
    this.#standstill = { since, pause: Math.min(2 * pause, 500) };
    await wait(pause);
    return true;
  }

  /** Sends one append, repeated under the same ids while its outcome is unknown. */
  async #send(
    head: Head,
    records: readonly Outgoing[],
    inDoubt: () => void,
  ): Promise<'written' | 'moved' | { readonly error: unknown }> {
    const { session, hints, name, stream, patienceMs, revisionOf } = this.options;
    const expected = revisionOf(head.version + 1) - 1;
    const request = appendRequest(name, expected, records);
    let lostAt: number | undefined;
    let sent = false;
    let cause: unknown;
    for (let pause = 20; ; pause = Math.min(2 * pause, 500)) {
      try {
        const waited = lostAt === undefined ? 0 : performance.now() - lostAt;
        const verdict = await session.append(request, patienceMs - waited);
        switch (verdict.kind) {
          case 'written':
            if (verdict.commit !== undefined && /^\d{1,18}$/.test(verdict.commit))
              session.acknowledged(BigInt(verdict.commit));
            // As where the stream was deleted: the server then continues its numbering, and treats
            // the stream as new.
            if (verdict.end !== undefined && verdict.end !== String(expected + records.length))
              return { error: elsewhere(stream) };
            return 'written';
          case 'moved':
            return 'moved';
          case 'never':
            return { error: verdict.error };
          case 'unknown':
            sent = true;
            break;
          case 'busy':
          case 'not_ready':
            break;
        }
      } catch (error) {
        // After a lost connection the server may be another one with fewer events.
        hints.clear();
        if (error instanceof StoreDamaged) return { error };
        if (!(error instanceof NoAnswer)) return { error: sent ? uncertain(stream, error) : error };
        sent ||= error.sent;
        cause = error;
      }
      if (sent) inDoubt();
      lostAt ??= performance.now();
      if (performance.now() + pause > lostAt + patienceMs)
        return { error: sent ? uncertain(stream, cause) : unreachable(cause) };
      await wait(pause);
    }
  }

  /** Answers the first item, whose expected version is not the end of the stream. */
  async #judge(head: Head): Promise<void> {
    const { stream, read } = this.options;
    const item = this.#queue[0];
    if (item === undefined) return;
    const { expected, events } = item;
    const found = expected < head.version ? await read(expected + 1, events.length) : [];
    this.#queue.shift();
    try {
      if (expected >= head.version) throw new VersionConflict(stream, expected);
      item.resolve(answerTaken(stream, expected, events, found));
    } catch (error) {
      item.reject(error);
    }
  }
}

const headAfter = (records: readonly FormedRecord[]): Head | undefined => {
  const last = records.at(-1);
  return last && { version: last.version, hash: last.hash };
};

export const headOf = (last: StoredRecord | undefined): Head =>
  last === undefined ? EMPTY : { version: last.body.version, hash: last.hash };

const elsewhere = (stream: string) =>
  new StoreDamaged(
    'store_damaged',
    'a record was written to a place of its stream that is not its own: records before it are gone',
    { stream },
  );

const uncertain = (stream: string, cause: unknown) =>
  new AppendUncertain(
    'append_uncertain',
    'the append was sent, and its outcome is not known',
    { stream },
    { cause, retryAfterSeconds: 1 },
  );
