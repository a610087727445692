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
  /**
   * How long reads are retried while no node answers, in milliseconds: longer than the election of
   * a leader takes.
   */
  readonly readPatienceMs: number;
  /**
   * How long one append may stay unanswered before its outcome counts as unknown, in milliseconds.
   */
  readonly answerMs: number;
  /**
   * How long a read may wait for the next event, in milliseconds: longer than a search through
   * others' events takes.
   */
  readonly silenceMs: number;
}

/** Servers allow a hundred calls on one connection; some are subscriptions. */
const maxReads = 64;
/**
 * All pending appends are in doubt when the connection breaks, and each answer waits behind them.
 */
const maxAppends = 256;

/** A node was connected, and its answer did not arrive or is incomplete. */
class AnswerLost extends NoAnswer {}

/**
 * All traffic with the server: appends through one call that is reopened when it breaks, reads
 * through one call each.
 */
export class Session {
  readonly #connection: Connection;
  #call: Promise<AppendCall> | undefined;
  /**
   * Highest position that was acknowledged here; a server whose log ends before it has lost
   * records.
   */
  #acknowledged: Position = START;
  /**
   * The connection was lost: before the next append, the server must show that it still has what it
   * acknowledged.
   */
  #doubt = false;
  #ended = false;
  readonly #reads = new Gate(maxReads);
  readonly #appends = new Gate(maxAppends);

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

  /**
   * A server whose log ends before what it acknowledged is an old copy, to which nothing may be
   * appended.
   */
  async #checkNothingIsLost(): Promise<void> {
    if (this.#acknowledged === START) return;
    this.#mustReach(
      this.#acknowledged,
      await this.#once(endRequest(), 1, this.options.readPatienceMs),
    );
  }

  #mustReach(acknowledged: Position, [last]: readonly Recorded[]): void {
    const end = last === undefined ? START : BigInt(last.getCommitPosition());
    if (end >= acknowledged) return;
    // The connection may still work: appends wait until the server was checked again.
    this.#doubt = true;
    this.#endCall();
    throw new StoreDamaged(
      'store_damaged',
      `the event store ends before records that it acknowledged (at ${end}, and it acknowledged ${acknowledged})`,
      { end: String(end), acknowledged: String(acknowledged) },
    );
  }

  /**
   * @throws StoreUnavailable; StoreDamaged where the server's log ends before what it acknowledged
   *   here
   */
  async probe(): Promise<void> {
    const acknowledged = this.#acknowledged;
    this.#mustReach(acknowledged, await this.read(endRequest(), 1));
  }

  /**
   * The events that answer `request`, at most `limit`. Where no node answers, it retries for a
   * while, because an election takes a moment.
   * @throws StoreUnavailable, StoreDamaged
   */
  async read(request: ReadReq, limit: number): Promise<readonly Recorded[]> {
    const { readPatienceMs } = this.options;
    let until = performance.now() + readPatienceMs;
    let lost = false;
    for (let pause = 0; ; pause = Math.min(2 * pause + 20, 500)) {
      try {
        return await this.#once(request, limit, until - performance.now());
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        // Time spent behind other reads while a node was connected does not count.
        if (error instanceof AnswerLost && !lost) until = performance.now() + readPatienceMs;
        lost ||= error instanceof AnswerLost;
        if (this.#ended || performance.now() + pause > until) throw unreachable(error);
        await wait(pause);
      }
    }
  }

  /** All requests look for a node before the gate: behind it they would wait for one another. */
  async #once(request: ReadReq, limit: number, patienceMs: number): Promise<readonly Recorded[]> {
    await this.#connection.ready(patienceMs);
    return this.#reads.pass(async () => {
      try {
        return await this.#answerTo(request, limit);
      } catch (error) {
        throw error instanceof NoAnswer ? new AnswerLost(error.sent, error.cause) : error;
      }
    });
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
    this.#endCall();
    await this.#connection.end();
  }

  /** A call that is being opened is not waited for: without a node, that takes long. */
  #endCall(): void {
    void this.#call?.then(
      (call) => {
        call.end();
      },
      () => undefined,
    );
    this.#call = undefined;
  }
}

export const unreachable = (cause?: unknown) =>
  new StoreUnavailable(
    'store_unreachable',
    'the event store does not answer',
    {},
    { cause, retryAfterSeconds: 2 },
  );
