import { setTimeout as wait } from 'node:timers/promises';
import type { EventStore, Position, PositionedRecord } from '#libs/event-store';
import type { Caller } from '#libs/identity';
import { ProductError } from '#libs/kernel';
import { type Log, unexpected } from '#libs/platform';
import type { BoardPosition } from './board-position.js';
import type { EventStream } from './event-stream.js';
import { EventStreamOver } from './notice.errors.js';
import { type BoardChange, type Notice, noticeOf } from './notices.js';
import { hearsOfBook, hearsOfCase, type OpenStreams } from './open-streams.js';
import type { PlacedCase, Places } from './places.js';

/** A change of the board that its read model may not have yet. */
interface Unfolded {
  readonly position: Position;
  readonly change: BoardChange;
  readonly place: PlacedCase;
  /** The one stream that is still to be told; null where all are. */
  readonly only: EventStream | null;
  readonly since: number;
}

interface Missed {
  readonly records: readonly PositionedRecord[];
  readonly upTo: Position;
}

const pageSize = 1000;
/** Pages that are read again for one that resumes; whoever missed more reads everything anew. */
const maxPages = 5;
/** Streams that are caught up at once. */
const maxReplays = 4;
/** Milliseconds between two looks at how far the board is, while one is waited for. */
const boardEveryMs = 40;
/** Milliseconds after which a change is told although the board may not have it. */
const boardPatienceMs = 5000;

/**
 * Follows the feed for all open streams of this process, and tells each what concerns it. A record
 * is told at once; that the board has it, when its read model has.
 */
export class Follower {
  /** The last record that was told, or is being told. */
  #position: Position | null = null;
  #following: Promise<void> | null = null;
  #stopping = new AbortController();
  #began = Promise.withResolvers<undefined>();
  readonly #unfolded: Unfolded[] = [];
  #folding = false;
  #replays = 0;
  readonly #replayQueue: (() => void)[] = [];

  constructor(
    private readonly store: Pick<EventStore, 'head' | 'readAll' | 'subscribe'>,
    private readonly places: Places,
    private readonly streams: OpenStreams,
    private readonly board: BoardPosition,
    private readonly log: Log,
  ) {}

  /** Begins to follow where it does not yet. */
  async start(): Promise<void> {
    this.#following ??= this.#follow(this.#stopping.signal);
    await this.#began.promise;
  }

  /** Nobody listens any more. */
  stop(): void {
    this.#stopping.abort();
    this.#began.resolve(undefined);
    this.#stopping = new AbortController();
    this.#began = Promise.withResolvers<undefined>();
    this.#following = null;
    this.#position = null;
  }

  /**
   * Opens a stream: `open` is its first event, and what it missed since `from` follows.
   * @param from the position of its last event; null where it has none that counts
   */
  async join(stream: EventStream, from: Position | null): Promise<void> {
    await this.start();
    const missed = from === null ? null : await this.#oneOfFew(() => this.#missed(stream, from));
    stream.send('open', { resumed: missed !== null }, missed === null ? this.#position : from);
    let at = missed?.upTo ?? this.#position;
    for (const record of missed?.records ?? []) await this.#tell(record, stream);
    // What was recorded meanwhile, until the follower tells all that comes.
    while (at !== null && at < (this.#position ?? at))
      for (const record of await this.store.readAll(at, pageSize)) {
        if (await this.#concerns(stream, record)) await this.#tell(record, stream);
        at = record.position;
      }
    stream.position = at;
  }

  async #follow(stopping: AbortSignal): Promise<void> {
    const isOver = () => stopping.aborted;
    while (!isOver()) {
      try {
        const head = await this.store.head();
        if (isOver()) return;
        this.#position = head;
        this.#began.resolve(undefined);
        for await (const page of this.store.subscribe(head, stopping))
          for (const record of page) {
            if (isOver()) return;
            await this.#tell(record, null);
          }
        if (isOver()) return;
        this.#lost(new EventStreamOver('event_stream_closed', closed));
      } catch (error) {
        if (isOver()) return;
        this.log.error(unexpected(error), 'events_interrupted');
        this.#lost(error);
      }
      await wait(1000, undefined, { signal: stopping }).catch(() => undefined);
    }
  }

  /** Nothing is told that was not followed: every stream ends, and its caller resumes. */
  #lost(error: unknown): void {
    for (const stream of this.streams) stream.end(endBy(error));
  }

  async #tell(record: PositionedRecord, only: EventStream | null): Promise<void> {
    const { position } = record;
    const notice = noticeOf(record);
    const place = notice === null ? null : await this.places.of(notice);
    if (only === null) this.#position = position;
    const meant = (those: readonly EventStream[]) =>
      only === null ? those.filter((each) => isAfter(position, each)) : those.filter(is(only));
    const told: Promise<void>[] = [];
    if (only === null)
      for (const stream of this.streams.restingOn(record.body.stream))
        told.push(this.#look(stream));
    if (notice?.of === 'consent') {
      const { consent, book, forHolder, forWindow } = notice;
      for (const stream of meant(this.streams.ofBook(book)))
        told.push(
          this.#send(stream, (caller) => hearsOfBook(caller, book), {
            event: 'consent',
            data: { consent, state: forHolder },
            upTo: position,
          }),
        );
      if (place !== null && forWindow !== null)
        for (const stream of meant(this.streams.ofCase(place)))
          told.push(
            this.#send(stream, (caller) => hearsOfCase(caller, place), {
              event: 'consent',
              data: { case: place.case, consent, state: forWindow },
              upTo: this.#unfolded.length === 0 && !notice.onBoard ? position : null,
            }),
          );
    }
    const change = notice === null ? null : boardChange(notice);
    const boards = place === null ? null : boardsOf(place, change);
    if (boards !== null && change !== null && meant(this.streams.ofCase(boards)).length > 0)
      this.#unfolded.push({ position, change, place: boards, only, since: performance.now() });
    await Promise.all(told);
    void this.#fold();
  }

  /** Tells that the board has what it shows, in the order of the records. */
  async #fold(): Promise<void> {
    if (this.#folding) return;
    this.#folding = true;
    for (let first = this.#unfolded[0]; first !== undefined; first = this.#unfolded[0]) {
      const upTo = await this.board.position().catch(() => null);
      const late = performance.now() - first.since > boardPatienceMs;
      if (upTo === null || upTo < first.position)
        if (!late) {
          await wait(boardEveryMs);
          continue;
        }
      await this.#tellFolded(first);
      this.#unfolded.shift();
    }
    this.#folding = false;
  }

  async #tellFolded({ position, change, place, only }: Unfolded): Promise<void> {
    const those = this.streams.ofCase(place);
    await Promise.all(
      those.filter(only === null ? (each) => isAfter(position, each) : is(only)).map((stream) =>
        this.#send(stream, (caller) => hearsOfCase(caller, place), {
          event: 'case',
          data: { case: place.case, change },
          upTo: position,
        }),
      ),
    );
  }

  /** What a stream rests on has moved. */
  async #look(stream: EventStream): Promise<void> {
    stream.standing.forget();
    await this.#send(stream, () => false, null);
  }

  async #send(
    stream: EventStream,
    hears: (caller: Caller) => boolean,
    what: {
      readonly event: 'case' | 'consent';
      readonly data: Readonly<Record<string, string>>;
      readonly upTo: Position | null;
    } | null,
  ): Promise<void> {
    try {
      const caller = await stream.standing.again();
      if (what !== null && hears(caller)) stream.send(what.event, what.data, what.upTo);
    } catch (error) {
      if (!(error instanceof ProductError)) this.log.error(unexpected(error), 'event_not_told');
      stream.end(endBy(error));
    }
  }

  /**
   * The records since `from` that concern a stream; null where there are too many to look through.
   */
  async #missed(stream: EventStream, from: Position): Promise<Missed | null> {
    const records: PositionedRecord[] = [];
    let upTo = from;
    for (let n = 0; n < maxPages && !stream.isOver; n++) {
      const page = await this.store.readAll(upTo, pageSize);
      for (const record of page) if (await this.#concerns(stream, record)) records.push(record);
      upTo = page.at(-1)?.position ?? upTo;
      if (page.length < pageSize) return { records, upTo };
    }
    return null;
  }

  async #concerns(stream: EventStream, record: PositionedRecord): Promise<boolean> {
    const notice = noticeOf(record);
    if (notice === null) return false;
    const { caller } = stream;
    if (notice.of === 'consent' && caller.is === 'phone') return hearsOfBook(caller, notice.book);
    const place = await this.places.of(notice);
    return place !== null && hearsOfCase(caller, boardsOf(place, boardChange(notice)));
  }

  async #oneOfFew<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#replays >= maxReplays) await new Promise<void>((go) => this.#replayQueue.push(go));
    else this.#replays++;
    try {
      return await work();
    } finally {
      const next = this.#replayQueue.shift();
      if (next === undefined) this.#replays--;
      else next();
    }
  }
}

const closed = 'this process follows the ledger no more';

/** The problem that a stream ends by. */
const endBy = (error: unknown): ProductError =>
  error instanceof ProductError
    ? (error as ProductError)
    : new EventStreamOver('event_stream_closed', closed, {}, { cause: error });

const isAfter = (position: Position, { position: told }: EventStream): boolean =>
  told !== null && position > told;
const is = (only: EventStream) => (each: EventStream) => each === only;

/**
 * What a window takes leaves the list of all windows of its department, what it gives back returns
 * to it.
 */
const boardsOf = (place: PlacedCase, change: BoardChange | null): PlacedCase =>
  change === 'taken' ? { ...place, window: null } : place;

function boardChange(notice: Notice): BoardChange | null {
  if (notice.of === 'case') return notice.change;
  return notice.onBoard ? 'consent' : null;
}
