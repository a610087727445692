import type { Command } from 'commander';
import { privacyKeysFolder, rotateMasterKey } from '#libs/privacy/privacy.module';
import { group } from '../group.js';
import { withLedger } from '../ledger.js';

/** `mianzheng keys rotate-master`: a new master key for the vault, everything wrapped anew, the old key destroyed. The city must be stopped. */
export function register(program: Command): void {
  group(program, 'keys', 'keys of clients and authorities')
    .command('rotate-master')
    .description('give the vault a new master key and destroy the old one (while no city runs)')
    .action(rotate);
}

async function rotate(): Promise<void> {
  const { rewrapped, retired } = await withLedger(({ settings, pool }) =>
    rotateMasterKey(pool, privacyKeysFolder(settings)),
  );
  process.stdout.write(
    `${rewrapped} subject keys stand under a new master key; ${retired.length} old one destroyed: ${retired.join(', ')}\n` +
      'Copy master.key to every other machine of the city before it is started there. Back it up apart from the database, and destroy the backups of the old one.\n',
  );
}
