import type { Command } from 'commander';
import { acceptNewWitness } from '#composition/witness-memory';
import { PostgresLogStorage } from '#libs/sealing/sealing.module';
import { group } from '../group.js';
import { withLedger } from '../ledger.js';
import { tellResult } from '../output.js';

/**
 * `mianzheng log new-witness SIZE`: the yes without which a signed log gets no new witness beside
 * its city.
 */
export function register(program: Command): void {
  group(program, 'log', 'the sealed log')
    .command('new-witness')
    .description(
      'accept a new witness beside the city, if the state of its old one is lost; an old backup can then no longer be told from the newest',
    )
    .argument('<size>', 'size of the log, as given by the refused start')
    .action(newWitness);
}

async function newWitness(size: string): Promise<void> {
  await withLedger(async ({ settings, pool }) => {
    await acceptNewWitness(settings, new PostgresLogStorage(pool), size);
    tellResult({ leaves: size }, [
      `The next start may begin with a new witness, on a log of ${size} leaves. Publish its key: verifiers hold the old one.`,
    ]);
  });
}
