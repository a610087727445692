import {
  type EventStore,
  readBeforeForeign,
  type StoredRecord,
  upcasting,
} from '#libs/event-store';
import { clientStream } from './identity.decider.js';
import { ClientRefused } from './identity.errors.js';
import { type ActingKey, type IdentityEvent, identitySchemas } from './identity.events.js';

/**
 * Which clients controlled the key with which an administrator acted: a registrar may have made
 * that key for itself, so that the two count as one person where two administrators are needed. The
 * key that acted counts, and its registrars' control at the time of registration.
 */

type Streams = Pick<EventStore, 'readStream'>;

const codec = upcasting<IdentityEvent>(identitySchemas);

/** The actor of what the ledger's own machine does: the operator put the key there. */
export const theCity = 'city';

/** What a record of a client's stream tells of its keys and of whether it is enabled. */
export interface ClientChange {
  /** Of the record in its stream. */
  readonly version: number;
  /** That the record names, RFC 3339. */
  readonly time: string;
  readonly by: string;
  readonly change: 'keys' | 'disabled' | 'enabled';
  /** Thumbprints. */
  readonly added: readonly string[];
  readonly retired: readonly string[];
}

/** By client, the changes of each in the order of its stream. */
export type ClientHistories = ReadonlyMap<string, readonly ClientChange[]>;

/** A client, and the thumbprint of the key with which it acted. */
export interface ActingClient {
  readonly client: string;
  readonly kid: string;
}

/** What two administrators' act is judged by. */
export interface Independence {
  /**
   * What controls both: clients through which both keys came, perhaps one of the two, and
   * thumbprints. Empty where they are independent.
   */
  readonly sharedControl: readonly string[];
  /** Whether the requester was disabled, or given a key by another, since it asked. */
  readonly requesterChanged: boolean;
}

/** Thumbprints of the keys that a client has after all these changes. */
export const keysIn = (changes: readonly ClientChange[]): readonly string[] =>
  changes.reduce<readonly string[]>(
    (keys, { added, retired }) => [
      ...keys.filter((kid) => !retired.includes(kid) && !added.includes(kid)),
      ...added,
    ],
    [],
  );

/**
 * The client that registered a client's key, the one that registered that client's key at the time,
 * and so on, the nearest first. None where the city itself did, and the client alone since.
 */
export function registrarsOf({ client, kid }: ActingClient, histories: ClientHistories): string[] {
  const registrars = new Set<string>();
  const seen = new Set<string>();
  const open: ActingClient[] = [{ client, kid }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const name = JSON.stringify([next.client, next.kid]);
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...giversOf(next, histories, registrars));
  }
  registrars.delete(client);
  return [...registrars];
}

/** What controls both, in the order of the first one's: see `Independence`. */
export function controlInCommon(
  one: ActingClient,
  other: ActingClient,
  histories: ClientHistories,
  /** Registrars that the records of the two acts name besides. */
  recorded: Readonly<Record<'one' | 'other', readonly string[]>> = { one: [], other: [] },
): readonly string[] {
  const handsOf = (acting: ActingClient, besides: readonly string[]) => [
    acting.client,
    ...new Set([...registrarsOf(acting, histories), ...besides]),
    acting.kid,
  ];
  const behind = new Set(handsOf(other, recorded.other));
  return handsOf(one, recorded.one).filter((hand) => behind.has(hand));
}

/** Changes that end a client's requests: it was disabled, or another client gave it a key. */
export const endsRequests = (client: string, { change, by }: ClientChange): boolean =>
  change === 'disabled' || (change === 'keys' && by !== client);

/**
 * The caller's key and its registrars, to be recorded with the act.
 * @throws ClientRefused where the client has replaced the key, or is disabled, since its
 *   authentication
 */
export async function actingKey(
  store: Streams,
  { client, jkt: kid }: { readonly client: string; readonly jkt: string },
): Promise<ActingKey> {
  const histories = await historiesBehind(store, client);
  const own = histories.get(client) ?? [];
  const last = own.findLast(({ change }) => change !== 'keys');
  if (last?.change === 'disabled' || !keysIn(own).includes(kid))
    throw new ClientRefused(
      'client_key_not_current',
      'the client is disabled, or has another key, since this request was let in',
      { client },
      { hint: 'Send it again, signed by the key that the client has now.' },
    );
  return {
    kid,
    registrars: registrarsOf({ client, kid }, histories),
    clientVersion: own.at(-1)?.version ?? -1,
  };
}

/**
 * Whether two administrators are independent: the requester, with its key then, and the approver,
 * with its key now.
 */
export async function independenceOf(
  store: Streams,
  requester: { readonly client: string; readonly with: ActingKey },
  approver: { readonly client: string; readonly with: ActingKey },
): Promise<Independence> {
  const histories = await historiesBehind(store, requester.client, approver.client);
  const acting = ({ client, with: { kid } }: typeof requester) => ({ client, kid });
  return {
    sharedControl: controlInCommon(acting(approver), acting(requester), histories, {
      one: approver.with.registrars,
      other: requester.with.registrars,
    }),
    requesterChanged: changedSince(histories.get(requester.client) ?? [], requester),
  };
}

/**
 * Whether what a client asked for has ended: it was disabled, or given a key by another, since.
 * Another can ask for the same then.
 */
export const requesterChanged = async (
  store: Streams,
  requester: { readonly client: string; readonly with: ActingKey },
): Promise<boolean> => changedSince(await historyOf(store, requester.client), requester);

const changedSince = (
  changes: readonly ClientChange[],
  { client, with: { clientVersion } }: { readonly client: string; readonly with: ActingKey },
): boolean => changes.some((one) => one.version > clientVersion && endsRequests(client, one));

/**
 * How long before a record its registrar may still have used a replaced key, because requests take
 * time and clocks differ, in milliseconds.
 */
const aroundMs = 60_000;

/**
 * The next steps behind a key: the client's own older keys, or the keys that its giver had at about
 * that time.
 */
function giversOf(
  { client, kid }: ActingClient,
  histories: ClientHistories,
  registrars: Set<string>,
): readonly ActingClient[] {
  const changes = histories.get(client) ?? [];
  const at = changes.findIndex(({ added }) => added.includes(kid));
  const given = changes[at];
  if (given === undefined || given.by === theCity) return [];
  if (given.by === client)
    return keysIn(changes.slice(0, at)).map((before) => ({ client, kid: before }));
  registrars.add(given.by);
  return keysAround(histories.get(given.by) ?? [], given.time).map((key) => ({
    client: given.by,
    kid: key,
  }));
}

function keysAround(changes: readonly ClientChange[], time: string): readonly string[] {
  const at = Date.parse(time);
  const keys = new Set<string>();
  for (const { time: since, added, retired } of changes) {
    if (Date.parse(since) > at + aroundMs) break;
    if (Date.parse(since) < at - aroundMs) for (const kid of retired) keys.delete(kid);
    for (const kid of added) keys.add(kid);
  }
  return [...keys];
}

/** Of clients, and of all registrars that their keys ever had. */
async function historiesBehind(
  store: Streams,
  ...clients: readonly string[]
): Promise<ClientHistories> {
  const histories = new Map<string, readonly ClientChange[]>();
  const open = [...clients];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (next === theCity || histories.has(next)) continue;
    const changes = await historyOf(store, next);
    histories.set(next, changes);
    for (const { change, by } of changes) if (change === 'keys') open.push(by);
  }
  return histories;
}

async function historyOf(store: Streams, client: string): Promise<readonly ClientChange[]> {
  const records = await readBeforeForeign(store, clientStream(client));
  return records.flatMap((record) => changeIn(record) ?? []);
}

function changeIn({ body }: StoredRecord): ClientChange | null {
  const event = codec.upcast(body.type, body.schema, body.data);
  const { version, time } = body;
  const said = { version, time, by: body.actor.client, added: [], retired: [] };
  switch (event.type) {
    case 'ClientRegistered':
      return { ...said, change: 'keys', added: event.data.keys.map(({ kid }) => kid) };
    case 'ClientKeyRotated': {
      const { added, retired } = event.data;
      return { ...said, change: 'keys', added: [added.kid], retired };
    }
    case 'ClientDisabled':
      return { ...said, change: 'disabled' };
    case 'ClientEnabled':
      return { ...said, change: 'enabled' };
    case 'ClientTypesChanged':
      return null;
  }
}
