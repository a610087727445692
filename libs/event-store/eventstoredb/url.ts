import { readFileSync } from 'node:fs';
import type { ChannelCredentialOptions } from '@eventstore/db-client';
import { InvalidError } from '#libs/kernel';

/** The URL of the event store cannot be used. `facts.part` names what is wrong; the URL itself is never repeated, it may hold a password. */
export class StoreUrlInvalid extends InvalidError<'store_url_invalid'> {}

interface EndPoint {
  readonly address: string;
  readonly port: number;
}

/** What the driver's constructor takes, read from a URL. */
export interface StoreAddress {
  /** Nodes to ask for the cluster's members; one alone is taken as it is, unless `discover`. */
  readonly hosts: readonly EndPoint[];
  /** The one host is a name that leads to the members of a cluster. */
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
 * Reads `esdb://user:password@host:2113,host:2113?tls=true`, the form that EventStoreDB and KurrentDB publish, with `+discover` for a DNS name
 * that leads to a cluster. The driver's own reader prints the whole URL, password included, when it meets what it does not know; so this
 * one stands before it, and refuses what it does not know.
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
      // Which is the driver's own; every call is for the leader.
      if (value.toLowerCase() !== 'leader')
        throw wrong(name, 'leader: on any other node, records that are not there yet look lost');
    } else if (name === 'connectionName') Object.assign(options, { connectionName: value });
    else if (name === 'tls') {
      if (value !== 'true' && value !== 'false') throw wrong(name, 'true or false');
      tls = value === 'true';
    } else if (name === 'tlsVerifyCert') {
      // The driver ignores it and goes on verifying; whoever wrote it believes something else.
      if (value !== 'true') throw wrong(name, 'true; name the authority with tlsCAFile instead');
    } else throw wrong('option', `one that is known: ${[...known.values()].join(', ')}`);
  }
  return { options, paths, tls };
}

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
