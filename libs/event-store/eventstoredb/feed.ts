import type { ClientReadableStream } from '@grpc/grpc-js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { type Position, type PositionedRecord, START, type StoreDamaged } from '../port.js';
import { meaningOf, NoAnswer } from './connection.js';

/** Records buffered for a reader; beyond them flow control holds the server back. */
const maxWaiting = 1000;

/**
 * An open subscription, which buffers at most a page of records until they are taken. The rest
 * stays with the server, held back by the flow control of the connection.
 */
export class Feed {
  #waiting: PositionedRecord[] = [];
  #ended: Error | undefined;
  #wake: (() => void) | undefined;
  #checkpoint: Position = START;
  #passed: Position = START;

  constructor(
    private readonly call: ClientReadableStream<ReadResp>,
    recordOf: (response: ReadResp) => PositionedRecord | undefined,
  ) {
    call.on('data', (response: ReadResp) => {
      if (this.#ended !== undefined) return;
      try {
        const record = recordOf(response);
        if (record === undefined) {
          this.#checkpoint = checkpointOf(response) ?? this.#checkpoint;
          return;
        }
        this.#waiting.push(record);
      } catch (error) {
        this.#end(error as StoreDamaged);
        call.cancel();
        return;
      }
      if (this.#waiting.length >= maxWaiting) call.pause();
      this.#wake?.();
    });
    call.on('error', (error) => {
      this.#end(meaningOf(error, false));
    });
    call.on('end', () => {
      this.#end(new NoAnswer(false, undefined));
    });
  }

  /**
   * The position up to which the server has searched and whose records were taken: events that it
   * filtered out are passed, too.
   */
  get passed(): Position {
    return this.#passed;
  }

  /**
   * Records since the last call, in order; waits up to `ms` for the first, and is empty if none
   * came or `signal` aborted.
   * @throws NoAnswer where the subscription broke and everything before was taken; StoreDamaged,
   *   StoreUnavailable
   */
  async take(ms: number, signal: AbortSignal): Promise<readonly PositionedRecord[]> {
    if (this.#waiting.length === 0 && this.#ended === undefined && !signal.aborted)
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(wake, ms);
        signal.addEventListener('abort', wake, { once: true });
        this.#wake = wake;
      });
    if (this.#waiting.length === 0 && this.#ended !== undefined) throw this.#ended;
    const page = this.#waiting;
    this.#waiting = [];
    this.#passed = this.#checkpoint;
    if (this.call.isPaused()) this.call.resume();
    return page;
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    this.#wake?.();
  }

  close(): void {
    this.#ended ??= new NoAnswer(false, undefined);
    this.#waiting = [];
    this.call.cancel();
  }
}

function checkpointOf(response: ReadResp): Position | undefined {
  const checkpoint = response.getCheckpoint();
  const commit = checkpoint?.getCommitPosition();
  // No reader could resume between the two positions, in a transaction of another program.
  return commit === undefined || commit !== checkpoint?.getPreparePosition()
    ? undefined
    : BigInt(commit);
}
