import type { ServerResponse } from 'node:http';
import { UnavailableError } from '#libs/kernel';

/** The queue of large bodies is full. */
export class LargeBodiesBusy extends UnavailableError<'large_bodies_busy'> {}

/** Bytes of large bodies in memory at once, in one process. */
const room = 128 * 1024 * 1024;
const maxWaiting = 256;

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/**
 * Limits the memory of a process for large bodies, whatever the number of callers. A request waits,
 * unread, until there is room for its body, first come, first served; its room is free again once
 * it is answered.
 */
export class LargeBodies {
  #taken = 0;
  readonly #waiting: Waiting[] = [];

  constructor(
    private readonly onRefused: (limit: 'large_bodies') => void = () => undefined,
    private readonly most = room,
  ) {}

  /** @param bytes the limit of the body's size @throws LargeBodiesBusy where too many wait */
  async enter(response: Pick<ServerResponse, 'closed' | 'once'>, bytes: number): Promise<void> {
    const needed = Math.min(bytes, this.most);
    if (this.#waiting.length === 0 && this.#taken + needed <= this.most) this.#taken += needed;
    else if (this.#waiting.length < maxWaiting) await this.#inLine(needed);
    else {
      this.onRefused('large_bodies');
      throw new LargeBodiesBusy(
        'large_bodies_busy',
        'as many large bodies wait as may',
        { limit: maxWaiting },
        { retryAfterSeconds: 1 },
      );
    }
    const leave = () => {
      this.#taken -= needed;
      this.#next();
    };
    if (response.closed) leave();
    else response.once('close', leave);
  }

  #inLine(bytes: number): Promise<undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#waiting.push({
      bytes,
      begin: () => {
        resolve(undefined);
      },
    });
    return promise;
  }

  #next(): void {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      if (this.#taken + first.bytes > this.most) return;
      this.#taken += first.bytes;
      this.#waiting.shift();
      first.begin();
    }
  }
}
