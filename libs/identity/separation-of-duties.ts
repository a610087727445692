import {
  type EventStore,
  readBeforeForeign,
  type StoredRecord,
  upcasting,
} from '#libs/event-store';
import type { SignedInOperator } from './caller.js';
import { clientStream } from './identity.decider.js';
import { ClientRefused } from './identity.errors.js';
import {
  type ActingAdministrator,
  type ActingKey,
  type ActingOperator,
  type IdentityEvent,
  identitySchemas,
} from './identity.events.js';
import { type ClientChange, handOf, OperatorHistory, operatorOfHand } from './operator-hands.js';
import { type OperatorEvent, operatorSchemas } from './operators/operators.events.js';
import { operatorStream } from './operators/operators.stream.js';

/**
 * Who controlled the key with which an administrator acted, and the passkey where it was an
 * operator at a terminal: a registrar may have made that key for itself, so that the two count as
 * one person where two administrators are needed. The key that acted counts, and its registrars'
 * control at the time of registration.
 */

type Streams = Pick<EventStore, 'readStream'>;

const codec = upcasting<IdentityEvent>(identitySchemas);
const operatorCodec = upcasting<OperatorEvent>(operatorSchemas);

/** The actor of what the ledger's own machine does: the operator put the key there. */
export const theCity = 'city';

/** By client, or `handOf` an operator, the changes of each in the order of its stream. */
export type ClientHistories = ReadonlyMap<string, readonly ClientChange[]>;

/** A client, and the thumbprint of the key with which it acted; or `handOf` one, and a passkey. */
interface Hand {
  readonly client: string;
  readonly kid: string;
}

/** A client with its key, and the operator who was signed in there, if one was. */
export interface ActingClient extends Hand {
  readonly operator: Pick<ActingOperator, 'operator' | 'passkey'> | null;
}

/** The hands that act: the client itself, and its operator. */
const handsIn = ({ client, kid, operator }: ActingClient): readonly Hand[] =>
  operator === null
    ? [{ client, kid }]
    : [
        { client, kid },
        { client: handOf(operator.operator), kid: operator.passkey },
      ];

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
 * and so on, the nearest first; of a passkey, who invited its operator, and the terminal at which
 * it was made. None where the city itself did, and the client alone since.
 */
export const registrarsOf = (acting: ActingClient, histories: ClientHistories): string[] =>
  registrarsBehind(handsIn(acting), histories);

function registrarsBehind(hands: readonly Hand[], histories: ClientHistories): string[] {
  const registrars = new Set<string>();
  const seen = new Set<string>();
  const open: Hand[] = [...hands];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const name = JSON.stringify([next.client, next.kid]);
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...giversOf(next, histories, registrars));
  }
  for (const { client } of hands) registrars.delete(client);
  return [...registrars];
}

/** What controls both, in the order of the first one's: see `Independence`. */
export const controlInCommon = (
  one: ActingClient,
  other: ActingClient,
  histories: ClientHistories,
  /** Registrars that the records of the two acts name besides. */
  recorded: Readonly<Record<'one' | 'other', readonly string[]>>,
): readonly string[] => commonControl(handsIn(one), handsIn(other), histories, recorded);

function commonControl(
  one: readonly Hand[],
  other: readonly Hand[],
  histories: ClientHistories,
  recorded: Readonly<Record<'one' | 'other', readonly string[]>> = { one: [], other: [] },
): readonly string[] {
  const handsOf = (own: readonly Hand[], besides: readonly string[]) => [
    ...own.map(({ client }) => client),
    ...new Set([...registrarsBehind(own, histories), ...besides]),
    ...own.map(({ kid }) => kid),
  ];
  const behind = new Set(handsOf(other, recorded.other));
  return handsOf(one, recorded.one).filter((hand) => behind.has(hand));
}

/** Changes that end a client's requests: it was disabled, or another client gave it a key. */
export const endsRequests = (client: string, { change, by }: ClientChange): boolean =>
  change === 'disabled' || (change === 'keys' && by !== client);

interface ActingCaller {
  readonly client: string;
  readonly jkt: string;
  readonly operator?: SignedInOperator;
}

/**
 * The caller's key and its registrars, to be recorded with the act; and the operator, where one is
 * signed in.
 * @throws ClientRefused where the client has replaced the key or the operator the passkey, or
 *   either is disabled, since its authentication
 */
export async function actingAdministrator(
  store: Streams,
  { client, jkt: kid, operator: signedIn }: ActingCaller,
): Promise<ActingAdministrator> {
  const hands = signedIn === undefined ? [client] : [client, handOf(signedIn.operator)];
  const histories = await historiesBehind(store, ...hands);
  const own = histories.get(client) ?? [];
  const last = own.findLast(({ change }) => change !== 'keys');
  if (last?.change === 'disabled' || !keysIn(own).includes(kid))
    throw notCurrent({ client }, 'the client is disabled, or has another key,');
  const operator = signedIn === undefined ? null : actingOperator(signedIn, histories);
  return {
    kid,
    registrars: registrarsOf({ client, kid, operator }, histories),
    clientVersion: own.at(-1)?.version ?? -1,
    operator,
  };
}

/** The same of a client that acts by itself. @throws ClientRefused */
export async function actingKey(
  store: Streams,
  { client, jkt }: Omit<ActingCaller, 'operator'>,
): Promise<ActingKey> {
  const { kid, registrars, clientVersion } = await actingAdministrator(store, { client, jkt });
  return { kid, registrars, clientVersion };
}

function actingOperator(
  { operator, passkey }: SignedInOperator,
  histories: ClientHistories,
): ActingOperator {
  const own = histories.get(handOf(operator)) ?? [];
  const last = own.findLast(({ change }) => change !== 'keys');
  if (last?.change === 'disabled' || passkey === null || !keysIn(own).includes(passkey))
    throw notCurrent({ operator }, 'the operator is disabled, or has another passkey,');
  return { operator, passkey, operatorVersion: own.at(-1)?.version ?? -1 };
}

const notCurrent = (facts: Readonly<Record<string, string>>, what: string) =>
  new ClientRefused('client_key_not_current', `${what} since this request was let in`, facts, {
    hint: 'Send it again, signed by the key that the client has now.',
  });

/** What an administrator acts with: a client's key, an operator's passkey, or both. */
export interface ActingHands {
  readonly client: Hand | null;
  readonly operator: Pick<ActingOperator, 'operator' | 'passkey'> | null;
}

/** What controls both, before either acts: see `Independence`. */
export async function sharedWith(
  store: Streams,
  one: ActingHands,
  other: ActingHands,
): Promise<readonly string[]> {
  const hands = ({ client, operator }: ActingHands): readonly Hand[] => [
    ...(client === null ? [] : [client]),
    ...(operator === null ? [] : [{ client: handOf(operator.operator), kid: operator.passkey }]),
  ];
  const [ones, others] = [hands(one), hands(other)];
  const histories = await historiesBehind(
    store,
    ...[...ones, ...others].map(({ client }) => client),
  );
  return commonControl(ones, others, histories);
}

/** An administrator's act as its record names it. */
export interface AdministratorsAct {
  readonly client: string;
  readonly with: ActingKey & { readonly operator?: ActingOperator | null };
}

/**
 * Whether two administrators are independent: the requester, with its key then, and the approver,
 * with its key now.
 */
export async function independenceOf(
  store: Streams,
  requester: AdministratorsAct,
  approver: AdministratorsAct,
): Promise<Independence> {
  const histories = await historiesBehind(store, ...handsOf(requester), ...handsOf(approver));
  const acting = ({ client, with: { kid, operator = null } }: AdministratorsAct) => ({
    client,
    kid,
    operator,
  });
  return {
    sharedControl: controlInCommon(acting(approver), acting(requester), histories, {
      one: approver.with.registrars,
      other: requester.with.registrars,
    }),
    requesterChanged: changedSince(histories, requester),
  };
}

/**
 * Whether what a client asked for has ended: it, or its operator, was disabled, or given a key by
 * another, since. Another can ask for the same then.
 */
export const requesterChanged = async (
  store: Streams,
  requester: AdministratorsAct,
): Promise<boolean> => {
  const histories = new Map<string, readonly ClientChange[]>();
  for (const hand of handsOf(requester)) histories.set(hand, await historyOf(store, hand));
  return changedSince(histories, requester);
};

const handsOf = ({ client, with: { operator } }: AdministratorsAct): readonly string[] =>
  operator == null ? [client] : [client, handOf(operator.operator)];

function changedSince(
  histories: ClientHistories,
  { client, with: { clientVersion, operator } }: AdministratorsAct,
): boolean {
  const ended = (hand: string, since: number) =>
    (histories.get(hand) ?? []).some((one) => one.version > since && endsRequests(hand, one));
  return (
    ended(client, clientVersion) ||
    (operator != null && ended(handOf(operator.operator), operator.operatorVersion))
  );
}

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
  { client, kid }: Hand,
  histories: ClientHistories,
  registrars: Set<string>,
): readonly Hand[] {
  const changes = histories.get(client) ?? [];
  const at = changes.findIndex(({ added }) => added.includes(kid));
  const given = changes[at];
  if (given === undefined || given.by === theCity) return [];
  return [{ hand: given.by, time: given.time }, ...given.besides].flatMap(({ hand, time }) => {
    if (hand === client)
      return keysIn(changes.slice(0, at)).map((before) => ({ client, kid: before }));
    registrars.add(hand);
    return keysAround(histories.get(hand) ?? [], time).map((key) => ({ client: hand, kid: key }));
  });
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

/** Of clients and operators, and of all registrars that their keys ever had. */
async function historiesBehind(
  store: Streams,
  ...hands: readonly string[]
): Promise<ClientHistories> {
  const histories = new Map<string, readonly ClientChange[]>();
  const open = [...hands];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (next === theCity || histories.has(next)) continue;
    const changes = await historyOf(store, next);
    histories.set(next, changes);
    for (const { change, by, besides } of changes)
      if (change === 'keys') open.push(by, ...besides.map(({ hand }) => hand));
  }
  return histories;
}

async function historyOf(store: Streams, hand: string): Promise<readonly ClientChange[]> {
  const operator = operatorOfHand(hand);
  if (operator === null) {
    const records = await readBeforeForeign(store, clientStream(hand));
    return records.flatMap((record) => changeIn(record) ?? []);
  }
  const history = new OperatorHistory();
  for (const { body } of await readBeforeForeign(store, operatorStream(operator))) {
    const { type, schema, data, version, time, actor } = body;
    history.take({ ...operatorCodec.upcast(type, schema, data), version, time, actor });
  }
  return history.changes;
}

function changeIn({ body }: StoredRecord): ClientChange | null {
  const event = codec.upcast(body.type, body.schema, body.data);
  const { version, time, actor } = body;
  const besides = actor.operator === undefined ? [] : [{ hand: handOf(actor.operator), time }];
  const said = { version, time, by: actor.client, besides, added: [], retired: [] };
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
