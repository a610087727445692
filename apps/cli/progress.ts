import { SingleBar } from 'cli-progress';
import { isSilent } from './output.js';

export interface Progress {
  /** @param of how many there are, as far as it is known */
  at(done: number, of?: number): void;
  stop(): void;
}

/** A progress bar on standard error in a terminal; nothing where the output goes elsewhere. */
export function progressBar(what: string, total: number): Progress {
  if (isSilent()) return { at: () => undefined, stop: () => undefined };
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
