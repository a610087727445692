import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { InvalidError, utf8Text } from '#libs/kernel';
import { parsePolicy } from '#libs/verify';
import { checked, tell } from '../checking.js';
import { group } from '../group.js';
import { type Ledger, withLedger } from '../ledger.js';
import { policyFile } from '../policy-file.js';

interface Options {
  readonly policy?: string;
  readonly checkpoint: readonly string[];
  readonly threads: string;
  readonly json?: boolean;
}

/** A file that cannot be read, or a number that is none. */
export class LedgerOptionWrong extends InvalidError<'file_unreadable' | 'number_wrong'> {}

/** `mianzheng verify ledger`: everything that can be checked of a whole ledger, from its database. */
export function register(program: Command): void {
  group(program, 'verify', 'check what the ledger says')
    .command('ledger')
    .description(
      'check a whole ledger: hashes, chains, tree, tiles, checkpoints, redemptions, signatures',
    )
    .option(
      '--policy <file>',
      'keys of log and witnesses; default: what LOG_POLICY names, or log-policy in the data folder',
    )
    .option(
      '--checkpoint <file...>',
      'checkpoints that were kept elsewhere: the ledger must continue them',
      [],
    )
    .option('--threads <n>', 'threads that read and hash', String(availableParallelism()))
    .option('--json', 'one JSON object for programs: what was checked, and every finding')
    .action(verifyLedger);
}

/** Ends with 0 where all of it holds, with 1 where something does not, and with 2 where that could not be found out. */
async function verifyLedger(options: Options): Promise<void> {
  try {
    const holds = await withLedger((ledger) => verify(ledger, options));
    if (!holds) process.exitCode = 1;
  } catch (error) {
    process.exitCode = 2;
    throw error;
  }
}

async function verify(ledger: Ledger, options: Options): Promise<boolean> {
  const threads = Number(options.threads);
  if (!Number.isInteger(threads) || threads < 0 || threads > 256)
    throw new LedgerOptionWrong('number_wrong', '--threads takes a whole number');
  const { settings } = ledger;
  const file = options.policy ?? policyFile(settings);
  const { report, seconds } = await checked(ledger, {
    policy: parsePolicy(await readText(file)),
    checkpoints: await Promise.all(options.checkpoint.map(read)),
    threads,
  });
  const holds = report.findings.length === 0;
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ city: settings.city, holds, seconds, ...report })}\n`);
    return holds;
  }
  tell(report);
  if (report.notes.length > 0) {
    process.stdout.write('To be known, though no fault of the ledger:\n');
    tell({ ...report, findings: report.notes });
  }
  const unsigned = report.records - report.covered;
  process.stdout.write(
    `${report.records} records in ${report.streams} streams, ${report.signatures} signatures, ${report.checkpoints} checkpoints` +
      ` in ${seconds.toFixed(1)} s (${Math.round(report.records / seconds)} records/s): ` +
      `${holds ? 'all of it holds' : `${report.findings.length} findings`}\n` +
      (unsigned > 0 ? `The last ${unsigned} records are under no trusted checkpoint yet.\n` : ''),
  );
  return holds;
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new LedgerOptionWrong('file_unreadable', `${file} cannot be read`, { file }, { cause });
  }
}

/** Names in it are compared letter by letter: two that are not UTF-8 must not be read as one. */
async function readText(file: string): Promise<string> {
  const bytes = await read(file);
  try {
    return utf8Text(bytes);
  } catch (cause) {
    throw new LedgerOptionWrong('file_unreadable', `${file} is not UTF-8`, { file }, { cause });
  }
}
