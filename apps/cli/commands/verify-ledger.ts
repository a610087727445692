import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkLedger } from '#libs/audit/ledger-check';
import { InvalidError } from '#libs/kernel';
import { parsePolicy } from '#libs/verify';
import { group } from '../group.js';
import { withLedger } from '../ledger.js';
import { progressBar } from '../progress.js';

interface Options {
  readonly policy?: string;
  readonly checkpoint: readonly string[];
  readonly threads: string;
}

/** A file that cannot be read, or a number that is none. */
export class LedgerOptionWrong extends InvalidError<'file_unreadable' | 'number_wrong'> {}

/** So many findings are told on the screen. */
const told = 50;

/** `mianzheng verify ledger`: everything that can be checked of a whole ledger, from its database. */
export function register(program: Command): void {
  group(program, 'verify', 'check what the ledger says')
    .command('ledger')
    .description(
      'check a whole ledger: hashes, chains, tree, tiles, checkpoints, redemptions, signatures',
    )
    .option('--policy <file>', 'keys of log and witnesses; default: log-policy in the data folder')
    .option(
      '--checkpoint <file...>',
      'checkpoints that were kept elsewhere: the ledger must continue them',
      [],
    )
    .option('--threads <n>', 'threads that read and hash', String(availableParallelism()))
    .action(verifyLedger);
}

async function verifyLedger(options: Options): Promise<void> {
  const threads = Number(options.threads);
  if (!Number.isInteger(threads) || threads < 0 || threads > 256)
    throw new LedgerOptionWrong('number_wrong', '--threads takes a whole number');
  await withLedger(async ({ settings, pool }) => {
    const policy = parsePolicy(
      (await read(options.policy ?? join(settings.dataDir, 'log-policy'))).toString('utf8'),
    );
    const checkpoints = await Promise.all(options.checkpoint.map(read));
    const bars = new Map<string, ReturnType<typeof progressBar>>();
    const began = performance.now();
    const report = await checkLedger(pool, pool.options.connectionString ?? '', {
      city: settings.city,
      policy,
      checkpoints,
      threads,
      onProgress: (phase, done, of) => {
        let bar = bars.get(phase);
        if (bar === undefined) {
          for (const other of bars.values()) other.stop();
          bars.set(phase, (bar = progressBar(phase.padEnd(10), of)));
        }
        bar.at(done, of);
      },
    }).finally(() => {
      for (const bar of bars.values()) bar.stop();
    });
    const seconds = (performance.now() - began) / 1000;
    for (const { stream, version, what } of report.findings.slice(0, told))
      process.stdout.write(`${version < 0 ? 'the log' : `${stream} ${version}`}: wrong ${what}\n`);
    const more = report.findings.length - told;
    if (more > 0) process.stdout.write(`… and ${more} more\n`);
    process.stdout.write(
      `${report.records} records in ${report.streams} streams, ${report.signatures} signatures, ${report.checkpoints} checkpoints` +
        ` in ${seconds.toFixed(1)} s (${Math.round(report.records / seconds)} records/s): ` +
        `${report.findings.length === 0 ? 'all of it holds' : `${report.findings.length} findings`}\n`,
    );
    if (report.findings.length > 0) process.exitCode = 1;
  });
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new LedgerOptionWrong('file_unreadable', `${file} cannot be read`, { file }, { cause });
  }
}
