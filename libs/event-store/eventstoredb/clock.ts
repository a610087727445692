/**
 * A process that was not given the processor for a while finds its clocks run out before it has read what lies in its sockets. So the last part of
 * a time is counted anew from when the first part was over.
 */
const lastPartMs = 500;

/** Calls `over` after `ms`, unless it is stopped by what this returns. */
export function whenOver(ms: number, over: () => void): () => void {
  const lastPart = Math.max(0, Math.min(lastPartMs, ms));
  let timer = setTimeout(
    () => {
      timer = setTimeout(over, lastPart);
    },
    Math.max(0, ms - lastPart),
  );
  return () => {
    clearTimeout(timer);
  };
}

/** What `work` comes to, or, where that takes longer than `ms`, what `late` makes: `work` then goes on, and nobody waits for it. */
export function within<Result>(
  work: Promise<Result>,
  ms: number,
  late: () => Error,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = whenOver(ms, () => {
      reject(late());
    });
    work.then(resolve, reject).finally(stop);
  });
}

const looks = 3;

/** Calls `over`, once, when nothing was heard for about `ms`. It looks three times meanwhile, so that a moment without the processor is no silence. */
export class Silence {
  #looksSince = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number, over: () => void) {
    this.#timer = setInterval(() => {
      if (++this.#looksSince < looks) return;
      this.end();
      over();
    }, ms / looks);
  }

  heard(): void {
    this.#looksSince = 0;
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
