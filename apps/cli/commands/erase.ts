import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { clientFetch, readKey } from '#libs/api-client';
import { InvalidError, isObject, parseJson, RefusedError, UnavailableError } from '#libs/kernel';
import { erasureReasons } from '#libs/privacy';
import { cityUrl } from '../city-url.js';

/** What the API answers: an id to approve, or the record of what was done. */
interface Answer {
  readonly erasure?: string;
  readonly record?: { readonly stream: string; readonly version: number; readonly hash: string };
}

interface Options {
  readonly numberFromFile?: string;
  readonly kind: string;
  readonly reason?: string;
  readonly approve?: string;
  readonly url: string;
  readonly client: string;
  readonly key: string;
}

/** What was asked for cannot be read, or is not one thing. */
export class EraseInvalid extends InvalidError<
  'file_unreadable' | 'key_file_invalid' | 'whom_ambiguous' | 'reason_missing'
> {}
/** The city said no; `facts.problem` is its code. */
export class EraseRefused extends RefusedError<'erasure_refused'> {}
/** Whether anything was done is not known; the same command again is safe. */
export class CityNotReached extends UnavailableError<'city_unreachable'> {}

/**
 * `mianzheng erase`: an administrator asks for the erasure of a subject, another approves it. A person's number is read from a file: what
 * stands on a command line is seen by every user of the machine and kept in its history.
 */
export function register(program: Command): void {
  program
    .command('erase')
    .description(
      'ask for the erasure of a subject, or approve one that another administrator wants',
    )
    .argument('[subject]', "the ledger's id of the subject; or --number-from-file, or --approve")
    .option('--number-from-file <file>', 'a file that holds the number of the person and no more')
    .option('--kind <kind>', 'what number it is (GB/T 36903)', '111')
    .option('--reason <reason>', `why: ${erasureReasons.join(', ')}`)
    .option('--approve <erasure>', 'approve this erasure, as another administrator')
    .option('--url <origin>', 'the city', cityUrl())
    .option('--client <id>', 'an administrator', 'administrator')
    .option('--key <file>', 'its private key (JWK)', 'data/keys/administrator.jwk')
    .action(erase);
}

async function erase(subject: string | undefined, options: Options): Promise<void> {
  const { approve, numberFromFile, reason } = options;
  if ([subject, approve, numberFromFile].filter((given) => given !== undefined).length !== 1)
    throw new EraseInvalid(
      'whom_ambiguous',
      'name one of: a subject, --number-from-file, --approve',
    );
  if (approve !== undefined) {
    const { record } = await post(options, `/v1/erasures/${encodeURIComponent(approve)}/approve`);
    process.stdout.write(`erased\n${record === undefined ? '' : receiptOf(record)}`);
    return;
  }
  if (reason === undefined)
    throw new EraseInvalid('reason_missing', 'say why with --reason', {
      reasons: [...erasureReasons],
    });
  const whom =
    numberFromFile === undefined
      ? { subject }
      : { identifier: { kind: options.kind, number: (await text(numberFromFile)).trim() } };
  const { erasure } = await post(options, '/v1/erasures', { ...whom, reason });
  process.stdout.write(
    `asked for; another administrator approves:\n  npx mianzheng erase --approve ${erasure ?? ''} --client ID --key FILE\n`,
  );
}

const receiptOf = ({ stream, version, hash }: NonNullable<Answer['record']>): string =>
  `recorded in ${stream}, version ${version}, hash ${hash}\n` +
  `its receipt: GET /v1/receipts/${stream}/${version}\n`;

async function post(
  { url, client, key: file }: Options,
  path: string,
  body?: object,
): Promise<Answer> {
  const jwk = parseJson(await text(file));
  if (!isObject(jwk)) throw new EraseInvalid('key_file_invalid', `${file} is no key`, { file });
  const send = clientFetch({
    baseUrl: url,
    client,
    key: await readKey(jwk),
    scopes: ['subjects:erase'],
  });
  const headers = { 'idempotency-key': randomUUID() };
  const request =
    body === undefined
      ? new Request(url + path, { method: 'POST', headers })
      : new Request(url + path, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
  let response: Response;
  try {
    response = await send(request);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause; // fetch says so where nobody answers
    throw new CityNotReached(
      'city_unreachable',
      `the city does not answer at ${new URL(url).origin}`,
      {},
      { cause, hint: 'start it with `npm start`, or name it with --url' },
    );
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && isObject(answer)) return answer;
  const said = (member: string) =>
    isObject(answer) && typeof answer[member] === 'string' ? answer[member] : null;
  const hint = said('hint');
  throw new EraseRefused(
    'erasure_refused',
    `the city refused: ${said('detail') ?? `status ${response.status}`} [${said('code') ?? 'no code'}]`,
    { status: response.status, problem: said('code') },
    { ...(hint !== null && { hint }) },
  );
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new EraseInvalid('file_unreadable', `${file} cannot be read`, { file }, { cause });
  }
}
