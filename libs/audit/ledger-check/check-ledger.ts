import { Worker } from 'node:worker_threads';
import type pg from 'pg';
import { InternalError } from '#libs/kernel';
import type { Policy } from '#libs/verify';
import { type Finding, mostFindings } from './finding.js';
import { LogCheck, readStoredLog } from './log-check.js';
import type { RangeReport } from './range-check.js';
import { connect, type Range, readRange } from './read-range.js';
import { StatementRules } from './statements.js';

/** Reading the ledger ended before it was read. */
export class LedgerUnread extends InternalError<'ledger_unread'> {}

export interface LedgerCheckOptions {
  readonly city: string;
  readonly policy: Policy;
  /** Notes of checkpoints that were kept elsewhere, by a witness or on paper: the ledger must continue them. */
  readonly checkpoints?: readonly Uint8Array[];
  /** Threads that read and hash; 0 does it in this one. */
  readonly threads: number;
  readonly onProgress?: (phase: 'records' | 'signatures', done: number, of: number) => void;
}

export interface LedgerReport {
  readonly records: number;
  readonly streams: number;
  readonly signatures: number;
  readonly checkpoints: number;
  /** In the order of the ledger as far as they name records, at most a thousand of each kind; empty where all is well. */
  readonly findings: readonly Finding[];
}

/** Records a range: enough to be worth a statement, little enough to share work evenly. */
const rangeSize = 25_000;

/**
 * Checks a whole ledger from its database: every record's hash and place, every chain, the tree against tiles and checkpoints, and what the
 * records say against the rules of the house and the signatures of holders and authorities. Writers may go on meanwhile: what they add after
 * the beginning is not looked at.
 */
export async function checkLedger(
  pool: pg.Pool,
  url: string,
  options: LedgerCheckOptions,
): Promise<LedgerReport> {
  const { city, policy, onProgress } = options;
  const stored = await readStoredLog(pool);
  const { rows } = await pool.query<{ position: string }>('SELECT position FROM log_head');
  const head = Number(rows[0]?.position ?? 0);
  const notes = [...(stored.note === null ? [] : [stored.note]), ...(options.checkpoints ?? [])];
  const log = new LogCheck(stored, notes, policy);
  const rules = new StatementRules();
  const chains = new Chains();

  const ranges: Range[] = [];
  for (let from = 0; from < head; from += rangeSize)
    ranges.push({ city, from, to: Math.min(head, from + rangeSize) });
  let done = 0;
  const progress = (records: number) => onProgress?.('records', (done += records), head);
  for await (const report of reportsOf(url, ranges, options.threads, progress)) {
    chains.take(report);
    log.take(report.leaves);
    for (const statement of report.statements) rules.take(statement);
  }
  if (chains.records < head) chains.findings.push({ stream: '', version: -1, what: 'missing' });
  log.end();

  const signed: Finding[] = [];
  for (const [n, check] of rules.signatures.entries()) {
    const finding = check();
    if (finding !== null) signed.push(finding);
    if (n % 500 === 0) {
      onProgress?.('signatures', n, rules.signatures.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  onProgress?.('signatures', rules.signatures.length, rules.signatures.length);
  const leaves = await named(pool, log.wrongLeaves.slice(0, mostFindings));
  return {
    records: chains.records,
    streams: chains.streams,
    signatures: rules.signatures.length,
    checkpoints: log.checkpoints,
    findings: [...chains.findings, ...leaves, ...log.findings, ...rules.findings, ...signed],
  };
}

/** Which records the leaves are. Positions stay in here. */
async function named(pool: pg.Pool, leaves: readonly number[]): Promise<Finding[]> {
  if (leaves.length === 0) return [];
  const { rows } = await pool.query<{ stream: string; version: number }>(
    'SELECT stream, version FROM log_record WHERE position = ANY($1) ORDER BY position',
    [leaves.map((leaf) => leaf + 1)],
  );
  return rows.map(({ stream, version }) => ({ stream, version, what: 'leaf' }));
}

/** Where each stream ends so far. */
class Chains {
  readonly #ends = new Map<string, { version: number; hash: string }>();
  readonly findings: Finding[] = [];
  records = 0;

  get streams(): number {
    return this.#ends.size;
  }

  take({ records, findings, continued, ends }: RangeReport): void {
    this.records += records;
    this.findings.push(...findings);
    const goesOn = new Set<string>();
    for (const [stream, version, prev] of continued) {
      goesOn.add(stream);
      const end = this.#ends.get(stream);
      if (version !== (end?.version ?? -1) + 1)
        this.findings.push({ stream, version, what: 'version' });
      else if (prev !== end?.hash) this.findings.push({ stream, version, what: 'prev' });
    }
    for (const [stream, version, hash] of ends) {
      if (this.#ends.has(stream) && !goesOn.has(stream))
        this.findings.push({ stream, version: 0, what: 'version' });
      this.#ends.set(stream, { version, hash });
    }
  }
}

/** The ranges' reports in their order, however many threads made them. */
async function* reportsOf(
  url: string,
  ranges: readonly Range[],
  threads: number,
  progress: (records: number) => void,
): AsyncGenerator<RangeReport, void> {
  if (threads === 0) {
    const client = await connect(url);
    try {
      for (const range of ranges) yield await readRange(client, range, progress);
    } finally {
      await client.end();
    }
    return;
  }
  const crew = Array.from(
    { length: Math.min(threads, Math.max(1, ranges.length)) },
    () => new RangeThread(url, progress),
  );
  try {
    // Two ranges a thread are under way or waiting to be taken: memory stays small, whoever is faster.
    const ahead = 2 * crew.length;
    const reports = new Map<number, Promise<RangeReport>>();
    let next = 0;
    const idle = [...crew];
    const waiting: ((thread: RangeThread) => void)[] = [];
    const start = () => {
      const n = next++;
      const range = ranges[n];
      if (range === undefined) return;
      const thread = idle.pop();
      const taken =
        thread === undefined
          ? new Promise<RangeThread>((resolve) => waiting.push(resolve))
          : Promise.resolve(thread);
      const report = taken.then(async (one) => {
        try {
          return await one.check(range);
        } finally {
          const first = waiting.shift();
          if (first === undefined) idle.push(one);
          else first(one);
        }
      });
      report.catch(() => undefined); // thrown where it is awaited
      reports.set(n, report);
    };
    for (let n = 0; n < ahead; n++) start();
    for (let n = 0; n < ranges.length; n++) {
      const report = await reports.get(n);
      reports.delete(n);
      start();
      if (report !== undefined) yield report;
    }
  } finally {
    await Promise.all(crew.map((thread) => thread.end()));
  }
}

type Told =
  { readonly progress: number } | { readonly report: RangeReport } | { readonly failed: string };

class RangeThread {
  readonly #worker: Worker;
  #answer: ((told: Told) => void) | undefined;

  constructor(url: string, progress: (records: number) => void) {
    this.#worker = new Worker(new URL('./range-worker.js', import.meta.url), {
      workerData: { url },
    });
    this.#worker.on('message', (told: Told) => {
      if ('progress' in told) progress(told.progress);
      else this.#answer?.(told);
    });
    this.#worker.on('error', (error: unknown) =>
      this.#answer?.({ failed: error instanceof Error ? error.message : 'failed' }),
    );
  }

  check(range: Range): Promise<RangeReport> {
    return new Promise((resolve, reject) => {
      this.#answer = (told) => {
        if ('report' in told) resolve(told.report);
        else reject(unread('failed' in told ? told.failed : ''));
      };
      this.#worker.postMessage(range);
    });
  }

  async end(): Promise<void> {
    this.#worker.postMessage(null);
    await this.#worker.terminate();
  }
}

const unread = (why: string) =>
  new LedgerUnread('ledger_unread', 'the ledger could not be read to its end', { why });
