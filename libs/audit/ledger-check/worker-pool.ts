import { Worker } from 'node:worker_threads';
import { InternalError } from '#libs/kernel';
import type { Finding } from './finding.js';
import type { RangeReport } from './range-check.js';
import { connect, noDatabase, type Range, readRange } from './read-range.js';
import { type SignatureToCheck, wrongSignatures } from './signatures.js';

/** Reading the ledger stopped before its end. */
export class LedgerUnread extends InternalError<'ledger_unread'> {}

/** A task of a thread. */
export type Task =
  { readonly range: Range } | { readonly signatures: readonly SignatureToCheck[] } | null;

/** Its answers; `progress` any number of times before the last. */
export type Told =
  | { readonly progress: number }
  | { readonly report: RangeReport }
  | { readonly findings: readonly Finding[] }
  | { readonly failed: string };

/** A worker that reads and checks one piece of the ledger at a time. */
interface PooledWorker {
  range(range: Range, progress: (records: number) => void): Promise<RangeReport>;
  signatures(signatures: readonly SignatureToCheck[]): Promise<readonly Finding[]>;
  end(): Promise<void>;
}

/** Distributes the pieces of a check to threads, or does them in this one. */
export class WorkerPool {
  readonly #idle: PooledWorker[];
  readonly #waiting: ((hand: PooledWorker) => void)[] = [];

  private constructor(private readonly hands: readonly PooledWorker[]) {
    this.#idle = [...hands];
  }

  /** How many pieces are done concurrently. */
  get size(): number {
    return this.hands.length;
  }

  /**
   * @param url of the database; null where the records come another way; @param threads 0 works in
   * this thread
   */
  static async gather(url: string | null, threads: number): Promise<WorkerPool> {
    if (threads > 0) return new WorkerPool(Array.from({ length: threads }, () => new Thread(url)));
    const client = url === null ? null : await connect(url);
    return new WorkerPool([
      {
        range: (range, progress) => {
          if (client === null) throw unread({ failed: noDatabase });
          return readRange(client, range, progress);
        },
        signatures: async (signatures) => {
          // Yields, so that progress can be shown.
          await new Promise((resolve) => setImmediate(resolve));
          return wrongSignatures(signatures);
        },
        end: async () => {
          await client?.end();
        },
      },
    ]);
  }

  /**
   * The reports of ranges in order, whichever finishes first. Two ranges a worker are in work or
   * waiting to be taken, so that memory stays small. @throws LedgerUnread
   */
  async *ranges(
    ranges: readonly Range[],
    progress: (records: number) => void,
  ): AsyncGenerator<RangeReport, void> {
    const reports = new Map<number, Promise<RangeReport>>();
    const start = (n: number) => {
      const range = ranges[n];
      if (range === undefined) return;
      const report = this.#work((hand) => hand.range(range, progress));
      report.catch(() => undefined); // thrown where it is awaited
      reports.set(n, report);
    };
    const ahead = 2 * this.size;
    for (let n = 0; n < ahead; n++) start(n);
    for (let n = 0; n < ranges.length; n++) {
      const report = await reports.get(n);
      reports.delete(n);
      start(n + ahead);
      if (report !== undefined) yield report;
    }
  }

  /** The faults of the signatures, in order. @throws LedgerUnread */
  signatures(batch: readonly SignatureToCheck[]): Promise<readonly Finding[]> {
    return this.#work((hand) => hand.signatures(batch));
  }

  async end(): Promise<void> {
    await Promise.all(this.hands.map((hand) => hand.end()));
  }

  /** Pieces are taken in the order in which they were submitted. */
  async #work<Result>(work: (hand: PooledWorker) => Promise<Result>): Promise<Result> {
    const hand =
      this.#idle.pop() ??
      (await new Promise<PooledWorker>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(hand);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(hand);
      else next(hand);
    }
  }
}

/**
 * Records and rule inputs are outside of heaps; a thread that needs more than this has an error.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 128 };

class Thread implements PooledWorker {
  readonly #worker: Worker;
  #told: (told: Told) => void = () => undefined;
  #failed: string | null = null;

  constructor(url: string | null) {
    this.#worker = new Worker(new URL('./range-worker.js', import.meta.url), {
      workerData: { url },
      resourceLimits,
    });
    this.#worker.on('message', (told: Told) => {
      this.#told(told);
    });
    this.#worker.on('error', (error: unknown) => {
      this.#failed = error instanceof Error ? error.message : 'failed';
      this.#told({ failed: this.#failed });
    });
  }

  async range(range: Range, progress: (records: number) => void): Promise<RangeReport> {
    const told = await this.#ask({ range }, progress);
    if ('report' in told) return told.report;
    throw unread(told);
  }

  async signatures(signatures: readonly SignatureToCheck[]): Promise<readonly Finding[]> {
    const told = await this.#ask({ signatures });
    if ('findings' in told) return told.findings;
    throw unread(told);
  }

  async end(): Promise<void> {
    this.#worker.postMessage(null);
    await this.#worker.terminate();
  }

  #ask(task: Task, progress?: (records: number) => void): Promise<Told> {
    if (this.#failed !== null) return Promise.resolve({ failed: this.#failed });
    return new Promise((resolve) => {
      this.#told = (told) => {
        if ('progress' in told) progress?.(told.progress);
        else resolve(told);
      };
      this.#worker.postMessage(task);
    });
  }
}

const unread = (told: Told) =>
  new LedgerUnread('ledger_unread', 'the ledger could not be read to its end', {
    why: 'failed' in told ? told.failed : '',
  });
