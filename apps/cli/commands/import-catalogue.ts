import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { clientFetch, readKey } from '#libs/api-client';
import {
  type CatalogueParts,
  cutCatalogueFile,
  fileText,
  type ImportReport,
  type RefusedLine,
  spreadOverPlaces,
} from '#libs/catalogue';
import { InvalidError, isObject, parseJson, RefusedError, UnavailableError } from '#libs/kernel';
import { cityUrl } from '../city-url.js';

interface Options {
  readonly url: string;
  readonly client: string;
  readonly key: string;
  readonly places?: true;
}

/** A file that cannot be opened. */
export class FileUnreadable extends InvalidError<'file_unreadable' | 'key_file_invalid'> {}
/** The city said no to a whole part of a file; `facts.problem` is its code. */
export class ImportRefused extends RefusedError<'import_refused'> {}
/** The city did not answer. What came in before stays; importing the file again goes on from there. */
export class CityUnreachable extends UnavailableError<'city_unreachable'> {}

/** Types before the matters that name them, matters before the rules over them: whatever the order of the files. */
const order = ['types', 'matters', 'rules'] as const;
const attempts = 5;

/** `mianzheng import catalogue FILE…`: sends catalogue files to a running city, as an administrator. */
export function register(program: Command): void {
  const parent =
    program.commands.find((command) => command.name() === 'import') ??
    program.command('import').description('take files into a running city');
  parent
    .command('catalogue')
    .description('import certificate types, matters or rules (TSV or CSV, told by their header)')
    .argument('<files...>', 'files to import; see contracts/catalogue/README.md')
    .option('--url <origin>', 'the city', cityUrl())
    .option('--client <id>', 'an administrator', 'administrator')
    .option('--key <file>', 'its private key (JWK)', 'data/keys/administrator.jwk')
    .option('--places', "for trials: spread matters over a district's made-up places")
    .action(importCatalogue);
}

async function importCatalogue(files: readonly string[], options: Options): Promise<void> {
  const read = await Promise.all(files.map((file) => readParts(file, options.places === true)));
  const send = clientFetch({
    baseUrl: options.url,
    client: options.client,
    key: await readKeyFile(options.key),
    scopes: ['catalogue:manage'],
  });
  let refused = 0;
  for (const kind of order)
    for (const { file, cut } of read.filter((one) => one.cut.kind === kind)) {
      const report = await importParts(cut, options.url, send);
      refused += report.refused.length;
      tell(file, report);
    }
  // Whoever scripts this must see that something was left out.
  if (refused > 0) process.exitCode = 1;
}

async function readParts(file: string, places: boolean) {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new FileUnreadable('file_unreadable', `${file} cannot be read`, { file }, { cause });
  }
  const text = fileText(bytes);
  const cut = cutCatalogueFile(text);
  return {
    file: basename(file),
    cut: places && cut.kind === 'matters' ? cutCatalogueFile(spreadOverPlaces(text)) : cut,
  };
}

async function readKeyFile(file: string) {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new FileUnreadable(
      'file_unreadable',
      `${file} cannot be read`,
      { file },
      { cause, hint: "give an administrator's key file with --key" },
    );
  }
  const jwk = parseJson(text);
  if (!isObject(jwk)) throw new FileUnreadable('key_file_invalid', `${file} is no key`, { file });
  return readKey(jwk);
}

async function importParts(
  { kind, parts, duplicates }: CatalogueParts,
  url: string,
  send: (request: Request) => Promise<Response>,
): Promise<ImportReport> {
  const sum = { added: 0, changed: 0, unchanged: 0 };
  const refused: RefusedLine[] = [...duplicates];
  for (const part of parts) {
    const report = await importPart(part, `${url}/v1/catalogue/import`, send);
    sum.added += report.added;
    sum.changed += report.changed;
    sum.unchanged += report.unchanged;
    refused.push(...report.refused);
  }
  return { kind, ...sum, refused: refused.sort((a, b) => a.line - b.line) };
}

/** Sends one part until it is answered; the same Idempotency-Key makes a second sending the same request. */
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
      if (!(error instanceof TypeError)) throw error; // fetch says so where nobody answers
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

function tell(file: string, { kind, added, changed, unchanged, refused }: ImportReport): void {
  const of = kind === 'rules' ? 'materials with rules' : kind;
  process.stdout.write(
    `${file}: ${of}: ${added} added, ${changed} changed, ${unchanged} unchanged; ${refused.length} lines refused\n`,
  );
  for (const { line, code, reason, detail } of refused)
    process.stdout.write(
      `  line ${line}${code === null ? '' : ` (${code})`}: ${reason}: ${detail}\n`,
    );
}
