import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type {
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { meaningOf, NoAnswer } from './connection.js';

interface Waiting {
  readonly resolve: (response: BatchAppendResp) => void;
  readonly reject: (error: unknown) => void;
  timer: NodeJS.Timeout;
}

/**
 * A process that was not given the processor for a while finds its clocks run out before it has read what lies in its sockets. So the last part of
 * the time is counted anew from when the first part was over.
 */
const lastPartMs = 500;

/**
 * One open call through which appends go, each answered under its correlation id, in any order. When it breaks, everything that waits is told
 * that its outcome is not known.
 */
export class AppendCall {
  readonly #waiting = new Map<string, Waiting>();
  #broken: unknown;

  constructor(
    private readonly call: ClientDuplexStream<BatchAppendReq, BatchAppendResp>,
    private readonly answerMs: number,
  ) {
    call.on('data', (response: BatchAppendResp) => {
      const id = textOf(response.getCorrelationId());
      const waiting = this.#waiting.get(id);
      // One that was given up is not waited for any more.
      if (waiting === undefined) return;
      this.#waiting.delete(id);
      clearTimeout(waiting.timer);
      waiting.resolve(response);
    });
    const broken = (cause?: unknown) => {
      this.#break(meaningOf(cause ?? {}, true));
    };
    call.on('error', broken);
    call.on('end', broken);
    call.on('close', broken);
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** @throws NoAnswer, `sent`; what the server says to the call as a whole */
  send(request: BatchAppendReq): Promise<BatchAppendResp> {
    if (this.#broken !== undefined) return Promise.reject(new NoAnswer(false, this.#broken));
    const id = textOf(request.getCorrelationId());
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(id);
        reject(new NoAnswer(true, undefined));
      };
      const timer = setTimeout(() => {
        waiting.timer = setTimeout(giveUp, Math.min(lastPartMs, this.answerMs));
      }, this.answerMs - lastPartMs);
      const waiting: Waiting = { resolve, reject, timer };
      this.#waiting.set(id, waiting);
      this.call.write(request);
    });
  }

  #break(cause: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = cause;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(cause);
    }
    this.#waiting.clear();
  }

  end(): void {
    this.call.cancel();
    this.#break(new NoAnswer(true, undefined));
  }
}

/** The server answers in the form that it was asked in, or, for an append that timed out, in two halves of 64 bits. */
function textOf(id: UUID | undefined): string {
  const halves = id?.getStructured();
  if (halves === undefined) return id?.getString() ?? '';
  const hex = [halves.getMostSignificantBits(), halves.getLeastSignificantBits()]
    .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
