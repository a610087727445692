import { isTrialOrigin } from '#libs/log';
import type { Policy } from '#libs/verify';
import { type CheckOptions, checkReading, type LedgerReport } from './check-reading.js';
import { WorkerPool } from './worker-pool.js';
import { FetchedLog, type LedgerDoor } from './fetched-log.js';
import { ofTheLog } from './finding.js';
import { BundleReading } from './read-bundles.js';

/** Checks that need the database and are therefore left out. */
export const notCheckedOutside = {
  records_behind_checkpoint:
    'records behind the checkpoint that was fetched first: the city shows none of them',
  stored_hashes: 'the hashes and names that the database keeps beside the records',
  stored_head: 'the head of the log and the last leaves as the sealer stored them',
  read_models: 'the tables made of the records, from which the city answers',
} as const;

export interface FetchedLedgerReport extends LedgerReport {
  /** Origin of the log. */
  readonly city: string;
  readonly notChecked: readonly (keyof typeof notCheckedOutside)[];
}

export interface FetchedCheckOptions extends Omit<CheckOptions, 'city' | 'policy'> {
  readonly policy: Policy;
  /** Threads that check signatures; 0 uses this one, which hashes in any case. */
  readonly threads: number;
}

/**
 * `checkLedger` over what a city shows an auditor: checkpoint, tiles and entry bundles (C2SP
 * tlog-tiles), up to the first checkpoint shown. Where the policy does not trust that one, nothing
 * is compared, and no record is fetched.
 * @throws LedgerUnread where no checkpoint was shown; the door's errors
 */
export async function checkFetchedLedger(
  door: LedgerDoor,
  { policy, threads, ...options }: FetchedCheckOptions,
): Promise<FetchedLedgerReport> {
  const log = await FetchedLog.open(door);
  const { origin: city, size: head } = log.checkpoint;
  const outside = {
    city,
    trial: isTrialOrigin(city),
    notChecked: Object.keys(notCheckedOutside) as (keyof typeof notCheckedOutside)[],
  };
  if (!log.isTrustedUnder(policy)) {
    const nothing = { records: 0, streams: 0, signatures: 0, checkpoints: 0, covered: 0 };
    const findings = [ofTheLog('checkpoint_not_trusted')];
    return { ...outside, ...nothing, findings, notes: [], leftOut: [] };
  }
  const crew = await WorkerPool.gather(null, threads);
  try {
    const stored = await log.stored();
    const reading = new BundleReading(log, city);
    const report = await checkReading(reading, stored, crew, { ...options, city, policy, head });
    return { ...outside, ...report };
  } finally {
    await crew.end();
  }
}
