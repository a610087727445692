import type { Command } from 'commander';
import { newCommand, proveNewKey, type Schemas } from '#libs/api-client';
import { cityOf } from '../city-of.js';
import { group } from '../group.js';
import {
  administrator,
  type AdministratorOptions,
  byAdministrator,
  done,
  keyIn,
  OptionWrong,
  requestIn,
  tellClient,
} from '../registering.js';

interface Options extends AdministratorOptions {
  readonly holderKey?: string;
  readonly approval?: string;
}

/** `mianzheng clients rotate-key`: the new key takes the place of all others, at once. */
export function register(program: Command): void {
  const command = group(program, 'clients')
    .command('rotate-key')
    .argument('<client>', 'its id')
    .argument('[request]', 'output of `mianzheng keys prove --client` for the new key')
    .option(
      '--holder-key <file>',
      'instead of a request: the new private key, if it is on this machine',
    )
    .option(
      '--approval <file>',
      'for an authority whose old key is lost: output of `mianzheng keys approve`',
    );
  byAdministrator(command).action(rotate);
}

async function rotate(
  client: string,
  request: string | undefined,
  options: Options,
): Promise<void> {
  const api = await administrator(options);
  if ((request === undefined) === (options.holderKey === undefined))
    throw new OptionWrong(
      'options_clash',
      'either a request or --holder-key is needed',
      {},
      {
        hint: 'Make the request where the key is: mianzheng keys prove KEY --client ID > request.json',
      },
    );
  const made =
    request === undefined
      ? await proveNewKey(
          await keyIn(options.holderKey ?? '', 'Make one: mianzheng keys new FILE'),
          await cityOf(options.url),
          client,
        )
      : await requestIn(request);
  const approval =
    options.approval === undefined ? {} : { approval: await requestIn(options.approval) };
  const params = { path: { client }, header: newCommand() };
  const body = { ...made, ...approval } as Schemas['RotateKeyDto'];
  tellClient(await done(api.POST('/v1/clients/{client}/keys', { params, body })));
}
