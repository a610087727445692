import type { Command } from 'commander';
import { availableParallelism } from 'node:os';
import { checked, tell } from '../checking.js';
import { group } from '../group.js';
import { withLedger } from '../ledger.js';

/** `mianzheng verify chains`: reads the whole ledger and checks every record, every chain and that nothing is missing. */
export function register(program: Command): void {
  group(program, 'verify', 'check what the ledger says')
    .command('chains')
    .description('read the whole ledger and check every record and chain: needs no policy')
    .action(verifyChains);
}

async function verifyChains(): Promise<void> {
  await withLedger(async (ledger) => {
    const { report } = await checked(ledger, { policy: null, threads: availableParallelism() });
    tell(report);
    process.stdout.write(
      `${report.records} records in ${report.streams} streams: ${
        report.findings.length === 0 ? 'every chain holds' : `${report.findings.length} findings`
      }\n`,
    );
    if (report.findings.length > 0) process.exitCode = 1;
  });
}
