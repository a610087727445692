import type { Command } from 'commander';
import { approveNewKey } from '#libs/api-client';
import { readPublicKey } from '#libs/identity';
import { isObject } from '#libs/kernel';
import { cityOf } from '../city-of.js';
import { cityUrl } from '../city-url.js';
import { group } from '../group.js';
import { keyIn, OptionWrong, requestIn } from '../registering.js';
import { tellJson } from '../output.js';

interface Options {
  readonly client: string;
  readonly by: string;
  readonly key: string;
  readonly city?: string;
  readonly url: string;
}

/**
 * `mianzheng keys approve`: a second administrator vouches for a new key, whose holder was seen or
 * called, not only written to.
 */
export function register(program: Command): void {
  group(program, 'keys')
    .command('approve')
    .argument('<request>', 'output of `mianzheng keys prove --client`')
    .requiredOption('--client <id>', 'whose new key it is')
    .requiredOption('--by <id>', 'client id of the approver')
    .requiredOption('--key <file>', 'private key of the approver')
    .option('--city <origin>', 'origin of the log; default: as published by the city')
    .option('--url <url>', 'URL of the city, if --city is left out', cityUrl())
    .action(approve);
}

async function approve(request: string, options: Options): Promise<void> {
  const { jwk } = await requestIn(request);
  if (!isObject(jwk))
    throw new OptionWrong('request_malformed', `${request} holds no new key`, { file: request });
  const { jkt } = readPublicKey(jwk);
  const key = await keyIn(options.key, 'It is the key by which you call the city.');
  const city = options.city ?? (await cityOf(options.url));
  const { by, client } = options;
  tellJson(await approveNewKey(key, city, { by, client, jkt }));
}
