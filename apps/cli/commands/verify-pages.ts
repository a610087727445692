import type { Command } from 'commander';
import { builtPages, PublishedPages } from '#libs/pages';
import { addressOf } from '#libs/verify';
import { CityDoor } from '../city-door.js';
import { group } from '../group.js';
import { judged } from '../judged.js';
import { tellResult } from '../output.js';

interface Options {
  readonly built: string;
}

/** A file that the city does not serve as it was built: another one, or none. */
interface OtherPage {
  readonly path: string;
  readonly what: 'other' | 'absent';
}

/**
 * `mianzheng verify pages URL`: that a city serves the pages that were built here, byte for byte.
 * It asks as any visitor does, without a key.
 */
export function register(program: Command): void {
  group(program, 'verify', 'verify the ledger and its proofs')
    .command('pages')
    .description(
      'check that a city serves the pages that were built here: 0 it does, 1 it does not, 2 that could not be found out',
    )
    .argument('<url>', 'URL of the city')
    .option('--built <folder>', 'the pages that npm run build wrote', builtPages)
    .action(judged(verifyPages));
}

async function verifyPages(url: string, { built }: Options): Promise<void> {
  const pages = await PublishedPages.read(built);
  const files = pages.all();
  const door = new CityDoor(url, (request) => fetch(request));
  const others: OtherPage[] = [];
  for (const [path, { content }] of files) {
    const served = await door.read(addressOf(path), content.length, false);
    if (served === null) others.push({ path, what: 'absent' });
    else if (!served.equals(content)) others.push({ path, what: 'other' });
  }
  if (others.length > 0) process.exitCode = 1;
  const set = pages.named().set;
  tellResult({ holds: others.length === 0, set, files: files.length, others }, [
    others.length === 0
      ? `${door.origin} serves the ${files.length} files of the pages as they were built here.`
      : `${door.origin} serves ${others.length} of ${files.length} files of the pages otherwise:`,
    ...others.map(({ path, what }) =>
      what === 'absent'
        ? `  ${addressOf(path)} is not there`
        : `  ${addressOf(path)} is another file than ${path}`,
    ),
    `The set that was built here: ${set}`,
    'This is what this visitor was served now: a server can serve another visitor other pages.',
  ]);
}
