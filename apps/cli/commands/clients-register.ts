import type { Command } from 'commander';
import { newCommand, proveClientKey, type Schemas } from '#libs/api-client';
import { group } from '../group.js';
import { tellResult } from '../output.js';
import {
  administrator,
  type AdministratorOptions,
  byAdministrator,
  type DetailOptions,
  detailsOf,
  done,
  keyIn,
  linesOf,
  OptionWrong,
  requestIn,
  withDetails,
} from '../registering.js';
import { cityOf } from '../city-of.js';
import { lookalikeLine } from '../lookalike-line.js';

interface Options extends AdministratorOptions, DetailOptions {
  readonly holderKey?: string;
  readonly scopes?: string;
}

/**
 * `mianzheng clients register`: of a request that was made where the key is, or of a key that is
 * here. Prints what to hand over.
 */
export function register(program: Command): void {
  const command = group(program, 'clients')
    .command('register')
    .argument('[request]', 'output of `mianzheng keys prove`')
    .option(
      '--holder-key <file>',
      "instead of a request: the new client's private key, where it is here",
    )
    .option('--scopes <scopes>', 'scopes, comma-separated; default: all scopes of its kind');
  byAdministrator(withDetails(command)).action(registerClient);
}

async function registerClient(request: string | undefined, options: Options): Promise<void> {
  const api = await administrator(options);
  const body = { ...(await bodyOf(request, options)), ...scopesOf(options) };
  const view = await done(
    api.POST('/v1/clients', {
      params: { header: newCommand() },
      body: body as Schemas['RegisterClientDto'],
    }),
  );
  const url = options.url.replace(/\/$/, '');
  const handed = {
    client: view.client,
    issuer: `${url}/identity`,
    tokenEndpoint: `${url}/identity/token`,
    api: `${url}/openapi.json`,
    scopes: view.scopes,
    kid: view.keys.map(({ kid }) => kid),
  };
  tellResult(
    { ...view, handOver: handed },
    [
      ...linesOf(view),
      ...view.lookalikes.map(lookalikeLine),
      'Give these to the holder of its key:',
      `  client id   ${handed.client}`,
      `  issuer      ${handed.issuer}: the audience of its assertions, exactly`,
      `  tokens      ${handed.tokenEndpoint}: private_key_jwt of at most 60 s, DPoP by the same key`,
      `  scopes      ${handed.scopes.join(' ')}: all of them where a request names none`,
      `  contract    ${handed.api}`,
    ],
    view.client,
  );
}

async function bodyOf(request: string | undefined, options: Options) {
  if ((request === undefined) === (options.holderKey === undefined))
    throw new OptionWrong(
      'options_clash',
      'either a request or --holder-key is needed',
      {},
      {
        hint: 'Make the request where the key is: mianzheng keys prove KEY --kind … > request.json',
      },
    );
  if (request !== undefined) return requestIn(request);
  const details = detailsOf(options);
  const key = await keyIn(options.holderKey ?? '', 'Make one: mianzheng keys new FILE');
  const proved = await proveClientKey(key, await cityOf(options.url), details);
  return { ...details, keys: [proved] };
}

const scopesOf = ({ scopes }: Options) =>
  scopes === undefined ? {} : { scopes: scopes.split(',').filter((scope) => scope !== '') };
