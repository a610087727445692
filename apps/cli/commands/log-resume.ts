import type { Command } from 'commander';
import { PostgresLogStorage } from '#libs/sealing/sealing.module';
import { group } from '../group.js';
import { withLedger } from '../ledger.js';
import { tellResult } from '../output.js';

/** `mianzheng log resume`: lifts a refusal of the sealer, after an operator has checked. */
export function register(program: Command): void {
  group(program, 'log', 'the sealed log')
    .command('resume')
    .description('lift the refusal of the sealer, once its cause is fixed')
    .action(resume);
}

async function resume(): Promise<void> {
  await withLedger(async ({ pool }) => {
    const lifted = await new PostgresLogStorage(pool).lift();
    tellResult({ lifted }, [
      lifted === null
        ? 'No sealer has refused this ledger.'
        : `Lifted: ${lifted.code}, which stood since ${lifted.since}. The sealer checks anew within a second, and signs or refuses again.`,
    ]);
  });
}
