import type { Command } from 'commander';
import { builtPages, PublishedPages } from '#libs/pages';
import { addressOf, parsePolicy, type Policy } from '#libs/verify';
import { CityDoor } from '../city-door.js';
import { group } from '../group.js';
import { judged } from '../judged.js';
import { checkpointFacts, readPolicy, trialLines, type Trusting } from '../offline.js';
import { tellResult } from '../output.js';
import { type ShownInLog, shownInLog } from '../pages-record.js';

interface Options extends Trusting {
  readonly built: string;
}

/** A file that the city does not serve as it was built: another one, or none. */
interface OtherPage {
  readonly path: string;
  readonly what: 'other' | 'absent';
}

/**
 * `mianzheng verify pages URL`: that a city serves the pages that were built here, byte for byte,
 * and that its log has them. It asks as any visitor does, without a key.
 */
export function register(program: Command): void {
  group(program, 'verify', 'verify the ledger and its proofs')
    .command('pages')
    .description(
      'check that a city serves the pages that were built here, and that its log has them: 0 it does, 1 it does not, 2 that could not be found out',
    )
    .argument('<url>', 'URL of the city')
    .option('--built <folder>', 'the pages that npm run build wrote', builtPages)
    .option(
      '--policy <file>',
      'keys of log and witnesses (C2SP tlog-policy), got another way than from the city; default: what the city shows at /log/policy',
    )
    .action(judged(verifyPages));
}

async function verifyPages(url: string, { built, ...trusting }: Options): Promise<void> {
  const pages = await PublishedPages.read(built);
  const files = pages.all();
  const door = new CityDoor(url, (request) => fetch(request));
  const others: OtherPage[] = [];
  for (const [path, { content }] of files) {
    const served = await door.read(addressOf(path), content.length, false);
    if (served === null) others.push({ path, what: 'absent' });
    else if (!served.equals(content)) others.push({ path, what: 'other' });
  }
  const { set } = pages.named();
  const shown = await shownInLog(door, set, await policyFor(door, trusting));
  const holds = others.length === 0 && shown.recorded;
  if (!holds) process.exitCode = 1;
  const isToldByCity = trusting.policy === undefined;
  tellResult({ holds, set, files: files.length, others, log: factsOf(shown, isToldByCity) }, [
    ...trialLines(shown.recorded && shown.pages.trial),
    others.length === 0
      ? `${door.origin} serves the ${files.length} files of the pages as they were built here.`
      : `${door.origin} serves ${others.length} of ${files.length} files of the pages otherwise:`,
    ...others.map(({ path, what }) =>
      what === 'absent'
        ? `  ${addressOf(path)} is not there`
        : `  ${addressOf(path)} is another file than ${path}`,
    ),
    `The set that was built here: ${set}`,
    ...linesOf(shown, isToldByCity),
    'This is what this visitor was served now: a server can serve another visitor other pages.',
  ]);
}

/** Bytes that a policy may take. */
const maxPolicyBytes = 256 * 1024;

/** That of the file, or else the one that the city shows. */
async function policyFor(door: CityDoor, trusting: Trusting): Promise<Policy> {
  if (trusting.policy !== undefined) return readPolicy(trusting);
  const shown = await door.read('/log/policy', maxPolicyBytes, false);
  return parsePolicy(shown ?? new Uint8Array());
}

const factsOf = (shown: ShownInLog, isToldByCity: boolean) =>
  shown.recorded
    ? {
        recorded: true,
        policyOf: isToldByCity ? 'city' : 'file',
        productVersion: shown.pages.productVersion,
        since: shown.pages.record?.time,
        trial: shown.pages.trial,
        index: shown.pages.index,
        ...checkpointFacts(shown.pages),
      }
    : { recorded: false, policyOf: isToldByCity ? 'city' : 'file', code: shown.code };

function linesOf(shown: ShownInLog, isToldByCity: boolean): readonly string[] {
  const by = isToldByCity
    ? 'by the keys that the city itself shows (--policy FILE names others)'
    : 'by the keys of the policy';
  if (!shown.recorded)
    return [
      `The log does not show that this set was published, ${by}: ${shown.why} (${shown.code})`,
    ];
  const { checkpoint, index, productVersion, record } = shown.pages;
  return [
    `The log ${checkpoint.origin} has it as published on ${record?.time ?? ''} by release ${productVersion}: record ${index} of ${checkpoint.size}, ${by}.`,
  ];
}
