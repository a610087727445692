import { SingleBar } from 'cli-progress';

export interface Progress {
  /** @param of how many there are, as far as it is known */
  at(done: number, of?: number): void;
  stop(): void;
}

/** A bar on standard error where somebody watches; nothing where the output goes elsewhere. */
export function progressBar(what: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${what} {bar} {percentage}% | {value}/{total} | {eta_formatted} left`,
    hideCursor: true,
    stream: process.stderr,
    noTTYOutput: false,
  });
  bar.start(total, 0);
  return {
    at: (done, of) => {
      if (of !== undefined) bar.setTotal(Math.max(of, done));
      bar.update(done);
    },
    stop: () => {
      bar.stop();
    },
  };
}
