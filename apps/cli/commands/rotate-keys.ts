import type { Command } from 'commander';
import { vaultKeysFolder, rotateMasterKey } from '#libs/vault/vault.module';
import { group } from '../group.js';
import { withLedger } from '../ledger.js';
import { tellResult } from '../output.js';

/**
 * `mianzheng keys rotate-master`: a new master key for the vault, everything wrapped anew, the old
 * key destroyed. The city must be stopped.
 */
export function register(program: Command): void {
  group(program, 'keys', 'keys of clients and authorities')
    .command('rotate-master')
    .description('rotate the master key of the vault (while no city runs)')
    .action(rotate);
}

async function rotate(): Promise<void> {
  const { rewrapped, retired } = await withLedger(({ settings, pool }) =>
    rotateMasterKey(pool, vaultKeysFolder(settings)),
  );
  tellResult({ rewrapped, retired }, [
    `${rewrapped} subject keys stand under a new master key; ${retired.length} old one destroyed: ${retired.join(', ')}`,
    'Copy master.key to every other machine of the city before it is started there. Back it up apart from the database, and destroy the backups of the old one.',
  ]);
}
