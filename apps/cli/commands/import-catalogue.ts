import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { clientFetch } from '#libs/api-client';
import {
  type CatalogueParts,
  cutCatalogueFile,
  type EnglishMissing,
  type ImportReport,
  mergeEnglishMissing,
  type RefusedLine,
  spreadOverPlaces,
} from '#libs/catalogue';
import { wholeText } from '#libs/department-client';
import { readClientKey } from '#libs/department-client/client-key';
import { isTrialOrigin } from '#libs/log';
import { InvalidError, isObject, RefusedError, UnavailableError } from '#libs/kernel';
import { cityOf } from '../city-of.js';
import { cityUrl } from '../city-url.js';
import { lookalikeLine } from '../lookalike-line.js';
import { administratorKeyFile, administratorKeyOption } from '../registering.js';
import { isForPrograms, tellResult } from '../output.js';

interface Options {
  readonly url: string;
  readonly client: string;
  readonly key?: string;
  readonly encoding?: string;
  readonly places?: true;
}

/** A file that cannot be opened. */
export class FileUnreadable extends InvalidError<'file_unreadable' | 'key_file_invalid'> {}
/** What is made up belongs into a trial, and this city is none. */
export class CityNotTrial extends RefusedError<'city_not_trial'> {}
/** The city refused a whole part of a file; `facts.problem` is its code. */
export class ImportRefused extends RefusedError<'import_refused'> {}
/** The city did not answer. Imported parts stay; importing the file again continues from there. */
export class CityUnreachable extends UnavailableError<'city_unreachable'> {}

/**
 * Types before the matters that name them, matters before the rules over them: whatever the order
 * of the files.
 */
const order = ['types', 'matters', 'rules'] as const;
const attempts = 5;

/**
 * `mianzheng import catalogue FILE…`: sends catalogue files to a running city, as an administrator.
 */
export function register(program: Command): void {
  const parent =
    program.commands.find((command) => command.name() === 'import') ??
    program.command('import').description('import files into a running city');
  parent
    .command('catalogue')
    .description('import certificate types, matters or rules (TSV or CSV, told by their header)')
    .argument('<files...>', 'files to import; see contracts/catalogue/README.md')
    .option('--url <origin>', 'URL of the city', cityUrl())
    .option('--client <id>', 'an administrator', 'administrator')
    .option('--key <file>', administratorKeyOption)
    .option('--encoding <name>', 'utf-8, utf-16le, utf-16be or gb18030, if it cannot be detected')
    .option('--places', 'in a trial only: add local variants of matters for an invented district')
    .action(importCatalogue);
}

async function importCatalogue(files: readonly string[], options: Options): Promise<void> {
  if (options.places === true) await mustBeTrial(options.url);
  const read = await Promise.all(
    files.map((file) => readParts(file, options.places === true, options.encoding)),
  );
  const { apiKey: key } = await readClientKey(administratorKeyFile(options.key));
  const send = clientFetch({
    baseUrl: options.url,
    client: options.client,
    key,
    scopes: ['catalogue:manage'],
  });
  const reports: FileReport[] = [];
  for (const kind of order)
    for (const { file, cut } of read.filter((one) => one.cut.kind === kind)) {
      const report = { file, ...(await importParts(cut, options.url, send)) };
      reports.push(report);
      if (!isForPrograms()) tellResult(report, linesOf(report));
    }
  if (isForPrograms()) tellResult({ files: reports }, []);
  // Scripts must see that lines were left out.
  if (reports.some(({ refused }) => refused.length > 0)) process.exitCode = 1;
}

/** @throws CityNotTrial */
async function mustBeTrial(url: string): Promise<void> {
  const city = await cityOf(url);
  if (!isTrialOrigin(city))
    throw new CityNotTrial(
      'city_not_trial',
      `${city} is no trial, and --places makes matters up`,
      { city },
      { hint: 'Import without --places, or into a city whose CITY begins with trial.' },
    );
}

interface FileReport extends ImportReport {
  readonly file: string;
}

async function readParts(file: string, places: boolean, encoding?: string) {
  const text = await wholeText(file, encoding);
  const cut = cutCatalogueFile(text);
  return {
    file: basename(file),
    cut: places && cut.kind === 'matters' ? cutCatalogueFile(spreadOverPlaces(text)) : cut,
  };
}

async function importParts(
  { kind, parts, duplicates }: CatalogueParts,
  url: string,
  send: (request: Request) => Promise<Response>,
): Promise<ImportReport> {
  const sum = { added: 0, changed: 0, unchanged: 0 };
  const refused: RefusedLine[] = [...duplicates];
  const englishMissing: EnglishMissing[] = [];
  const pairs = new Map<string, ImportReport['lookalikes'][number]>();
  for (const part of parts) {
    const report = await importPart(part, `${url}/v1/catalogue/import`, send);
    sum.added += report.added;
    sum.changed += report.changed;
    sum.unchanged += report.unchanged;
    refused.push(...report.refused);
    for (const pair of report.lookalikes) pairs.set(pair.join('\0'), pair);
    englishMissing.push(...report.englishMissing);
  }
  return {
    kind,
    ...sum,
    refused: refused.sort((a, b) => a.line - b.line),
    lookalikes: [...pairs.values()],
    englishMissing: mergeEnglishMissing(englishMissing),
  };
}

/**
 * Sends one part until it is answered; the same Idempotency-Key makes a second sending the same
 * request.
 */
async function importPart(
  part: { readonly content: string; readonly lineOffset: number },
  url: string,
  send: (request: Request) => Promise<Response>,
): Promise<ImportReport> {
  const key = randomUUID();
  for (let attempt = 1; ; attempt++) {
    const request = new Request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(part),
    });
    let response: Response | undefined;
    let cause: unknown;
    try {
      response = await send(request);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch fails with it where no server answers
      cause = error;
    }
    if (response?.ok === true) return (await response.json()) as ImportReport;
    if (response !== undefined && response.status < 500 && response.status !== 429)
      throw await refusal(response);
    if (attempt === attempts)
      throw new CityUnreachable(
        'city_unreachable',
        `the city does not answer at ${new URL(url).origin}`,
        { status: response?.status ?? null },
        { cause, hint: 'start it with `npm start`, or name it with --url' },
      );
    await wait(attempt * 500);
  }
}

async function refusal(response: Response): Promise<ImportRefused> {
  const problem: unknown = await response.json().catch(() => null);
  const text = (member: string) =>
    isObject(problem) && typeof problem[member] === 'string' ? problem[member] : null;
  const hint = text('hint');
  return new ImportRefused(
    'import_refused',
    `the city refused: ${text('detail') ?? `status ${response.status}`}`,
    { status: response.status, problem: text('code') },
    { ...(hint !== null && { hint }) },
  );
}

function linesOf(report: FileReport): readonly string[] {
  const { file, kind, added, changed, unchanged, refused, lookalikes, englishMissing } = report;
  const of = kind === 'rules' ? 'materials with rules' : kind;
  return [
    `${file}: ${of}: ${added} added, ${changed} changed, ${unchanged} unchanged; ${refused.length} lines refused`,
    ...refused.map(
      ({ line, code, reason, detail }) =>
        `  line ${line}${code === null ? '' : ` (${code})`}: ${reason}: ${detail}`,
    ),
    ...lookalikes.map(lookalikeLine),
    ...englishMissing.map(
      ({ reason, nameZh, line, lines }) =>
        `  no English name, so that English notices show the Chinese, 缺英文名称，英文告知书将显示中文: ${reason}: ${nameZh} (line ${line}${lines > 1 ? ` and ${lines - 1} more` : ''})`,
    ),
  ];
}
