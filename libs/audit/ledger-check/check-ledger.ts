import type pg from 'pg';
import { TILE_WIDTH } from '#libs/log';
import type { EventStore } from '#libs/event-store';
import type { Policy } from '#libs/verify';
import { Crew } from './crew.js';
import { Chains } from './chains.js';
import { type Finding, inOrder, ofTheLog } from './finding.js';
import { LogCheck } from './log-check.js';
import { FeedReading } from './read-feed.js';
import { readStoredLog } from './stored-log.js';
import type { Range } from './read-range.js';
import { SignatureCheck } from './signature-check.js';
import type { SignatureToCheck } from './signatures.js';
import type { Statement } from './statement.js';
import { StatementRules } from './statements.js';

export interface LedgerCheckOptions {
  readonly city: string;
  /** Whose checkpoints are trusted. Null: records, places and chains alone are checked, not the log, nor what the records say. */
  readonly policy: Policy | null;
  /** Notes of checkpoints that were kept elsewhere, by a witness or on paper: the ledger must continue them. */
  readonly checkpoints?: readonly Uint8Array[];
  /** Where the records are, if not in the same database as the log: then this thread reads and hashes. */
  readonly store?: EventStore;
  /** Threads that read, hash and check signatures; 0 does it in this one. */
  readonly threads: number;
  /** In the threads' place, for who knows signatures from a check before. @returns those that do not hold */
  readonly signatures?: (toCheck: readonly SignatureToCheck[]) => readonly Finding[];
  readonly onProgress?: (phase: 'records' | 'signatures', done: number, of: number) => void;
}

export interface LedgerReport {
  readonly records: number;
  readonly streams: number;
  readonly signatures: number;
  readonly checkpoints: number;
  /** Leaves that a trusted checkpoint covers: for those behind it, nothing is signed yet. */
  readonly covered: number;
  /** In the order of the ledger as far as they name records, at most a thousand of each kind; empty where all is well. */
  readonly findings: readonly Finding[];
  /** What is no fault, and should be known all the same: a process that was killed leaves it behind, and so would a house that hides something. */
  readonly notes: readonly Finding[];
}

/** Records a range: enough to be worth a statement, little enough to share work evenly. */
const rangeSize = 100 * TILE_WIDTH;

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
  const { city, policy, store, onProgress } = options;
  const stored = await readStoredLog(pool);
  const notes = [...(stored.note === null ? [] : [stored.note]), ...(options.checkpoints ?? [])];
  const log = policy === null ? null : new LogCheck(stored, notes, { city, policy });
  const chains = new Chains();
  const feed = store === undefined ? null : new FeedReading(store, pool, rangeSize);
  // Where the records are elsewhere, nobody has counted those that are not sealed.
  const head = feed === null ? await recordsBeside(pool) : stored.size;
  let done = 0;
  const progress = (records: number) =>
    onProgress?.('records', (done += records), Math.max(done, head));

  const crew = await Crew.gather(url, options.threads);
  const signatures = new SignatureCheck(
    options.signatures ?? ((batch) => crew.signatures(batch)),
    2 * crew.size,
  );
  const rules = new StatementRules(signatures.add);
  try {
    const reports = feed?.ranges(progress) ?? crew.ranges(rangesOf(city, head), progress);
    for await (const report of reports) {
      chains.take(report);
      if (log === null) continue;
      await log.take(report);
      for (const statement of JSON.parse(report.statements) as Statement[]) rules.take(statement);
      await signatures.handOut();
    }
    const told = (checked: number) => onProgress?.('signatures', checked, signatures.count);
    await signatures.end(told);
    told(signatures.count);
  } finally {
    await crew.end();
  }

  const ended = rules.finish();
  for (const leaf of feed?.wrongLeaves ?? []) log?.suspect(leaf);
  const ofLog = log?.end() ?? { findings: [], leaves: [] };
  const leaves = await (feed?.named(ofLog.leaves) ?? named(pool, ofLog.leaves));
  const checkpoints = log?.checkpoints ?? [];
  const counted = Math.max(head, feed?.leaves ?? 0, log?.size ?? 0);
  return {
    records: chains.records,
    streams: chains.streams,
    signatures: signatures.count,
    checkpoints: checkpoints.length,
    covered: Math.max(0, ...checkpoints.map(({ size }) => size)),
    findings: inOrder([
      ...(chains.end < counted
        ? [{ ...ofTheLog('missing'), leaf: chains.end, until: counted - 1 }]
        : []),
      ...(feed?.findings.all ?? []),
      ...chains.findings.all,
      ...leaves,
      ...rules.findings,
      ...signatures.findings.all,
      ...ofLog.findings,
    ]),
    notes: inOrder(ended),
  };
}

async function recordsBeside(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ position: string }>('SELECT position FROM log_head');
  return Number(rows[0]?.position ?? 0);
}

function rangesOf(city: string, head: number): Range[] {
  const ranges: Range[] = [];
  for (let from = 0; from < head; from += rangeSize)
    ranges.push({ city, from, to: Math.min(head, from + rangeSize) });
  return ranges;
}

/** Which records the leaves are. Positions stay in here. */
async function named(pool: pg.Pool, leaves: readonly number[]): Promise<Finding[]> {
  if (leaves.length === 0) return [];
  const { rows } = await pool.query<{ leaf: number; stream: string; version: number }>(
    'SELECT (position - 1)::float8 AS leaf, stream, version FROM log_record WHERE position = ANY($1) ORDER BY position',
    [leaves.map((leaf) => leaf + 1)],
  );
  return rows.map(({ leaf, stream, version }) => ({ leaf, stream, version, what: 'leaf' }));
}
