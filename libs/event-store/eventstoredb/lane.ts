import { setTimeout as wait } from 'node:timers/promises';
import { answerTaken, EMPTY, type FormedRecord, formRecords, type Head } from '../forming.js';
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
  /** It went to the server, and nothing that was heard since says that it was not written. */
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
  /** As the server calls the stream. */
  readonly name: string;
  readonly stream: string;
  readonly session: Session;
  readonly hints: HeadHints;
  readonly patienceMs: number;
  /** Records of the stream from a version on, as the leader has them. */
  readonly read: (from: number, limit: number) => Promise<readonly StoredRecord[]>;
  /** The end of the stream, as the leader has it. */
  readonly readHead: () => Promise<Head>;
}

/** The server takes 1 MB at once by default, and one append of ours is never parted. */
const mostLetters = 200_000;
const mostRecords = 500;

/**
 * Appends to one stream, in the order in which they came. Those that follow each other go down together, whole or not at all; where the stream
 * has moved, each is judged alone by what the leader has. So a conflict of one is not another's.
 */
export class Lane {
  readonly #queue: Waiting[] = [];
  /** Where the stream ends, as the leader said since this lane began or last met a surprise. */
  #known: Head | undefined;
  /** The stream has moved, and does not show it, since then; what comes is asked again after a pause. In milliseconds. */
  #standstill: { readonly since: number; readonly pause: number } | undefined;

  constructor(private readonly options: LaneOptions) {}

  push(item: Waiting): void {
    this.#queue.push(item);
  }

  /** Answers every item, those that come meanwhile too; `emptied` is told in the same turn in which it finds no more. */
  async run(emptied: () => void): Promise<void> {
    while (this.#queue.length > 0) {
      try {
        await this.#step();
      } catch (error) {
        // What stands first could not be judged; what is behind it is tried by itself.
        const item = this.#queue.shift();
        const doubtful = item?.sent === true && !(error instanceof StoreDamaged);
        item?.reject(doubtful ? uncertain(this.options.stream, error) : error);
        this.#known = undefined;
      }
    }
    emptied();
  }

  /** Answers at least one item, or learns where the stream ends. */
  async #step(): Promise<void> {
    const { readHead } = this.options;
    const head = this.#known ?? this.#guess() ?? (this.#known = await readHead());
    const placed = this.#place(head);
    if (placed.length > 0) return this.#write(head, placed);
    if (this.#queue.length === 0) return;
    // A hint is no ground for a refusal.
    if (this.#known === undefined) this.#known = await readHead();
    else await this.#judge(this.#known);
  }

  /** Who means to begin a stream is believed until the server says otherwise. */
  #guess(): Head | undefined {
    const hint = this.options.hints.get(this.options.stream);
    return hint ?? (this.#queue[0]?.expected === NONE ? EMPTY : undefined);
  }

  /** Forms the records of the items that follow each other from `head` on; refuses, alone, an item that cannot be formed. */
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
      if (placed.length > 0 && (letters > mostLetters || count > mostRecords)) break;
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
        records: formed.map(({ version, id, hash }) => ({ version, id, hash })),
        repeated: false,
      });
  }

  /**
   * A record of another writer is judged by as soon as the leader has it, and read only when enough nodes have it. Until then the stream ends, for
   * whoever reads, where the append said, and the append is refused all the same.
   * @returns false where this has been so for as long as anybody waits
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

  /** One append to the server, the same one again while its outcome is not known, under the server's same ids. */
  async #send(
    head: Head,
    records: readonly Outgoing[],
    inDoubt: () => void,
  ): Promise<'written' | 'moved' | { readonly error: unknown }> {
    const { session, hints, name, stream, patienceMs } = this.options;
    const request = appendRequest(name, head.version, records);
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
            // As where somebody deleted the stream: the server then counts on from where it was, and takes it for new.
            if (verdict.end !== undefined && verdict.end !== String(head.version + records.length))
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
        // Behind a lost connection may be another server, with less in it.
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

  /** Answers the first item, whose place is not the end of the stream. */
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
