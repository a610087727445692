import type { Command } from 'commander';
import { availableParallelism } from 'node:os';
import { checked, tell } from '../checking.js';
import { group } from '../group.js';
import { judged } from '../judged.js';
import { withLedger } from '../ledger.js';
import { trialLines } from '../offline.js';
import { isSilent, tellResult } from '../output.js';

/**
 * `mianzheng verify chains`: reads the whole ledger and checks every record, every chain and that
 * nothing is missing.
 */
export function register(program: Command): void {
  group(program, 'verify', 'verify the ledger and its proofs')
    .command('chains')
    .description('check every record and chain of the whole ledger; needs no policy')
    .action(judged(verifyChains));
}

async function verifyChains(): Promise<void> {
  await withLedger(async (ledger) => {
    const { report } = await checked(ledger, { policy: null, threads: availableParallelism() });
    if (!isSilent()) tell(report);
    tellResult({ holds: report.findings.length === 0, ...report }, [
      ...trialLines(report.trial),
      `${report.records} records in ${report.streams} streams: ${
        report.findings.length === 0 ? 'every chain holds' : `${report.findings.length} findings`
      }`,
    ]);
    if (report.findings.length > 0) process.exitCode = 1;
  });
}
