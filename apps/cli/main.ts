import 'reflect-metadata';
import { Command } from 'commander';
import { ProductError } from '#libs/kernel';
import { register as importCatalogue } from './commands/import-catalogue.js';
import { register as importCertificates } from './commands/import-certificates.js';
import { register as keys } from './commands/keys.js';
import { register as replay } from './commands/replay.js';
import { register as verifyChains } from './commands/verify-chains.js';
import { register as verifyLedger } from './commands/verify-ledger.js';
import { register as verifyReceipt } from './commands/verify-receipt.js';

const program = new Command('mianzheng').description('The command line of the ledger 免证.');
for (const register of [
  importCatalogue,
  importCertificates,
  keys,
  replay,
  verifyChains,
  verifyLedger,
  verifyReceipt,
])
  register(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${explain(error)}\n`);
}

function explain(error: unknown): string {
  if (!(error instanceof ProductError)) return error instanceof Error ? error.message : 'failed';
  const hint = error.hint === undefined ? '' : `\n${error.hint}`;
  return `${error.message} (${String(error.code)})${hint}`;
}
