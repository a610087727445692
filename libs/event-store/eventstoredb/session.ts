import { setTimeout as wait } from 'node:timers/promises';
import type { ClientReadableStream } from '@grpc/grpc-js';
import type {
  BatchAppendReq,
  ReadReq,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { type Position, START, StoreDamaged, StoreUnavailable } from '../port.js';
import { AppendCall } from './append-call.js';
import { Silence, within } from './clock.js';
import { Connection, meaningOf, NoAnswer } from './connection.js';
import { Gate } from './gate.js';
import { eventOf } from './records.js';
import { endRequest } from './requests.js';
import type { StoreAddress } from './url.js';
import type { Verdict } from './verdict.js';

type Recorded = ReadResp.ReadEvent.RecordedEvent;

export interface SessionOptions {
  /** How long reads try again while no node answers, in milliseconds: longer than the election of a leader takes. */
  readonly readPatienceMs: number;
  /** How long one append may stay unanswered before its outcome is held to be unknown, in milliseconds. */
  readonly answerMs: number;
  /** How long a read may wait for the next event, in milliseconds: longer than a search through others' events takes. */
  readonly silenceMs: number;
}

/** Servers allow a hundred calls on one connection; some are subscriptions. */
const mostReads = 64;
/** What is under way at once is what is in doubt when the connection breaks, and what an answer waits behind. */
const mostAppends = 256;

/** All traffic with the server: appends through one call that is opened again when it breaks, reads through one call each. */
export class Session {
  readonly #connection: Connection;
  #call: Promise<AppendCall> | undefined;
  /** Highest position that was acknowledged here; a server that ends before it has lost records. */
  #acknowledged: Position = START;
  /** The connection was lost since: before the next append, the server shows that it still has what it acknowledged. */
  #doubt = false;
  #damaged: StoreDamaged | undefined;
  #ended = false;
  readonly #reads = new Gate(mostReads);
  readonly #appends = new Gate(mostAppends);

  constructor(
    address: StoreAddress,
    private readonly options: SessionOptions,
  ) {
    this.#connection = new Connection(address);
  }

  /**
   * @param patienceMs how long a node may be looked for
   * @throws NoAnswer; StoreUnavailable where no node was found in that time; StoreDamaged
   */
  async append(request: BatchAppendReq, patienceMs: number): Promise<Verdict> {
    const call = await within(this.#open(), patienceMs, unreachable);
    return this.#appends.pass(() => call.send(request));
  }

  acknowledged(position: Position): void {
    if (position > this.#acknowledged) this.#acknowledged = position;
  }

  async #open(): Promise<AppendCall> {
    for (;;) {
      if (this.#damaged !== undefined) throw this.#damaged;
      const opening = (this.#call ??= this.#newCall());
      const call = await opening.catch((error: unknown) => {
        if (this.#call === opening) this.#call = undefined;
        throw meaningOf(error, false);
      });
      if (!call.isOver) return call;
      if (this.#call === opening) this.#call = undefined;
      this.#doubt = true;
    }
  }

  async #newCall(): Promise<AppendCall> {
    if (this.#doubt) {
      await this.#checkNothingIsLost();
      this.#doubt = false;
    }
    const call = await this.#connection.batchAppend();
    return new AppendCall(call, this.options.answerMs, () => void this.#connection.leave(call));
  }

  /** A server that ends before what it acknowledged is an old copy, and nothing may be added to it. */
  async #checkNothingIsLost(): Promise<void> {
    if (this.#acknowledged === START) return;
    const [last] = await this.#once(endRequest(), 1, this.options.readPatienceMs);
    if (last !== undefined && BigInt(last.getCommitPosition()) >= this.#acknowledged) return;
    this.#damaged = new StoreDamaged(
      'store_damaged',
      'the event store ends before records that it acknowledged',
    );
    throw this.#damaged;
  }

  /**
   * The events that answer `request`, at most `limit`. Where no node answers, it is asked again for a while: a new leader takes a moment.
   * @throws StoreUnavailable, StoreDamaged
   */
  async read(request: ReadReq, limit: number): Promise<readonly Recorded[]> {
    const until = performance.now() + this.options.readPatienceMs;
    for (let pause = 0; ; pause = Math.min(2 * pause + 20, 500)) {
      try {
        return await this.#once(request, limit, until - performance.now());
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (this.#ended || performance.now() + pause > until) throw unreachable(error);
        await wait(pause);
      }
    }
  }

  /** A node is looked for before the gate, by all at once: behind it they would wait for one another. */
  async #once(request: ReadReq, limit: number, patienceMs: number): Promise<readonly Recorded[]> {
    await this.#connection.ready(patienceMs);
    return this.#reads.pass(() => this.#answerTo(request, limit));
  }

  async #answerTo(request: ReadReq, limit: number): Promise<readonly Recorded[]> {
    const call = await this.#connection.read(request);
    let silence: Silence | undefined;
    return new Promise<readonly Recorded[]>((resolve, reject) => {
      silence = new Silence(this.options.silenceMs, () => {
        reject(new NoAnswer(false, undefined));
        call.cancel();
      });
      const events: Recorded[] = [];
      call.on('data', (response: ReadResp) => {
        silence?.heard();
        try {
          const event = eventOf(response);
          if (event === undefined) return;
          events.push(event);
          if (events.length < limit) return;
        } catch (error) {
          reject(error instanceof StoreDamaged ? error : new NoAnswer(false, error));
        }
        call.cancel();
        resolve(events);
      });
      call.on('end', () => {
        resolve(events);
      });
      call.on('error', (error) => {
        reject(meaningOf(error, false));
      });
    }).finally(() => silence?.end());
  }

  /** @throws NoAnswer, StoreUnavailable */
  async subscribe(request: ReadReq): Promise<ClientReadableStream<ReadResp>> {
    await this.#connection.ready(this.options.readPatienceMs);
    return this.#connection.read(request);
  }

  async end(): Promise<void> {
    this.#ended = true;
    // One that is being opened is not waited for: where no node is found, that takes long.
    void this.#call?.then(
      (call) => {
        call.end();
      },
      () => undefined,
    );
    await this.#connection.end();
  }
}

export const unreachable = (cause?: unknown) =>
  new StoreUnavailable(
    'store_unreachable',
    'the event store does not answer',
    {},
    { cause, retryAfterSeconds: 2 },
  );
