import type { Command } from 'commander';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LedgerReport } from '#libs/audit/ledger-check';
import { BackupUnusable, sumsFile } from '#libs/backup';
import { checkBackup, type CheckedBackup } from '#libs/backup/postgres';
import { startDatabase } from '#libs/embedded-postgres';
import { InvalidError } from '#libs/kernel';
import { openLog, Settings } from '#libs/platform';
import { parsePolicy } from '#libs/verify';
import { policyFile, policyOf } from '../policy-file.js';
import { progressBar } from '../progress.js';
import { mustFit, restoreCity } from '../restoring.js';
import { tellResult } from '../output.js';

interface Options {
  readonly policy?: string;
  readonly digest?: string;
}

/** The keys of log and witnesses, against which the restored ledger is checked, are nowhere. */
export class PolicyMissing extends InvalidError<'policy_missing'> {}

/** What a city cannot be started without, unless it is given in the environment. */
const keyFiles = [
  'log.key',
  'ledger.jwks',
  'identity.jwks',
  'request.key',
  'master.key',
  'pepper.key',
  'pairwise.key',
];

/** `mianzheng restore`: makes a ledger of a backup, in an empty database, and checks it. */
export function register(program: Command): void {
  program
    .command('restore')
    .description('bring a backup back into an empty database, and check the whole ledger')
    .argument('<folder>', 'what `backup` wrote')
    .option(
      '--policy <file>',
      'policy with the keys of log and witnesses; default: LOG_POLICY, or log-policy in the data folder',
    )
    .option('--digest <sha256>', 'digest of SHA256SUMS, as printed by `backup`')
    .action(restore);
}

async function restore(folder: string, options: Options): Promise<void> {
  const settings = Settings.from();
  const bars = new Map<string, ReturnType<typeof progressBar>>();
  const progress = (phase: string, done: number, of: number) => {
    let bar = bars.get(phase);
    if (bar === undefined) {
      for (const other of bars.values()) other.stop();
      bars.set(phase, (bar = progressBar(phase.padEnd(10), of)));
    }
    bar.at(done, of);
  };
  const began = performance.now();
  try {
    const backup = await checked(resolve(folder), options, progress);
    mustFit(backup, { city: settings.city, apart: settings.eventStoreUrl !== undefined });
    const { policy, from } = await policyFor(settings, options, backup);
    const dataDir = join(settings.dataDir, 'postgres');
    const server =
      settings.databaseUrl === undefined ? await startDatabase({ dataDir }) : undefined;
    try {
      const report = await restoreCity(backup, {
        url: settings.databaseUrl ?? server?.url ?? '',
        city: settings.city,
        eventStoreUrl: settings.eventStoreUrl ?? null,
        policy: parsePolicy(policy),
        log: openLog('warn'),
        onProgress: progress,
      });
      for (const bar of bars.values()) bar.stop();
      const seconds = (performance.now() - began) / 1000;
      await tell(settings, backup, report, from, seconds);
    } finally {
      await server?.stop();
    }
  } finally {
    for (const bar of bars.values()) bar.stop();
  }
}

/** Every byte is what was written, before anything is touched. */
async function checked(
  folder: string,
  { digest }: Options,
  progress: (phase: string, done: number, of: number) => void,
): Promise<CheckedBackup> {
  let read = 0;
  const backup = await checkBackup(folder, (bytes, of) => {
    progress('checking', (read += bytes), of);
  });
  if (digest === undefined) return backup;
  const sums = createHash('sha256')
    .update(await readFile(join(folder, sumsFile)))
    .digest('hex');
  if (sums !== digest.trim().toLowerCase())
    throw new BackupUnusable(
      'backup_changed',
      'this is not the backup that the digest was said of',
      {},
      { hint: 'Nothing was restored. Look for the backup with this digest.' },
    );
  return backup;
}

/**
 * The city's own policy where it is there, or is named: the one in a backup is only as good as the
 * backup.
 */
async function policyFor(
  settings: Settings,
  options: Options,
  { policy }: CheckedBackup,
): Promise<{ readonly policy: Uint8Array; readonly from: string }> {
  const own = options.policy ?? policyFile(settings);
  const octets: Uint8Array | null =
    options.policy === undefined ? await policyOf(settings) : await readFile(own).catch(() => null);
  if (octets !== null) return { policy: octets, from: own };
  if (options.policy === undefined && policy !== null)
    return { policy, from: 'the policy in the backup itself: use --policy for one of your own' };
  throw new PolicyMissing(
    'policy_missing',
    `${own} cannot be read`,
    {},
    { hint: 'Name the file with the keys of log and witnesses with --policy.' },
  );
}

async function tell(
  settings: Settings,
  { manifest }: CheckedBackup,
  report: LedgerReport,
  policyFrom: string,
  seconds: number,
): Promise<void> {
  const folder = settings.keysDir;
  const missing: string[] = [];
  for (const file of keyFiles)
    if (!(await stat(join(folder, file)).catch(() => null))) missing.push(file);
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  const lines = [
    `${String(rows)} rows restored as of ${manifest.taken}, in ${seconds.toFixed(1)} s`,
    ...verdict(report, policyFrom),
    missing.length === 0
      ? `The keys are in ${folder}.`
      : `Before the city is started, put its keys into ${folder}; there is no ${missing.join(', ')}.`,
    'The ledger takes nothing new until one of its witnesses has answered and knows nothing newer.',
    'What was erased or withdrawn after this backup is not so in it: see docs/operations/backup.md.',
  ];
  tellResult(
    {
      rows,
      taken: manifest.taken,
      seconds,
      holds: report.findings.length === 0,
      findings: report.findings,
      missing,
    },
    lines,
  );
  if (report.findings.length > 0) process.exitCode = 1;
}

function verdict(report: LedgerReport, policyFrom: string): string[] {
  const { findings, records, streams, signatures, checkpoints } = report;
  const looked = `${String(records)} records in ${String(streams)} streams, ${String(signatures)} signatures, ${String(checkpoints)} checkpoints, by ${policyFrom}`;
  if (findings.length === 0) return [`${looked}: all of it holds`];
  return [
    ...findings
      .slice(0, 50)
      .map(({ stream, version, what }) =>
        version < 0 ? `the log: wrong ${what}` : `${stream} ${String(version)}: wrong ${what}`,
      ),
    `${looked}: ${String(findings.length)} findings`,
    'This ledger does not hold. It can be read, and takes nothing new until `mianzheng log resume`. Try another backup first.',
  ];
}
