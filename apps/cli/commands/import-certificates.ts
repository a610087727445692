import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { createPrivateKey } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { clientFetch, readKey } from '#libs/api-client';
import { saltSecretOf } from '#libs/certificate';
import { InvalidError, isCreditCode, isObject, parseJson } from '#libs/kernel';
import { cityUrl } from '../city-url.js';
import { ImportingCity } from '../certificate-import/city.js';
import { type BadLine, importCertificates } from '../certificate-import/import.js';
import { openSource } from '../certificate-import/rows.js';
import { group } from '../group.js';

interface Options {
  readonly url: string;
  readonly client: string;
  readonly key: string;
  readonly authority: string;
  readonly city?: string;
  readonly batch: string;
  readonly atOnce: string;
  readonly signAnew?: true;
}

/** An option or a file that the command cannot work with. */
class CommandUnusable extends InvalidError<
  'file_unreadable' | 'key_file_invalid' | 'credit_code_wrong' | 'number_wrong'
> {}

/** So many bad lines are told on the screen; all of them stand in the file of reasons. */
const told = 20;

/** `mianzheng import certificates FILE`: an authority signs a file's certificates with its own key and hands them in. */
export function register(program: Command): void {
  group(program, 'import', 'take files into a running city')
    .command('certificates')
    .description(
      'sign the certificates of a file (CSV or NDJSON) and hand them in; safe to run again',
    )
    .argument('<file>', '.csv, .ndjson or .jsonl')
    .requiredOption('--key <file>', "the authority's private key (JWK); it stays here")
    .requiredOption('--client <id>', 'the client that the key is registered for')
    .requiredOption('--authority <code>', "the authority's unified social credit code")
    .option('--city <code>', 'credit code for types without a national code; default: --authority')
    .option('--url <origin>', 'the city', cityUrl())
    .option('--batch <lines>', 'lines a request', '250')
    .option('--at-once <requests>', 'requests under way together', '3')
    .option(
      '--sign-anew',
      'sign lines anew whose holder was erased since they came in, and came back',
    )
    .addHelpText(
      'after',
      `
CSV columns: type, holder_kind, holder_number, valid_from; if wanted role, valid_until (- for no expiry; empty: as the type says),
serial or identifier, file.NAME (a path); then the type's fields by name. Several holders: 111;111 in one cell.
Bad lines go to FILE.bad, their reasons to FILE.bad.reasons.`,
    )
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const authority = creditCode(options.authority);
  const { apiKey, signing } = await readKeys(options.key);
  const bytes = await stat(file).catch((cause: unknown) => {
    throw new CommandUnusable('file_unreadable', 'the file cannot be read', { file }, { cause });
  });
  const source = openSource(file);
  const bar = new SingleBar({
    format:
      '{bar} {percentage}%  {recorded} recorded, {unchanged} unchanged, {refused} refused  {rate}/s',
    stream: process.stderr,
    noTTYOutput: false,
    hideCursor: true,
  });
  const bad = new BadFiles(file, source.header);
  const start = performance.now();
  bar.start(bytes.size, 0, { recorded: 0, unchanged: 0, refused: 0, rate: 0 });
  try {
    const report = await importCertificates({
      file,
      source,
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
        cityCreditCode: options.city === undefined ? authority : creditCode(options.city),
        secret: saltSecretOf(signing.key),
      },
      key: signing,
      linesOfBatch: count(options.batch, 1000),
      atOnce: count(options.atOnce, 16),
      signAnew: options.signAnew ?? false,
      onBad: (line) => bad.add(line),
      onProgress: (done, { recorded, unchanged, refused }) => {
        const seconds = (performance.now() - start) / 1000;
        const rate = Math.round((recorded + unchanged + refused) / seconds);
        bar.update(done, { recorded, unchanged, refused, rate });
      },
    });
    bar.update(bytes.size);
    bar.stop();
    await bad.close();
    const seconds = (performance.now() - start) / 1000;
    const all = report.recorded + report.unchanged + report.refused;
    process.stdout.write(
      `${report.recorded} recorded, ${report.unchanged} unchanged, ${report.refused} refused; ${Math.round(all / seconds)}/s\n`,
    );
    for (const line of bad.first)
      process.stderr.write(`line ${line.line}: ${line.code}: ${line.detail}\n`);
    if (report.refused > bad.first.length)
      process.stderr.write(`and ${report.refused - bad.first.length} more\n`);
    if (report.refused > 0) {
      process.stderr.write(
        `the bad lines are in ${file}.bad, all reasons in ${file}.bad.reasons\n`,
      );
      // Whoever scripts this must see that something was left out.
      process.exitCode = 1;
    }
  } finally {
    bar.stop();
    await bad.close();
  }
}

/** `FILE.bad` can be mended and imported itself; `FILE.bad.reasons` says why each line is in it. Personal data: for the owner's eyes only. */
class BadFiles {
  readonly first: BadLine[] = [];
  #lines: WriteStream | null = null;
  #reasons: WriteStream | null = null;

  constructor(
    private readonly file: string,
    private readonly header: () => string | null,
  ) {}

  async add(bad: BadLine): Promise<void> {
    if (this.first.length < told) this.first.push(bad);
    if (this.#lines === null) {
      // Not the earlier run's modes: a file that is there keeps its own.
      await this.forget();
      this.#lines = createWriteStream(`${this.file}.bad`, { mode: 0o600 });
      this.#reasons = createWriteStream(`${this.file}.bad.reasons`, { mode: 0o600 });
      const header = this.header();
      if (header !== null) this.#lines.write(`${header}\n`);
    }
    if (bad.raw !== '') this.#lines.write(`${bad.raw}\n`);
    this.#reasons?.write(`${bad.line}\t${bad.code}\t${bad.detail}\n`);
  }

  async close(): Promise<void> {
    const open = [this.#lines, this.#reasons].filter((stream) => stream !== null);
    if (open.length === 0) await this.forget();
    await Promise.all(
      open.map(async (stream) => {
        if (stream.closed) return;
        stream.end();
        await once(stream, 'close');
      }),
    );
  }

  /** An earlier run's bad lines are not this one's. */
  private async forget(): Promise<void> {
    await rm(`${this.file}.bad`, { force: true });
    await rm(`${this.file}.bad.reasons`, { force: true });
  }
}

async function readKeys(file: string) {
  const invalid = (cause?: unknown) =>
    new CommandUnusable(
      'key_file_invalid',
      'the key file holds no private JWK',
      { file },
      { cause },
    );
  try {
    const jwk = parseJson(await readFile(file, 'utf8'));
    if (!isObject(jwk)) throw invalid();
    const apiKey = await readKey({ ...jwk });
    const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
    return { apiKey, signing: { kid: apiKey.jkt, alg: apiKey.alg, key } };
  } catch (cause) {
    throw cause instanceof CommandUnusable ? cause : invalid(cause);
  }
}

function creditCode(text: string): string {
  if (!isCreditCode(text))
    throw new CommandUnusable('credit_code_wrong', 'a unified social credit code does not check');
  return text;
}

function count(text: string, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new CommandUnusable('number_wrong', `a number from 1 to ${most} is needed`);
  return number;
}
