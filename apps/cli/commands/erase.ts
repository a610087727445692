import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { clientFetch } from '#libs/api-client';
import { readClientKey } from '#libs/department-client/client-key';
import { InvalidError, isObject, RefusedError } from '#libs/kernel';
import { erasureReasons } from '#libs/subject';
import { cityUrl } from '../city-url.js';
import { CityNotReached, reachedCity } from '../reached-city.js';
import { administratorKeyFile, administratorKeyOption } from '../registering.js';
import { tellResult } from '../output.js';

/** What the API answers: an id to approve, how far it is, or the record of what was done. */
interface Answer {
  readonly erasure?: string;
  readonly expires?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly requestedBy?: string;
  readonly requesterKeyFrom?: readonly string[];
  readonly approvedBy?: string | null;
  readonly approverKeyFrom?: readonly string[];
  readonly holds?: readonly string[];
  readonly record?: RecordName | null;
}
interface RecordName {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
}

interface Options {
  readonly numberFromFile?: string;
  readonly kind: string;
  readonly issuer?: string;
  readonly reason?: string;
  readonly approve?: string;
  readonly withdraw?: string;
  readonly show?: string;
  readonly receipt?: string;
  readonly url: string;
  readonly client: string;
  readonly key?: string;
}

/**
 * How long the seal of the erasure's record is waited for, and how often it is asked for.
 * Milliseconds.
 */
const sealWithin = 30_000;
const lookAgain = 100;

/** What was asked for cannot be read, or is not one thing. */
export class EraseInvalid extends InvalidError<
  | 'file_unreadable'
  | 'file_not_made'
  | 'whom_ambiguous'
  | 'reason_missing'
  | 'receipt_without_approval'
> {}
/** The city refused; `facts.problem` is its code. */
export class EraseRefused extends RefusedError<'erasure_refused'> {}

/**
 * `mianzheng erase`: an administrator asks for the erasure of a subject, another approves it; until
 * then the first can take it back. A person's number is read from a file: what stands on a command
 * line is seen by every user of the machine and kept in its history.
 */
export function register(program: Command): void {
  program
    .command('erase')
    .description('ask for the erasure of a subject, approve or take back one that was asked for')
    .argument('[subject]', "the ledger's id of the subject; or --number-from-file")
    .option('--number-from-file <file>', 'a file that holds only the number of the person')
    .option('--kind <kind>', 'kind of the number (GB/T 36903)', '111')
    .option(
      '--issuer <issuer>',
      'issuer of the number: the state of a passport, or the issuer of kind 999',
    )
    .option('--reason <reason>', `reason code: ${erasureReasons.join(', ')}`)
    .option('--approve <erasure>', 'approve this erasure, as a second administrator')
    .option('--receipt <file>', 'with --approve: write the receipt of the record to this file')
    .option('--withdraw <erasure>', 'withdraw one’s own erasure request')
    .option('--show <erasure>', 'show the state of an erasure')
    .option('--url <origin>', 'URL of the city', cityUrl())
    .option('--client <id>', 'an administrator', 'administrator')
    .option('--key <file>', administratorKeyOption)
    .action(erase);
}

async function erase(subject: string | undefined, options: Options): Promise<void> {
  const { approve, withdraw, show, numberFromFile } = options;
  const named = [subject, approve, withdraw, show, numberFromFile];
  if (named.filter((given) => given !== undefined).length !== 1)
    throw new EraseInvalid(
      'whom_ambiguous',
      'name one of: a subject, --number-from-file, --approve, --withdraw, --show',
    );
  if (options.receipt !== undefined && approve === undefined)
    throw new EraseInvalid('receipt_without_approval', '--receipt goes with --approve');
  const city = await City.open(options);
  if (approve !== undefined) await approveErasure(city, approve, options.receipt);
  else if (withdraw !== undefined) {
    await city.post(`${pathOf(withdraw)}/withdraw`);
    say('taken back; nothing was erased');
  } else if (show !== undefined) tell(await city.get(pathOf(show)));
  else await request(city, subject, options);
}

const pathOf = (erasure: string): string => `/v1/erasures/${encodeURIComponent(erasure)}`;
const say = (line: string): void => {
  tellResult({ told: line }, [line]);
};

async function request(city: City, subject: string | undefined, options: Options): Promise<void> {
  const { reason, numberFromFile, kind, issuer } = options;
  if (reason === undefined)
    throw new EraseInvalid('reason_missing', 'say why with --reason', {
      reasons: [...erasureReasons],
    });
  const whom =
    numberFromFile === undefined
      ? { subject }
      : {
          identifier: {
            kind,
            number: (await text(numberFromFile)).trim(),
            ...(issuer !== undefined && { issuer }),
          },
        };
  const { erasure = '', expires } = await city.post('/v1/erasures', { ...whom, reason });
  say(
    `asked for; another administrator approves${typeof expires === 'string' ? ` until ${expires}` : ''}:\n` +
      `  npx mianzheng erase --approve ${erasure} --client ID --key FILE\n` +
      `to take it back: npx mianzheng erase --withdraw ${erasure}`,
  );
}

function tell(answer: Answer): void {
  const { erasure, state, reason, requestedBy, approvedBy, expires, holds = [], record } = answer;
  say(`erasure ${erasure ?? ''}: ${state ?? ''}`);
  say(`  asked for by ${requestedBy ?? ''}, reason ${reason ?? ''}`);
  say(`    whose key came ${through(answer.requesterKeyFrom)}`);
  if (typeof approvedBy === 'string') {
    say(`  approved by ${approvedBy}`);
    say(`    whose key came ${through(answer.approverKeyFrom)}`);
  }
  if (state === 'requested' && expires !== undefined) say(`  can be approved until ${expires}`);
  for (const basis of holds) say(`  a legal hold stands against it: ${basis}`);
  if (record) say(`  ${nameOf(record)}`);
}

/**
 * The client that registered a client or last gave it a key, the one that did so for that one, and
 * so on.
 */
const through = (givers: readonly string[] = []): string =>
  ['from the city itself', ...givers.toReversed()].join(', through ');

const nameOf = ({ stream, version, hash }: RecordName): string =>
  `recorded in ${stream}, version ${version}, hash ${hash}`;

/** The file is made before the erasure, so that a proof that cannot be stored fails in time. */
async function approveErasure(city: City, erasure: string, file?: string): Promise<void> {
  const proof = file === undefined ? null : await newFile(file);
  try {
    const { record } = await city.post(`${pathOf(erasure)}/approve`);
    say('erased');
    if (!record) return;
    const { stream, version, hash } = record;
    const at = `/v1/receipts/${stream}/${version}?hash=${hash}`;
    say(`${nameOf(record)}\nits receipt: GET ${at}`);
    if (proof === null || file === undefined) return;
    say('waiting for the seal');
    const receipt = await city.receipt(at);
    await proof.writeFile(`${JSON.stringify({ record, receipt: { receipt, at } }, null, 2)}\n`);
    say(`written; to check it: npx mianzheng verify receipt ${file}`);
  } catch (error) {
    // An empty file would be taken for a proof, and stand in the way of the next attempt.
    if (file !== undefined) await rm(file, { force: true });
    throw error;
  } finally {
    await proof?.close();
  }
}

/** The city as an administrator calls it. */
class City {
  private constructor(
    private readonly url: string,
    private readonly send: (request: Request) => Promise<Response>,
  ) {}

  static async open({ url, client, key }: Options): Promise<City> {
    const file = administratorKeyFile(key);
    const { apiKey } = await readClientKey(file);
    return new City(
      url,
      clientFetch({ baseUrl: url, client, key: apiKey, scopes: ['subjects:erase'] }),
    );
  }

  get(path: string): Promise<Answer> {
    return this.answer(new Request(this.url + path));
  }

  post(path: string, body?: object): Promise<Answer> {
    const headers = { 'idempotency-key': randomUUID() };
    return this.answer(
      body === undefined
        ? new Request(this.url + path, { method: 'POST', headers })
        : new Request(this.url + path, {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
    );
  }

  /** The receipt of a record, as soon as it is sealed. */
  async receipt(path: string): Promise<string> {
    const until = performance.now() + sealWithin;
    for (;;) {
      const response = await reachedCity(this.url, () => fetch(this.url + path));
      if (response.ok) return response.text();
      const refused = await refusal(response);
      if (refused.facts['problem'] !== 'seal_pending') throw refused;
      if (performance.now() > until)
        throw new CityNotReached(
          'seal_pending',
          'it is erased and recorded, but not sealed yet',
          {},
          { hint: 'Approve it again with --receipt later: nothing is done twice.' },
        );
      await wait(lookAgain);
    }
  }

  private async answer(request: Request): Promise<Answer> {
    const response = await reachedCity(this.url, () => this.send(request));
    if (!response.ok) throw await refusal(response);
    const answer: unknown = await response.json().catch(() => null);
    return isObject(answer) ? answer : {};
  }
}

async function refusal(response: Response): Promise<EraseRefused> {
  const problem: unknown = await response.json().catch(() => null);
  const said = (member: string) =>
    isObject(problem) && typeof problem[member] === 'string' ? problem[member] : null;
  const hint = said('hint');
  return new EraseRefused(
    'erasure_refused',
    `the city refused: ${said('detail') ?? `status ${response.status}`} [${said('code') ?? 'no code'}]`,
    { status: response.status, problem: said('code') },
    { ...(hint !== null && { hint }) },
  );
}

async function newFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (cause) {
    throw new EraseInvalid('file_not_made', `${file} cannot be made`, { file }, { cause });
  }
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new EraseInvalid('file_unreadable', `${file} cannot be read`, { file }, { cause });
  }
}
