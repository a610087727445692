import { isTrialOrigin } from '#libs/log';
import type { Policy } from '#libs/verify';
import { Chains } from './chains.js';
import type { WorkerPool } from './worker-pool.js';
import type { LeftOutAct } from './exclusion-rules.js';
import { type Finding, inOrder, ofTheLog } from './finding.js';
import type { KeptKeys } from './kept-keys.js';
import { LogCheck } from './log-check.js';
import type { LedgerReading } from './reading.js';
import { SignatureCheck } from './signature-check.js';
import type { SignatureToCheck } from './signatures.js';
import { ruleInputsIn } from './rule-input-lines.js';
import { RecordRules } from './record-rules.js';
import type { StoredLog } from './stored-log.js';

export interface CheckOptions {
  readonly city: string;
  /**
   * Whose checkpoints are trusted. Null: records, places and chains alone are checked, not the log,
   * nor the rules.
   */
  readonly policy: Policy | null;
  /**
   * Notes of checkpoints that were kept elsewhere, by a witness or on paper: the ledger must
   * continue them.
   */
  readonly checkpoints?: readonly Uint8Array[];
  /**
   * Replaces the threads, for callers that know signatures from an earlier check. @returns the
   * invalid ones
   */
  readonly signatures?: (toCheck: readonly SignatureToCheck[]) => readonly Finding[];
  readonly onProgress?: (phase: 'records' | 'signatures', done: number, of: number) => void;
}

export interface LedgerReport {
  /** Whether the origin says that it is the ledger of a trial. */
  readonly trial: boolean;
  readonly records: number;
  readonly streams: number;
  readonly signatures: number;
  readonly checkpoints: number;
  /** Leaves under a trusted checkpoint: those after it are not signed yet. */
  readonly covered: number;
  /**
   * In the order of the ledger where they name records, at most a thousand of each kind; empty
   * where all is well.
   */
  readonly findings: readonly Finding[];
  /**
   * Observations that are no faults: a killed process leaves them behind, and so might a city that
   * hides something.
   */
  readonly notes: readonly Finding[];
  /**
   * Foreign events that two administrators left out of the ledger, in the order of the exclusions.
   */
  readonly leftOut: readonly LeftOutAct[];
}

/**
 * Compares a reading of the records, from any source, with the stored log.
 * @param head how many records are counted
 * @param keptKeys the read model from which the log signs the keys of authorities, where there is
 *   one to be checked
 */
export async function checkReading(
  reading: LedgerReading,
  stored: StoredLog,
  crew: WorkerPool,
  {
    city,
    policy,
    onProgress,
    ...options
  }: CheckOptions & { readonly head: number; readonly keptKeys?: KeptKeys },
): Promise<LedgerReport> {
  const { head } = options;
  const notes = [...(stored.note === null ? [] : [stored.note]), ...(options.checkpoints ?? [])];
  const log = policy === null ? null : new LogCheck(stored, notes, { city, policy });
  const chains = new Chains();
  let done = 0;
  const progress = (records: number) =>
    onProgress?.('records', (done += records), Math.max(done, head));
  const signatures = new SignatureCheck(
    options.signatures ?? ((batch) => crew.signatures(batch)),
    2 * crew.size,
  );
  const rules = new RecordRules(city, signatures.add);
  for await (const report of reading.ranges(progress)) {
    chains.take(report);
    if (log === null) continue;
    await log.take(report);
    for (const statement of ruleInputsIn(report.ruleInputs)) rules.take(statement);
    await signatures.handOut();
  }
  const told = (checked: number) => onProgress?.('signatures', checked, signatures.count);
  await signatures.end(told);
  told(signatures.count);

  const ended = rules.finish();
  for (const leaf of reading.wrongLeaves) log?.suspect(leaf);
  const ofLog = log?.end() ?? { findings: [], leaves: [] };
  const leaves = await reading.named(ofLog.leaves);
  const checkpoints = log?.checkpoints ?? [];
  const counted = Math.max(head, reading.leaves, log?.size ?? 0);
  return {
    trial: isTrialOrigin(city),
    records: chains.records,
    streams: chains.streams,
    signatures: signatures.count,
    checkpoints: checkpoints.length,
    covered: Math.max(0, ...checkpoints.map(({ size }) => size)),
    findings: inOrder([
      ...(chains.end < counted
        ? [{ ...ofTheLog('missing'), leaf: chains.end, until: counted - 1 }]
        : []),
      ...reading.findings.all,
      ...chains.findings.all,
      ...leaves,
      ...rules.findings,
      ...(await reading.against(rules.acts)),
      ...(log === null || options.keptKeys === undefined
        ? []
        : rules.againstKeys(options.keptKeys)),
      ...signatures.findings.all,
      ...ofLog.findings,
    ]),
    notes: inOrder(ended),
    leftOut: rules.acts,
  };
}
