import type { Command } from 'commander';
import { stat } from 'node:fs/promises';
import { clientFetch } from '#libs/api-client';
import { amendReasons } from '#libs/certificate';
import { saltSecretOf, ImportingCity, usualStop } from '#libs/department-client';
import { readClientKey } from '#libs/department-client/client-key';
import { InvalidError } from '#libs/kernel';
import { type ImportRun, runImport } from '../import-run.js';
import { cityUrl } from '../city-url.js';
import { group } from '../group.js';
import { asOfTime, creditCodeOf, oneOf, wholeNumber } from '../options.js';

interface Options {
  readonly url: string;
  readonly client: string;
  readonly key: string;
  readonly authority: string;
  readonly city?: string;
  readonly encoding?: string;
  readonly dryRun?: true;
  readonly stopAfter: string;
  readonly stopPercent: string;
  readonly batch: string;
  readonly atOnce: string;
  readonly signAnew?: true;
  readonly asOf?: string;
  readonly reason: string;
}

/** A file that the command cannot work with. */
class FileUnreadable extends InvalidError<'file_unreadable'> {}

/** What was revoked or cancelled comes back by hand, never by a file. */
const importReasons = amendReasons.filter((reason) => reason !== 'reissue');

/**
 * `mianzheng import certificates FILE`: an authority signs a file's certificates with its own key
 * and submits them.
 */
export function register(program: Command): void {
  group(program, 'import', 'import files into a running city')
    .command('certificates')
    .description(
      'sign the certificates of a file (CSV or NDJSON) and hand them in; safe to run again',
    )
    .argument('<file>', '.csv (.tsv, .txt), .ndjson or .jsonl')
    .requiredOption('--key <file>', "the authority's private key (JWK); it is not sent")
    .requiredOption('--client <id>', 'the client that the key is registered for')
    .requiredOption('--authority <code>', "the authority's unified social credit code")
    .option('--city <code>', 'credit code for types without a national code; default: --authority')
    .option('--url <origin>', 'URL of the city', cityUrl())
    .option('--encoding <name>', 'utf-8, utf-16le, utf-16be or gb18030, if it cannot be detected')
    .option('--dry-run', 'check and report without writing anything')
    .option(
      '--stop-after <lines>',
      'write nothing if this many lines are refused; none: continue',
      String(usualStop.lines),
    )
    .option(
      '--stop-percent <percent>',
      'stop if a larger share of lines is refused (three lines or more); none: continue',
      String(usualStop.percent),
    )
    .option('--batch <lines>', 'lines a request', '250')
    .option('--at-once <requests>', 'concurrent requests', '3')
    .option(
      '--sign-anew',
      'sign lines again whose holder was erased since the last import and has been registered again',
    )
    .option(
      '--as-of <time>',
      'time as of which the file holds: 2026-11-22 or 2026-11-22T18:30:00; a column as_of takes precedence',
    )
    .option(
      '--reason <reason>',
      `reason code of later versions: ${importReasons.join(', ')}`,
      'change',
    )
    .addHelpText(
      'after',
      `
A CSV (RFC 4180; parted by commas, semicolons or tabs) has the columns type, holder_kind, holder_number, valid_from; if wanted
holder_issuer (of kinds 411–414 and 999), role, valid_until (长期, 永久 or - for no expiry; empty: as the type says), serial or identifier, as_of
(of when the line is: papers that are sent again need it; what is newer amends, what is older is refused),
file.NAME (a path); then the type's fields by name. Several holders: 111;111 in one cell. The whole file is checked before anything is written.
For FILE x.csv: bad lines with their reasons go to x.bad.csv, which is imported when they are mended; what came in (line, id, version,
record) to x.results.csv. Files of earlier runs stay: the next ones are x.bad.2.csv, …

Examples:
  mianzheng import certificates x.csv --key authority.jwk --client ID --authority CODE --dry-run
  mianzheng import certificates x.csv --key authority.jwk --client ID --authority CODE --encoding gb18030`,
    )
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const authority = creditCodeOf('--authority', options.authority);
  const { apiKey, signing } = await readClientKey(options.key);
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new FileUnreadable(
      'file_unreadable',
      `文件无法读取 / the file cannot be read: ${file}`,
      { file },
      { cause },
    );
  });
  const told = new AbortController();
  const interrupted = () => {
    // A second interrupt does not wait for pending requests.
    if (told.signal.aborted) process.exit(130);
    told.abort();
  };
  process.on('SIGINT', interrupted);
  const importing: ImportRun = {
    file,
    size,
    encoding: options.encoding,
    dryRun: options.dryRun === true,
    stop: {
      lines: limit('--stop-after', options.stopAfter, 1e9),
      percent: limit('--stop-percent', options.stopPercent, 100),
    },
    signal: told.signal,
    city: new ImportingCity(
      options.url,
      clientFetch({
        baseUrl: options.url,
        client: options.client,
        key: apiKey,
        scopes: ['certificates:issue', 'matters:read'],
      }),
    ),
    issuer: {
      creditCode: authority,
      cityCreditCode: options.city === undefined ? authority : creditCodeOf('--city', options.city),
      secret: saltSecretOf(signing.key),
    },
    key: signing,
    linesOfBatch: wholeNumber('--batch', options.batch, 1000),
    atOnce: wholeNumber('--at-once', options.atOnce, 16),
    signAnew: options.signAnew ?? false,
    reason: oneOf('--reason', options.reason, importReasons),
    ...(options.asOf !== undefined && { asOf: asOfTime('--as-of', options.asOf) }),
  };
  try {
    // Scripts must see that lines were left out.
    const { complete } = await runImport(importing);
    if (told.signal.aborted) process.exitCode = 130;
    else if (!complete) process.exitCode = 1;
  } finally {
    process.off('SIGINT', interrupted);
  }
}

const limit = (option: string, text: string, most: number): number | null =>
  text === 'none' ? null : wholeNumber(option, text, most, 'none');
