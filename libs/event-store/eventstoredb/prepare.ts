import { ConflictError, InvalidError, type JsonObject, RefusedError } from '#libs/kernel';
import {
  type AccessList,
  changes,
  type ListChange,
  listOfAll,
  listOfUserStreams,
  metadataOfAll,
  type OfOthers,
  otherWriters,
  serverSettings,
} from './access-lists.js';
import { Administration, isDenied, type LastEvent, type StoreUser } from './administration.js';
import { readStoreUrl, type StoreAddress, StoreUrlInvalid } from './url.js';

/** A URL names no user, or both name the same one. */
export class StoreLoginInvalid extends InvalidError<'event_store_login_missing'> {}

/**
 * The server lets the ledger's user do too little, or others too much. Nothing was changed except
 * what `facts.changed` names.
 */
export class StoreAccessRefused extends RefusedError<
  | 'event_store_open'
  | 'event_store_administrator_refused'
  | 'event_store_user_is_administrator'
  | 'event_store_user_disabled'
  | 'event_store_password_differs'
  | 'event_store_access_not_given'
> {}

/** Access lists on the server were set by others, or were changed meanwhile. */
export class StoreAccessConflict extends ConflictError<
  'event_store_access_of_others' | 'event_store_shared' | 'event_store_access_changed'
> {}

export interface PrepareOptions {
  /** The log's origin, the prefix of its streams. */
  readonly city: string;
  /** The ledger's own URL, with the login and password that its user is to get. */
  readonly url: string;
  /** The same server, with the login of an administrator of it. */
  readonly administratorUrl: string;
  /** What happens to rights that others granted. */
  readonly ofOthers: OfOthers;
  /** Sets the password of `url` for a user that exists. */
  readonly resetPassword: boolean;
}

/** What was found and what was changed; no password. */
export interface Prepared {
  readonly login: string;
  readonly user: 'made' | 'there' | 'password reset';
  readonly lists: readonly {
    readonly of: ListChange['of'];
    readonly changed: boolean;
    readonly before: AccessList;
    readonly after: AccessList;
  }[];
  /**
   * Who else may write under the names of the city, beside administrators of the server; `$all`
   * stands for every user.
   */
  readonly otherWriters: readonly string[];
}

/**
 * Creates the ledger's own user in EventStoreDB and lets only it and the server's administrators
 * read `$all` and write to streams. Checks everything before it changes anything, and changes only
 * what differs, so that it can be run again at any time.
 * @throws StoreUrlInvalid, StoreLoginInvalid, StoreAccessRefused, StoreAccessConflict,
 *   StoreUnavailable
 */
export async function prepareEventStore(options: PrepareOptions): Promise<Prepared> {
  const ledger = withLogin(options.url, 'EVENT_STORE_URL');
  const administrator = withLogin(options.administratorUrl, 'EVENT_STORE_ADMIN_URL');
  const { username: login } = ledger.credentials;
  if (login === administrator.credentials.username)
    throw isAdministrator(login, 'EVENT_STORE_URL and EVENT_STORE_ADMIN_URL name the same user');
  await mustAskWhoCalls(administrator);
  const server = new Administration(administrator);
  try {
    const found = await foundBy(server, administrator.credentials.username, login);
    const user = await userAt(found, ledger, options);
    const [settings, metadata] = await Promise.all([
      server.lastOf(serverSettings),
      server.lastOf(metadataOfAll),
    ]);
    const others = await server.streamOfOthers(options.city);
    const { ofOthers } = options;
    const ofStreams = listOfUserStreams(settings.content, login, ofOthers, others !== null);
    const ofAll = listOfAll(metadata.content, login, ofOthers);
    if (ofOthers === 'refuse') mustNotBeOfOthers([ofStreams, ofAll], others);

    const { password } = ledger.credentials;
    if (user === 'made') await server.createUser(login, password, `ledger of ${options.city}`);
    if (user === 'password reset') await server.resetPassword(login, password);
    await set(server, serverSettings, '$settings', settings, ofStreams, {
      ...settings.content,
      $userStreamAcl: asJson(ofStreams.after),
    });
    await set(server, metadataOfAll, '$metadata', metadata, ofAll, {
      ...metadata.content,
      $acl: asJson(ofAll.after),
    });
    await mustBeLetIn(ledger, login);
    return {
      login,
      user,
      lists: [ofStreams, ofAll].map((list) => ({
        of: list.of,
        changed: changes(list),
        before: list.before,
        after: list.after,
      })),
      otherWriters: otherWriters(ofStreams, login),
    };
  } finally {
    await server.close();
  }
}

type AddressWithLogin = StoreAddress & { readonly credentials: object };

function withLogin(url: string, setting: string) {
  const address = read(url, setting);
  const { credentials } = address;
  if (credentials === undefined)
    throw new StoreLoginInvalid(
      'event_store_login_missing',
      `${setting} names no user`,
      { setting },
      {
        hint: `Write it as esdb://USER:PASSWORD@host:2113, in the file that ${setting}_FILE names.`,
      },
    );
  return { ...address, credentials };
}

function read(url: string, setting: string): StoreAddress {
  try {
    return readStoreUrl(url);
  } catch (error) {
    if (!(error instanceof StoreUrlInvalid)) throw error;
    throw new StoreUrlInvalid(error.code, `${setting}: ${error.message}`, error.facts, {
      cause: error,
    });
  }
}

/** A server without authentication enforces no access list. */
async function mustAskWhoCalls(address: AddressWithLogin): Promise<void> {
  if (address.channel.insecure)
    throw isOpen('no password is sent to an event store without TLS, and such a one asks for none');
  const nobody = new Administration({ ...address, credentials: undefined });
  try {
    if ((await nobody.reception()) !== 'may read') return;
  } finally {
    await nobody.close();
  }
  throw isOpen(
    'the event store does not authenticate its users: every program that reaches it can read and write everything',
  );
}

const isOpen = (what: string) =>
  new StoreAccessRefused(
    'event_store_open',
    what,
    {},
    { hint: 'Run it with TLS, without --insecure and without AllowAnonymousStreamAccess.' },
  );

/** The user `login` as an administrator of the server sees it. */
async function foundBy(
  server: Administration,
  administrator: string,
  login: string,
): Promise<StoreUser | null> {
  if ((await server.reception()) === 'not known')
    throw administratorRefused(
      administrator,
      `the event store does not know the user ${administrator} of EVENT_STORE_ADMIN_URL by this password`,
    );
  try {
    return await server.user(login);
  } catch (error) {
    if (!isDenied(error)) throw error;
    throw administratorRefused(
      administrator,
      `the user ${administrator} of EVENT_STORE_ADMIN_URL is no administrator of the event store`,
    );
  }
}

const administratorRefused = (login: string, what: string) =>
  new StoreAccessRefused(
    'event_store_administrator_refused',
    what,
    { login },
    { hint: 'Name a user of the group $admins in EVENT_STORE_ADMIN_URL.' },
  );

async function userAt(
  user: StoreUser | null,
  ledger: ReturnType<typeof withLogin>,
  { resetPassword }: PrepareOptions,
): Promise<Prepared['user']> {
  const { username: login } = ledger.credentials;
  if (user === null) return 'made';
  if (user.groups.includes('$admins'))
    throw isAdministrator(login, `the user ${login} is an administrator of the event store`);
  if (user.isDisabled)
    throw new StoreAccessRefused(
      'event_store_user_disabled',
      `the user ${login} of the event store is disabled`,
      { login },
      { hint: 'Find out who disabled it, and enable it in the interface of the event store.' },
    );
  if (resetPassword) return 'password reset';
  if ((await receptionOf(ledger)) === 'not known')
    throw new StoreAccessRefused(
      'event_store_password_differs',
      `the user ${login} is there, and EVENT_STORE_URL has another password for it`,
      { login },
      {
        hint: 'Put the right password into EVENT_STORE_URL, or give it this one with --reset-password.',
      },
    );
  return 'there';
}

const isAdministrator = (login: string, what: string) =>
  new StoreAccessRefused(
    'event_store_user_is_administrator',
    what,
    { login },
    { hint: 'Name a user of the ledger’s own in EVENT_STORE_URL; one that is not there is made.' },
  );

async function receptionOf(address: StoreAddress) {
  const user = new Administration(address);
  try {
    return await user.reception();
  } finally {
    await user.close();
  }
}

function mustNotBeOfOthers(lists: readonly ListChange[], others: string | null): void {
  const set = lists.find((list) => list.isOfOthers && Object.keys(list.before).length > 0);
  if (set !== undefined)
    throw new StoreAccessConflict(
      'event_store_access_of_others',
      `the access list of ${nameOf(set)} was set by others: ${textOf(set.before)}`,
      { list: set.of },
      { hint: toldOtherwise },
    );
  if (others !== null && lists.some(({ isOfOthers }) => isOfOthers))
    throw new StoreAccessConflict(
      'event_store_shared',
      `the event store holds streams of others (${others}), whose users may need the rights that every user has now`,
      { stream: others },
      { hint: toldOtherwise },
    );
}

const toldOtherwise =
  'Nothing was changed. --others keep leaves their rights, with which they can also write under the names of this city; --others remove takes them away.';

const nameOf = ({ of }: ListChange) =>
  of === 'all' ? '$all' : 'streams without a list of their own';

const textOf = (list: AccessList) => JSON.stringify(list);

async function set(
  server: Administration,
  stream: string,
  type: string,
  last: LastEvent,
  list: ListChange,
  content: JsonObject,
): Promise<void> {
  if (!changes(list)) return;
  if (await server.write(stream, last.version, type, content)) return;
  throw new StoreAccessConflict(
    'event_store_access_changed',
    `the access list of ${nameOf(list)} was changed by others meanwhile`,
    { list: list.of },
    { hint: 'Run the command again.' },
  );
}

const asJson = (list: AccessList): JsonObject =>
  Object.fromEntries(Object.entries(list).map(([right, names]) => [right, [...names]]));

async function mustBeLetIn(ledger: StoreAddress, login: string): Promise<void> {
  if ((await receptionOf(ledger)) === 'may read') return;
  throw new StoreAccessRefused(
    'event_store_access_not_given',
    `user and access lists are set, and the event store still does not let ${login} read $all`,
    { login },
    {
      hint: 'A server with stream policies goes by those: give the user there what docs/operations/machines.md names.',
    },
  );
}
