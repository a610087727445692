import 'reflect-metadata';
import { Command } from 'commander';
import { ProductError } from '#libs/kernel';

interface CommandFile {
  readonly register: (program: Command) => void;
}

/** By the words that call them. */
const commands = new Map<string, () => Promise<CommandFile>>([
  ['backup', () => import('./commands/backup.js')],
  ['erase', () => import('./commands/erase.js')],
  ['import catalogue', () => import('./commands/import-catalogue.js')],
  ['import certificates', () => import('./commands/import-certificates.js')],
  ['keys new', () => import('./commands/keys.js')],
  ['keys rotate-master', () => import('./commands/rotate-keys.js')],
  ['log key', () => import('./commands/log-key.js')],
  ['log resume', () => import('./commands/log-resume.js')],
  ['replay', () => import('./commands/replay.js')],
  ['restore', () => import('./commands/restore.js')],
  ['verify chains', () => import('./commands/verify-chains.js')],
  ['verify ledger', () => import('./commands/verify-ledger.js')],
  ['verify receipt', () => import('./commands/verify-receipt.js')],
  ['verify statement', () => import('./commands/verify-statement.js')],
]);

const program = new Command('mianzheng').description('The command line of the ledger 免证.');
const [first = '', second = ''] = process.argv.slice(2);
const called = commands.get(`${first} ${second}`) ?? commands.get(first);
// Some bring the whole ledger with them, which the others start faster without. Whoever names none, or only a group, is shown all.
for (const load of called === undefined ? commands.values() : [called])
  (await load()).register(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode ??= 1;
  process.stderr.write(`${explain(error)}\n`);
}

function explain(error: unknown): string {
  if (!(error instanceof ProductError)) return error instanceof Error ? error.message : 'failed';
  const hint = error.hint === undefined ? '' : `\n${error.hint}`;
  return `${error.message} (${String(error.code)})${hint}`;
}
