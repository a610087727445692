import { readFileSync } from 'node:fs';
import type { ChannelCredentialOptions } from '@eventstore/db-client';
import { InvalidError } from '#libs/kernel';

/**
 * The URL of the event store cannot be used. `facts.part` names what is wrong; the URL itself is
 * never shown, because it may hold a password.
 */
export class StoreUrlInvalid extends InvalidError<'store_url_invalid'> {}

export interface EndPoint {
  readonly address: string;
  readonly port: number;
}

/** Options of the driver's constructor, parsed from a URL. */
export interface StoreAddress {
  /** Nodes to ask for the cluster's members; a single one is used as it is, unless `discover`. */
  readonly hosts: readonly EndPoint[];
  /** The one host is a DNS name of the members of a cluster. */
  readonly discover: boolean;
  readonly options: {
    readonly discoveryInterval?: number;
    readonly maxDiscoverAttempts?: number;
    readonly gossipTimeout?: number;
    readonly keepAliveInterval?: number;
    readonly keepAliveTimeout?: number;
    readonly connectionName: string;
  };
  readonly channel: ChannelCredentialOptions;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

const numbers = [
  'discoveryInterval',
  'maxDiscoverAttempts',
  'gossipTimeout',
  'keepAliveInterval',
  'keepAliveTimeout',
] as const;
const files = ['tlsCAFile', 'userCertFile', 'userKeyFile'] as const;

const wrong = (part: string, must: string, cause?: unknown) =>
  new StoreUrlInvalid(
    'store_url_invalid',
    `the event store's URL is not usable: ${part} must be ${must}`,
    { part },
    { cause },
  );

/**
 * Parses `esdb://user:password@host:2113,host:2113?tls=true`, the form that EventStoreDB and
 * KurrentDB publish, with `+discover` for a DNS name of a cluster. The driver's own parser prints
 * the whole URL, password included, on an unknown part, so this one comes first and refuses such
 * parts.
 * @throws StoreUrlInvalid
 */
export function readStoreUrl(url: string): StoreAddress {
  const parts =
    /^(?:esdb|kurrentdb|kdb)(\+discover)?:\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/.exec(
      url.trim(),
    );
  if (parts === null) throw wrong('form', 'esdb://[user:password@]host[:port][,…][?option=value]');
  const [, discover, login, hosts = '', query] = parts;
  const { options, paths, tls } = readOptions(query);
  return {
    hosts: readHosts(hosts, discover !== undefined),
    discover: discover !== undefined,
    options,
    channel: tls ? certificates(paths) : { insecure: true },
    credentials: readLogin(login),
  };
}

/** The part of a URL that may be shown: `host:port` of each node. @throws StoreUrlInvalid */
export const hostsOf = (url: string): readonly string[] =>
  readStoreUrl(url).hosts.map(({ address, port }) => `${address}:${String(port)}`);

function readHosts(text: string, discover: boolean): EndPoint[] {
  const hosts = text.split(',').map((host): EndPoint => {
    const [, address, port] = /^([A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(host) ?? [];
    if (address === undefined || Number(port ?? 2113) > 65_535) throw wrong('host', 'name:port');
    return { address, port: Number(port ?? 2113) };
  });
  if (discover && hosts.length > 1) throw wrong('host', 'one name where it is to be discovered');
  return hosts;
}

function readLogin(text: string | undefined): StoreAddress['credentials'] {
  if (text === undefined) return undefined;
  const [username, password, ...rest] = text.split(':');
  if (!username || !password || rest.length > 0) throw wrong('login', 'user:password');
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    throw wrong('login', 'percent-encoded');
  }
}

function readOptions(query: string | undefined) {
  const options: Record<string, string | number> & StoreAddress['options'] = {
    connectionName: 'mianzheng',
  };
  const paths: Partial<Record<(typeof files)[number], string>> = {};
  let tls = true;
  const known = new Map(
    [...numbers, ...files, 'nodePreference', 'connectionName', 'tls', 'tlsVerifyCert'].map(
      (name) => [name.toLowerCase(), name] as const,
    ),
  );
  for (const [key, value] of new URLSearchParams(query)) {
    const name = known.get(key.toLowerCase().replace(/[_-]/g, ''));
    const number = numbers.find((one) => one === name);
    const file = files.find((one) => one === name);
    if (number !== undefined) {
      if (!/^-?\d{1,9}$/.test(value)) throw wrong(number, 'a whole number');
      Object.assign(options, { [number]: Number(value) });
    } else if (file !== undefined) paths[file] = value;
    else if (name === 'nodePreference') {
      // The driver's default; every call goes to the leader.
      if (value.toLowerCase() !== 'leader')
        throw wrong(name, 'leader: on any other node, records that are not there yet look lost');
    } else if (name === 'connectionName') Object.assign(options, { connectionName: value });
    else if (name === 'tls') {
      if (value !== 'true' && value !== 'false') throw wrong(name, 'true or false');
      tls = value === 'true';
    } else if (name === 'tlsVerifyCert') {
      // The driver ignores it and goes on verifying, which is not what the URL's author expects.
      if (value !== 'true') throw wrong(name, 'true; name the authority with tlsCAFile instead');
    } else throw wrong('option', `one of ${[...known.values()].join(', ')}${nameOf(key, query)}`);
  }
  return { options, paths, tls };
}

/** After a question mark in a password, the rest up to the `@` would be read as options. */
const nameOf = (option: string, query = ''): string =>
  /^[a-z][\w-]{0,40}$/i.test(option) && !query.includes('@')
    ? `, and ${option} is none of them`
    : '';

function certificates(
  paths: Partial<Record<(typeof files)[number], string>>,
): ChannelCredentialOptions {
  const { tlsCAFile, userCertFile, userKeyFile } = paths;
  if ((userCertFile === undefined) !== (userKeyFile === undefined))
    throw wrong('userCertFile', 'given together with userKeyFile');
  return {
    insecure: false,
    ...(tlsCAFile !== undefined && { rootCertificate: fileOf('tlsCAFile', tlsCAFile) }),
    ...(userCertFile !== undefined && { userCertFile: fileOf('userCertFile', userCertFile) }),
    ...(userKeyFile !== undefined && { userKeyFile: fileOf('userKeyFile', userKeyFile) }),
  };
}

function fileOf(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw wrong(name, 'a file that can be read', cause);
  }
}
