import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ApiKey,
  type ClientDetails,
  createClient,
  type LedgerClient,
  readKey,
  type Schemas,
} from '#libs/api-client';
import { clientKinds } from '#libs/identity';
import { InvalidError, isObject, parseJson, RefusedError, UnavailableError } from '#libs/kernel';
import { readSecretFile, Settings } from '#libs/platform';
import { cityUrl } from './city-url.js';
import { creditCodeOf, oneOf } from './options.js';
import { tellResult } from './output.js';

/** The city refused: with the code of its problem, and its hint. */
class CityRefused extends RefusedError<'city_refused'> {}
class CityUnreachable extends UnavailableError<'city_unreachable'> {}

/** What a command is given cannot be used. */
export class OptionWrong extends InvalidError<
  | 'file_unreadable'
  | 'key_file_absent'
  | 'request_malformed'
  | 'options_missing'
  | 'options_clash'
  | 'option_wrong'
> {}

export interface AdministratorOptions {
  readonly url: string;
  readonly key?: string;
  readonly as: string;
}

/** What `--key` is to every command of an administrator. */
export const administratorKeyOption =
  "the administrator's private key (JWK); default: administrator.jwk among the keys of DATA_DIR";

/**
 * The key of the city that the settings name, unless another file is given. @throws SettingInvalid
 */
export const administratorKeyFile = (given: string | undefined): string =>
  given ?? join(Settings.from().keysDir, 'administrator.jwk');

/** The calling administrator and the city: options of an administrator's commands. */
export const byAdministrator = (command: Command): Command =>
  command
    .option('--url <url>', 'URL of the city', cityUrl())
    .option('--key <file>', administratorKeyOption)
    .option('--as <client>', "the administrator's client id", 'administrator');

/** @param scopes what is asked of the city */
export async function administrator(
  options: AdministratorOptions,
  scopes: readonly string[] = ['clients:manage'],
): Promise<LedgerClient> {
  const file = administratorKeyFile(options.key);
  return createClient({
    baseUrl: options.url.replace(/\/$/, ''),
    client: options.as,
    key: await keyIn(file, 'DATA_DIR or --key names where the administrator’s key is.'),
    scopes,
  });
}

/** A private key from a file that only its owner can read. */
export async function keyIn(file: string, hint: string): Promise<ApiKey> {
  const text = await readSecretFile(file);
  if (text === null)
    throw new OptionWrong('key_file_absent', `${file} is not there`, { file }, { hint });
  return readKey(parseJson(text) as Parameters<typeof readKey>[0]);
}

/** A request for registration that another person made. */
export async function requestIn(file: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new OptionWrong('file_unreadable', `${file} cannot be read`, { file }, { cause });
  }
  const value = parseJson(text);
  if (!isObject(value))
    throw new OptionWrong('request_malformed', `${file} is no request of mianzheng keys prove`, {
      file,
    });
  return value;
}

export interface DetailOptions {
  readonly kind?: string;
  readonly name?: string;
  readonly department?: string;
  readonly window?: string;
  readonly town?: string;
  readonly creditCode?: string;
  readonly authorityName?: string;
  readonly types?: string;
}

/** What a client is registered as. */
export const withDetails = (command: Command): Command =>
  command
    .option('--kind <kind>', clientKinds.join(', '))
    .option('--name <name>', 'display name; never the name of a person')
    .option('--department <name>', 'that it belongs to')
    .option('--window <id>', 'window: for terminals, kiosks, and departments that open cases')
    .option('--town <name>', 'town of the window, for statistics')
    .option('--credit-code <code>', 'for an authority: its unified social credit code')
    .option('--authority-name <name>', 'for an authority: as printed on certificates')
    .option(
      '--types <codes>',
      'for an authority: certificate types that it may issue, comma-separated',
    );

/**
 * The signed details of a registration. What the register would refuse is refused here, because an
 * administrator cannot repair a request.
 * @throws OptionWrong, OptionUnusable, each naming the option
 */
export function detailsOf(options: DetailOptions): ClientDetails {
  const { name, department, window = null, town = null } = options;
  if (options.kind === undefined || name === undefined || department === undefined)
    throw missing(
      '--kind, --name and --department are needed',
      '须写 --kind、--name 和 --department',
    );
  const kind = oneOf('--kind', options.kind, clientKinds);
  if (window === null && (kind === 'terminal' || kind === 'kiosk'))
    throw missing(`--window is needed: a ${kind} stands at one`, `须写 --window：${kind} 设在窗口`);
  return { kind, name, department, window, town, authority: authorityOf(kind, name, options) };
}

function authorityOf(
  kind: string,
  name: string,
  { creditCode, authorityName, types }: DetailOptions,
): NonNullable<ClientDetails['authority']> | null {
  const told = { '--credit-code': creditCode, '--authority-name': authorityName, '--types': types };
  if (kind !== 'issuing-authority') {
    const [option] = Object.entries(told).find(([, value]) => value !== undefined) ?? [];
    if (option === undefined) return null;
    throw new OptionWrong(
      'options_clash',
      `${option} 只用于 --kind issuing-authority / is for --kind issuing-authority alone`,
      { option },
    );
  }
  if (creditCode === undefined || types === undefined)
    throw missing(
      '--credit-code and --types are needed for an issuing authority',
      '颁发机构须写 --credit-code 和 --types',
    );
  return {
    creditCode: creditCodeOf('--credit-code', creditCode),
    name: authorityName ?? name,
    types: typeCodesOf('--types', types),
  };
}

const missing = (en: string, zh: string) => new OptionWrong('options_missing', `${zh} / ${en}`);

/** Codes of certificate types, separated by commas; at least one. @throws OptionWrong */
export function typeCodesOf(option: string, text: string): string[] {
  const codes = text
    .split(',')
    .map((code) => code.trim())
    .filter((code) => code !== '');
  const odd = codes.find((code) => !/^[A-Z]{2}\d{3}$/.test(code));
  if (odd === undefined && codes.length > 0) return codes;
  throw new OptionWrong(
    'option_wrong',
    `${option} 应为证照种类代码，如 ZZ003,ZZ018 / takes codes of certificate types, as ZZ003,ZZ018${odd === undefined ? '' : `: ${odd}`}`,
    { option },
  );
}

interface Answer<Data> {
  readonly data?: Data | undefined;
  readonly error?:
    | {
        readonly code?: string;
        readonly detail?: string;
        readonly hint?: string;
        readonly facts?: unknown;
      }
    | undefined;
  readonly response: Response;
}

/** The data of an answer. @throws CityRefused, CityUnreachable */
export async function done<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  let answer: Answer<Data>;
  try {
    answer = await asked;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new CityUnreachable(
      'city_unreachable',
      'the city does not answer',
      {},
      {
        cause,
        hint: 'Is it running, and does --url (or MIANZHENG_URL, PUBLIC_URL) lead to it?',
      },
    );
  }
  const { data, error, response } = answer;
  if (data !== undefined) return data;
  const members = isObject(error?.facts) ? error.facts['members'] : undefined;
  const wrong = Array.isArray(members) ? ` ${members.join('; ')}` : '';
  throw new CityRefused(
    'city_refused',
    `the city refused it: ${error?.detail ?? String(response.status)}.${wrong}`,
    { status: response.status, problem: error?.code ?? null },
    { hint: [error?.code, error?.hint].filter(Boolean).join('. ') },
  );
}

/** Why a client is shut out or let in, as the contract has it. */
export const reasons: readonly Schemas['ReasonDto']['reason'][] = [
  'lost',
  'stolen',
  'compromised',
  'retired',
  'maintenance',
  'returned',
  'other',
];

export type ClientView = Schemas['ClientView'];

/** What there is to know of a client, for people. */
export function linesOf(view: ClientView): readonly string[] {
  const { client, kind, name, department, window, town, authority, scopes, keys, enabled } = view;
  return [
    `${client}  ${enabled ? 'enabled' : 'DISABLED'}`,
    `  kind        ${kind}`,
    `  name        ${name}`,
    `  department  ${department}`,
    ...(window === null ? [] : [`  window      ${window}${town === null ? '' : `, ${town}`}`]),
    ...(authority === null
      ? []
      : [`  authority   ${authority.creditCode} ${authority.name}: ${authority.types.join(', ')}`]),
    `  scopes      ${scopes.join(' ')}`,
    `  keys        ${keys.map(({ kid, alg }) => `${kid} (${alg})`).join(', ')}`,
  ];
}

export const tellClient = (view: ClientView): void => {
  tellResult(view, linesOf(view), view.client);
};
