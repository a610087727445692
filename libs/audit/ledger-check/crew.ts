import { Worker } from 'node:worker_threads';
import { InternalError } from '#libs/kernel';
import type { Finding } from './finding.js';
import type { RangeReport } from './range-check.js';
import { connect, type Range, readRange } from './read-range.js';
import { type SignatureToCheck, wrongSignatures } from './signatures.js';

/** Reading the ledger ended before it was read. */
export class LedgerUnread extends InternalError<'ledger_unread'> {}

/** What a thread is asked. */
export type Task =
  { readonly range: Range } | { readonly signatures: readonly SignatureToCheck[] } | null;

/** What it answers; `progress` any number of times before. */
export type Told =
  | { readonly progress: number }
  | { readonly report: RangeReport }
  | { readonly findings: readonly Finding[] }
  | { readonly failed: string };

/** Whoever reads and checks a piece of the ledger at a time. */
interface Hand {
  range(range: Range, progress: (records: number) => void): Promise<RangeReport>;
  signatures(signatures: readonly SignatureToCheck[]): Promise<readonly Finding[]>;
  end(): Promise<void>;
}

/** Hands out the pieces of a check to threads, or does them in this one. */
export class Crew {
  readonly #idle: Hand[];
  readonly #waiting: ((hand: Hand) => void)[] = [];

  private constructor(private readonly hands: readonly Hand[]) {
    this.#idle = [...hands];
  }

  /** How many pieces can be under way at once. */
  get size(): number {
    return this.hands.length;
  }

  /** @param url of the database; @param threads 0 works in this thread */
  static async gather(url: string, threads: number): Promise<Crew> {
    if (threads > 0) return new Crew(Array.from({ length: threads }, () => new Thread(url)));
    const client = await connect(url);
    return new Crew([
      {
        range: (range, progress) => readRange(client, range, progress),
        signatures: async (signatures) => {
          // Whoever shows the progress gets a turn.
          await new Promise((resolve) => setImmediate(resolve));
          return wrongSignatures(signatures);
        },
        end: () => client.end(),
      },
    ]);
  }

  /**
   * The reports of ranges in their order, whoever is done first. Two ranges a hand are under way or waiting to be taken: memory stays small,
   * whoever is faster. @throws LedgerUnread
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

  /** What is wrong with them, in their order. @throws LedgerUnread */
  signatures(batch: readonly SignatureToCheck[]): Promise<readonly Finding[]> {
    return this.#work((hand) => hand.signatures(batch));
  }

  async end(): Promise<void> {
    await Promise.all(this.hands.map((hand) => hand.end()));
  }

  /** Pieces are taken in the order in which they were handed out. */
  async #work<Result>(work: (hand: Hand) => Promise<Result>): Promise<Result> {
    const hand =
      this.#idle.pop() ?? (await new Promise<Hand>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(hand);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(hand);
      else next(hand);
    }
  }
}

class Thread implements Hand {
  readonly #worker: Worker;
  #told: (told: Told) => void = () => undefined;
  #failed: string | null = null;

  constructor(url: string) {
    this.#worker = new Worker(new URL('./range-worker.js', import.meta.url), {
      workerData: { url },
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
