import type { Command } from 'commander';
import { checkChains } from '#libs/event-store/postgres';
import { group } from '../group.js';
import { withLedger } from '../ledger.js';
import { progressBar } from '../progress.js';

/** `mianzheng verify chains`: reads the whole ledger and checks every record, every chain and that nothing is missing. */
export function register(program: Command): void {
  group(program, 'verify', 'check what the ledger says')
    .command('chains')
    .description('read the whole ledger from its database and check every record and chain')
    .action(verifyChains);
}

async function verifyChains(): Promise<void> {
  await withLedger(async ({ pool }) => {
    const { rows } = await pool.query<{ position: string }>('SELECT position FROM log_head');
    const bar = progressBar('records', Number(rows[0]?.position ?? 0));
    const report = await checkChains(pool, (records) => {
      bar.at(records);
    }).finally(() => {
      bar.stop();
    });
    for (const { stream, version, what } of report.wrong)
      process.stdout.write(`${stream} ${version}: wrong ${what}\n`);
    process.stdout.write(
      `${report.records} records in ${report.streams} streams: ${
        report.wrong.length === 0 ? 'every chain holds' : `${report.wrong.length} are wrong`
      }\n`,
    );
    if (report.wrong.length > 0) process.exitCode = 1;
  });
}
