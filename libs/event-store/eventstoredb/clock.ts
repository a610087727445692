/**
 * A process that was suspended for a while finds its timers expired before it has read its sockets.
 * So the last part of a wait starts only when the first part is over.
 */
const lastPartMs = 500;

/** Calls `over` after `ms`, unless the returned function stops it. */
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

/**
 * The result of `work`, or, where that takes longer than `ms`, the one of `late`; `work` then
 * continues and its result is ignored.
 */
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

/**
 * Calls `over`, once, after about `ms` without activity. It checks three times meanwhile, so that a
 * suspended process is not mistaken for silence.
 */
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
