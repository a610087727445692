import type { Command } from 'commander';
import { approveNewKey, proveClientKey, proveNewKey } from '#libs/api-client';
import { cityOf } from '../city-of.js';
import { cityUrl } from '../city-url.js';
import { group } from '../group.js';
import { type DetailOptions, detailsOf, keyIn, OptionWrong, withDetails } from '../registering.js';
import { tellJson } from '../output.js';

interface Options extends DetailOptions {
  readonly city?: string;
  readonly url: string;
  readonly client?: string;
  readonly oldKey?: string;
}

/**
 * `mianzheng keys prove`: shows that a key is held, over exactly what is to be registered; good for
 * 30 days.
 */
export function register(program: Command): void {
  const command = group(program, 'keys')
    .command('prove')
    .argument('<key>', 'private key file; it is not sent')
    .option('--client <id>', 'register a new key of this existing client')
    .option(
      '--old-key <file>',
      'with --client, for an authority: its old private key, which approves the new one',
    )
    .option('--city <origin>', 'origin of the log; default: as published by the city')
    .option('--url <url>', 'URL of the city, if --city is left out', cityUrl());
  withDetails(command).action(prove);
}

async function prove(file: string, options: Options): Promise<void> {
  const key = await keyIn(file, 'Make one: mianzheng keys new FILE');
  const city = options.city ?? (await cityOf(options.url));
  tellJson(await requestOf());

  async function requestOf() {
    const { client, oldKey } = options;
    if (client === undefined) {
      if (oldKey !== undefined)
        throw new OptionWrong('options_clash', '--old-key goes with --client');
      const details = detailsOf(options);
      return { ...details, keys: [await proveClientKey(key, city, details)] };
    }
    const proved = await proveNewKey(key, city, client);
    if (oldKey === undefined) return proved;
    const old = await keyIn(
      oldKey,
      'Where it is lost, an administrator vouches: mianzheng keys approve',
    );
    const approval = await approveNewKey(old, city, { by: client, client, jkt: key.jkt });
    return { ...proved, approval };
  }
}
