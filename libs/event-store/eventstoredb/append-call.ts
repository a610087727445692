import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type {
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { whenOver } from './clock.js';
import { meaningOf, NoAnswer } from './connection.js';
import { type Verdict, verdictOf } from './verdict.js';

interface Waiting {
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: unknown) => void;
  readonly stop: () => void;
}

/**
 * One open call for all appends, each answered under its correlation id, in any order; when it
 * breaks, the outcome of every pending append is unknown. A node that is cut off from its cluster
 * does not break the call: its first "not ready", or the first missing answer, closes it for new
 * appends.
 */
export class AppendCall {
  readonly #waiting = new Map<string, Waiting>();
  #over: unknown;

  constructor(
    private readonly call: ClientDuplexStream<BatchAppendReq, BatchAppendResp>,
    private readonly answerMs: number,
    /** Called once, when another node should be looked for. */
    private readonly leave: () => void,
  ) {
    call.on('data', (response: BatchAppendResp) => {
      const id = textOf(response.getCorrelationId());
      // An append that was given up is no longer waited for.
      const waiting = this.#take(id);
      if (waiting === undefined) return;
      const verdict = verdictOf(response);
      waiting.resolve(verdict);
      this.#answered(verdict.kind === 'not_ready');
    });
    const broken = (cause?: unknown) => {
      this.#break(meaningOf(cause ?? {}, true));
    };
    call.on('error', broken);
    call.on('end', broken);
    call.on('close', broken);
  }

  /** Nothing more can be sent through it. */
  get isOver(): boolean {
    return this.#over !== undefined;
  }

  /**
   * @throws NoAnswer, `sent` where the request may have been sent; the server's error for the call
   *   as a whole
   */
  send(request: BatchAppendReq): Promise<Verdict> {
    if (this.#over !== undefined) return Promise.reject(new NoAnswer(false, this.#over));
    const id = textOf(request.getCorrelationId());
    return new Promise((resolve, reject) => {
      const stop = whenOver(this.answerMs, () => {
        this.#take(id);
        reject(new NoAnswer(true, undefined));
        this.#answered(true);
      });
      this.#waiting.set(id, { resolve, reject, stop });
      this.call.write(request);
    });
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    waiting?.stop();
    this.#waiting.delete(id);
    return waiting;
  }

  #answered(ofNoUse: boolean): void {
    if (ofNoUse && this.#over === undefined) {
      this.#over = new NoAnswer(false, undefined);
      this.leave();
    }
    if (this.#over !== undefined && this.#waiting.size === 0) this.call.cancel();
  }

  #break(cause: unknown): void {
    this.#over ??= cause;
    for (const { reject, stop } of this.#waiting.values()) {
      stop();
      reject(cause);
    }
    this.#waiting.clear();
  }

  end(): void {
    this.call.cancel();
    this.#break(new NoAnswer(true, undefined));
  }
}

/**
 * The server returns the id in the form it was sent, or, for an append that timed out, as two
 * halves of 64 bits.
 */
function textOf(id: UUID | undefined): string {
  const halves = id?.getStructured();
  if (halves === undefined) return id?.getString() ?? '';
  const hex = [halves.getMostSignificantBits(), halves.getLeastSignificantBits()]
    .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
