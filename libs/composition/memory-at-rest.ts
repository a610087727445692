import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const megabyte = 1024 * 1024;

/** How often it is looked whether the process rests, in milliseconds. */
const lookEveryMs = 10_000;

/** Share of the time in which the loop of a process at rest may be busy: leases and polls. */
const busyAtRest = 0.05;

/** What must have come since the last collection to be worth the pause of the next. */
const worthBytes = 32 * megabyte;

/**
 * Gives back the memory that a start or a load took. V8 lets the young generation grow to 128 MB
 * and shrinks it in no collection but its last resort, a pause of about 0.1 s: so that is run after
 * the start, and when the process has rested for ten seconds and has grown.
 */
export class MemoryAtRest {
  /** Resident bytes after the last collection. */
  #kept = 0;

  /**
   * @param resident bytes of the process
   * @param collect the collection
   */
  constructor(
    private readonly resident: () => number,
    private readonly collect: () => void,
  ) {}

  /** Of this process, looked after until it ends. */
  static begin(): void {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as NodeJS.GCFunction;
    const memory = new MemoryAtRest(
      () => process.memoryUsage.rss(),
      () => {
        gc({ type: 'major', flavor: 'last-resort' });
      },
    );
    memory.look(0);
    let before = performance.eventLoopUtilization();
    setInterval(() => {
      const now = performance.eventLoopUtilization();
      memory.look(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    }, lookEveryMs).unref();
  }

  /** @param busy share of the time since the last look in which the loop was busy, 0 to 1 */
  look(busy: number): void {
    if (busy > busyAtRest || this.resident() < this.#kept + worthBytes) return;
    this.collect();
    this.#kept = this.resident();
  }
}
