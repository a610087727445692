import type { Command } from 'commander';
import { PostgresLogShelf } from '#libs/sealing/sealing.module';
import { group } from '../group.js';
import { withLedger } from '../ledger.js';

/** `mianzheng log resume`: lifts a refusal of the sealer, after somebody has looked. */
export function register(program: Command): void {
  group(program, 'log', 'the sealed log')
    .command('resume')
    .description('lift the refusal that a sealer wrote down, once its cause is mended')
    .action(resume);
}

async function resume(): Promise<void> {
  await withLedger(async ({ pool }) => {
    const lifted = await new PostgresLogShelf(pool).lift();
    process.stdout.write(
      lifted === null
        ? 'No sealer has refused this ledger.\n'
        : `Lifted: ${lifted.code}, which stood since ${lifted.since}. The sealer checks anew within a second, and signs or refuses again.\n`,
    );
  });
}
