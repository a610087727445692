import type { Command } from 'commander';
import { availableParallelism } from 'node:os';
import { clientFetch } from '#libs/api-client';
import {
  type FetchedLedgerReport,
  type LedgerReport,
  notCheckedOutside,
} from '#libs/audit/ledger-check';
import { InvalidError } from '#libs/kernel';
import type { Policy } from '#libs/verify';
import { checked, checkedOutside, tell, tellLeftOut } from '../checking.js';
import { CityDoor } from '../city-door.js';
import { readClientKey } from '#libs/department-client/client-key';
import { couldNotBeChecked, group } from '../group.js';
import { withLedger } from '../ledger.js';
import { policyOption, readMeant, readPolicy, trialLines } from '../offline.js';
import { isSilent, tellJson } from '../output.js';

interface Options {
  readonly policy?: string;
  readonly checkpoint: readonly string[];
  readonly threads: string;
  readonly url?: string;
  readonly client?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** An option that is no number, or one that needs another which is missing. */
export class LedgerOptionWrong extends InvalidError<'number_wrong' | 'options_missing'> {}

/**
 * `mianzheng verify ledger`: everything that can be checked of a whole ledger, from its database or
 * from outside.
 */
export function register(program: Command): void {
  group(program, 'verify', 'verify the ledger and its proofs')
    .command('ledger')
    .description(
      'check a whole ledger: hashes, chains, tree, tiles, checkpoints, redemptions, signatures',
    )
    .option(...policyOption)
    .option(
      '--checkpoint <file...>',
      'checkpoints kept elsewhere, which the ledger must continue',
      [],
    )
    .option('--threads <n>', 'threads that read, hash and check', String(availableParallelism()))
    .option('--url <origin>', 'check from outside: URL of the city, instead of its database')
    .option('--client <id>', 'from outside: a client with the scope ledger:audit')
    .option('--key <file>', "from outside: that client's private key (JWK); it is not sent")
    .option('--json', 'JSON output: what was checked, and all findings')
    .action(verifyLedger);
}

/**
 * Ends with 0 where all of it holds, with 1 where something does not, and with 2 where that could
 * not be found out.
 */
async function verifyLedger(options: Options): Promise<void> {
  try {
    const { city, report, seconds } = await check(options);
    tellReport(city, report, seconds, options);
    if (report.findings.length > 0) process.exitCode = 1;
  } catch (error) {
    process.exitCode = couldNotBeChecked;
    throw error;
  }
}

interface Done {
  readonly city: string;
  readonly report: LedgerReport | FetchedLedgerReport;
  readonly seconds: number;
}

async function check(options: Options): Promise<Done> {
  const threads = Number(options.threads);
  if (!Number.isInteger(threads) || threads < 0 || threads > 256)
    throw new LedgerOptionWrong('number_wrong', '--threads takes a whole number');
  const what = async () => ({
    policy: await readPolicy(options),
    checkpoints: await Promise.all(
      options.checkpoint.map(async (file) => Buffer.from(await readMeant(file))),
    ),
    threads,
  });
  if ([options.url, options.client, options.key].some((told) => told !== undefined))
    return fromOutside(options, await what());
  return withLedger(async (ledger) => ({
    city: ledger.settings.city,
    ...(await checked(ledger, await what())),
  }));
}

async function fromOutside(
  { url, client, key: file }: Options,
  what: {
    readonly policy: Policy;
    readonly checkpoints: readonly Buffer[];
    readonly threads: number;
  },
): Promise<Done> {
  if (url === undefined || client === undefined || file === undefined)
    throw new LedgerOptionWrong(
      'options_missing',
      'a ledger is checked from outside with --url, --client and --key',
    );
  const { apiKey: key } = await readClientKey(file);
  const origin = url.replace(/\/+$/, '');
  const door = new CityDoor(
    origin,
    clientFetch({ baseUrl: origin, client, key, scopes: ['ledger:audit'] }),
  );
  const done = await checkedOutside(door, what);
  return { city: done.report.city, ...done };
}

function tellReport(
  city: string,
  report: LedgerReport | FetchedLedgerReport,
  seconds: number,
  { json }: Options,
): void {
  const holds = report.findings.length === 0;
  if (json === true) {
    tellJson({ city, holds, seconds, ...report });
    return;
  }
  if (isSilent()) return;
  process.stdout.write(
    trialLines(report.trial)
      .map((line) => `${line}\n`)
      .join(''),
  );
  tell(report);
  if (report.notes.length > 0) {
    process.stdout.write('To be known, though no fault of the ledger:\n');
    tell({ ...report, findings: report.notes });
  }
  tellLeftOut(report);
  const unsigned = report.records - report.covered;
  process.stdout.write(
    `${report.records} records in ${report.streams} streams, ${report.signatures} signatures, ${report.checkpoints} ${report.checkpoints === 1 ? 'checkpoint' : 'checkpoints'}` +
      ` in ${seconds.toFixed(1)} s (${Math.round(report.records / seconds)} records/s): ` +
      `${holds ? 'all of it holds' : `${report.findings.length} findings`}\n` +
      (unsigned > 0 ? `The last ${unsigned} records are under no trusted checkpoint yet.\n` : ''),
  );
  if (!('notChecked' in report)) return;
  process.stdout.write('Not checked, for it cannot be seen from outside:\n');
  for (const code of report.notChecked)
    process.stdout.write(`  ${notCheckedOutside[code]} (${code})\n`);
}
