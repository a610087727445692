import type { Command } from 'commander';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { clientFetch } from '#libs/api-client';
import {
  formatMemory,
  parseMemory,
  type Sighting,
  sightings as meanings,
  watchAuthority,
  type WatchMemory,
  type WatchOptions,
  type WatchReport,
} from '#libs/audit/authority-watch';
import { InvalidError, isCreditCode, visible } from '#libs/kernel';
import { isTrialOrigin } from '#libs/log';
import { replaceSecretFile } from '#libs/platform';
import { CityDoor } from '../city-door.js';
import { cityUrl } from '../city-url.js';
import { readClientKey } from '#libs/department-client/client-key';
import { group } from '../group.js';
import { exitCodeOf, judged } from '../judged.js';
import { policyOption, readPolicy, trialLines } from '../offline.js';
import { isQuiet, isSilent, outputClosed, tellError, tellJson } from '../output.js';
import { readOwnCertificates, readOwnKeys } from '../own-work.js';
import { progressBar } from '../progress.js';

interface Options {
  readonly url: string;
  readonly authority: string;
  readonly keys: readonly string[];
  readonly certificates?: readonly string[];
  readonly policy?: string;
  readonly client?: string;
  readonly key?: string;
  readonly state?: string;
  readonly every?: string;
  readonly json?: boolean;
}

/** An option of the command cannot be used. */
export class WatchOptionWrong extends InvalidError<
  | 'credit_code_wrong'
  | 'options_missing'
  | 'number_wrong'
  | 'state_malformed' // no file that a watch wrote
  | 'state_of_other_watch'
> {}

/** `mianzheng watch authority`: an authority's own look at what the ledger holds in its name. */
export function register(program: Command): void {
  group(program, 'watch')
    .command('authority')
    .description(
      'tell an authority of keys and certificates under its name that it did not make: 0 nothing new, 1 something is foreign or contradictory, 2 that could not be found out',
    )
    .option('--url <origin>', 'URL of the city', cityUrl())
    .requiredOption('--authority <code>', 'its unified social credit code')
    .requiredOption(
      '--keys <file...>',
      'its own keys, including old ones: thumbprints (one per line), or JWK or JWKS',
    )
    .option(
      '--certificates <file...>',
      'its own certificates: results of imports and amendments ("*.results*.csv", quoted: expanded at each check), or one id per line; without it, only signatures are checked',
    )
    .option(...policyOption)
    .option('--client <id>', 'a client with the scope ledger:audit, which reads the records')
    .option('--key <file>', "that client's private key (JWK); it is not sent")
    .option('--state <file>', 'state kept between two checks; default: watch-CODE.json')
    .option('--every <minutes>', 'repeat until the program is stopped')
    .action(judged(watch));
}

async function watch(options: Options): Promise<void> {
  const minutes = options.every === undefined ? null : Number(options.every);
  if (minutes !== null && !(minutes > 0 && minutes <= 35_000))
    throw new WatchOptionWrong('number_wrong', '--every takes minutes');
  const door = await doorOf(options);
  if (minutes === null) {
    process.exitCode = await look(options, door);
    return;
  }
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      ended.abort();
    });
  outputClosed.addEventListener('abort', () => {
    ended.abort();
  });
  let worst = 0;
  while (!ended.signal.aborted) {
    try {
      worst = worse(worst, await look(options, door));
    } catch (error) {
      const code = exitCodeOf(error);
      worst = worse(worst, code);
      if (code !== 1 || !isQuiet()) tellError(error);
    }
    await wait(minutes * 60_000, null, { signal: ended.signal }).catch(() => null);
  }
  process.exitCode = worst;
}

/** What was found outweighs what could not be found out. */
const worse = (a: number, b: number): number => (a === 1 || b === 1 ? 1 : Math.max(a, b));

async function doorOf({ url, client, key: file }: Options): Promise<CityDoor> {
  if ((client === undefined) !== (file === undefined))
    throw new WatchOptionWrong('options_missing', '--client and --key go together');
  if (client === undefined || file === undefined)
    return new CityDoor(url, (request) => fetch(request));
  const baseUrl = url.replace(/\/+$/, '');
  const { apiKey: key } = await readClientKey(file);
  return new CityDoor(url, clientFetch({ baseUrl, client, key, scopes: ['ledger:audit'] }));
}

/** One look; what the authority made is read anew for each. @returns the exit code */
async function look(options: Options, door: CityDoor): Promise<number> {
  const { authority, certificates } = options;
  if (!isCreditCode(authority))
    throw new WatchOptionWrong(
      'credit_code_wrong',
      '--authority takes a unified social credit code',
    );
  const state = options.state ?? `watch-${authority}.json`;
  const watched: Omit<WatchOptions, 'onProgress'> = {
    policy: await readPolicy(options),
    authority,
    own: {
      kids: await readOwnKeys(options.keys),
      certificates: certificates === undefined ? null : await readOwnCertificates(certificates),
    },
    memory: await readState(state, authority),
    readsEntries: options.client !== undefined,
    pause: () => wait(2000),
  };
  const bar = progressBar('records', watched.memory?.read.size ?? 0);
  let report: WatchReport;
  try {
    report = await watchAuthority(door, {
      ...watched,
      onProgress: (records, of) => {
        bar.at(records, of);
      },
    });
  } finally {
    bar.stop();
  }
  const evidence = report.evidence === null ? null : await keep(report.evidence, state);
  tell(report, options, evidence);
  // Behind what was told: a look that ends in between tells it once more.
  if (report.memory !== null && report.memory !== watched.memory)
    await replaceSecretFile(state, formatMemory(report.memory));
  return report.sightings.length > 0 ? 1 : 0;
}

async function readState(file: string, authority: string): Promise<WatchMemory | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const memory = parseMemory(text);
  if (memory === null)
    throw new WatchOptionWrong(
      'state_malformed',
      `${file} is no file that a watch wrote`,
      { file },
      {
        hint: 'Without it, the next look begins anew: what the log showed before is not known then.',
      },
    );
  if (memory.authority !== authority)
    throw new WatchOptionWrong(
      'state_of_other_watch',
      `${file} is of the watch for ${memory.authority}`,
      { file },
      { hint: 'Name another with --state.' },
    );
  return memory;
}

/** Signed proof of a second tree, beside the state: it is never written over. */
async function keep(checkpoint: string, state: string): Promise<string> {
  for (let n = 1; ; n++) {
    const path = `${state}.other-checkpoint.${n}`;
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(checkpoint);
      await file.close();
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if ((await readFile(path, 'utf8')) === checkpoint) return path;
    }
  }
}

function tell(report: WatchReport, { json, authority }: Options, evidence: string | null): void {
  const { city, size, keys, certificates, sightings, toldBefore } = report;
  const trial = isTrialOrigin(city);
  const notChecked = certificates === null ? ['certificates', 'keys_not_published'] : [];
  if (json === true) {
    const told = {
      city,
      trial,
      authority,
      size,
      keys,
      certificates,
      sightings,
      toldBefore,
      evidence,
    };
    tellJson({ ...told, notChecked });
    return;
  }
  if (isSilent()) return;
  const lines = [...trialLines(trial), ...sightings.flatMap(words)];
  if (evidence !== null)
    lines.push(`Both checkpoints are proof, and are kept: in the state, and in ${evidence}`);
  const read = certificates === null ? '' : `, ${certificates} new versions of certificates`;
  lines.push(
    `${city}, ${size} records: ${keys} keys under ${authority}${read}: ${
      sightings.length === 0 ? 'nothing new that is foreign' : `${sightings.length} to look at`
    }`,
  );
  if (toldBefore > 0) lines.push(`(${toldBefore} were told before, and are not told again)`);
  if (certificates === null)
    lines.push(
      'Not checked, for records are for clients with the scope ledger:audit (--client, --key): certificates, and keys that the log holds and the list leaves out.',
    );
  process.stdout.write(`${lines.map(visible).join('\n')}\n`);
}

function words({ what, leaf, kid, client, certificate, record }: Sighting): string[] {
  const [zh, en] = meanings[what];
  const of = [
    kid === undefined ? '' : `key ${kid}`,
    client === undefined ? '' : `client ${client}`,
    certificate === undefined ? '' : `certificate ${certificate}`,
    leaf === undefined ? '' : `record ${leaf}`,
    record === undefined ? '' : `hash ${record}`,
  ].filter((word) => word !== '');
  return [`${of.length === 0 ? 'the log' : of.join(', ')} (${what})`, `  ${zh}`, `  ${en}`];
}
