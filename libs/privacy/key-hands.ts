import { type EventStore, type StoredRecord, upcasting } from '#libs/event-store';
import {
  clientStream,
  type ClientState,
  identityDecider,
  type IdentityEvent,
  identitySchemas,
} from '#libs/identity';

/*
 * In whose hands the keys of administrators are, as the clients' own streams tell it now. Whoever registers a client, or gives it a key, may have made that key for himself: to
 * the rules of erasure two such clients are one person. A key that a client gives itself changes nothing, for whoever had the old key could have done it.
 */

type Streams = Pick<EventStore, 'readStream'>;

const codec = upcasting<IdentityEvent>(identitySchemas);

/** The actor of what the ledger's own machine does: whoever runs it put the key there. */
const theCity = 'city';

/** Who registered a client or last gave it a key, who did so for that one, and so on. None where the city itself did. */
export const keyGivers = async (store: Streams, client: string): Promise<string[]> =>
  (await handsOf(store, client)).givers;

/** What is in the hands of both: clients through which both came, one of them perhaps, and thumbprints of keys. Empty where they are independent. */
export async function sameHands(
  store: Streams,
  one: string,
  other: string,
): Promise<readonly string[]> {
  const [mine, theirs] = await Promise.all([handsOf(store, one), handsOf(store, other)]);
  const behind = new Set([other, ...theirs.givers, ...theirs.keys]);
  return [one, ...mine.givers, ...mine.keys].filter((hand) => behind.has(hand));
}

async function handsOf(store: Streams, client: string) {
  const { giver, keys } = await registerOf(store, client);
  const givers: string[] = [];
  for (let next = giver; next !== null && next !== client && !givers.includes(next);) {
    givers.push(next);
    ({ giver: next } = await registerOf(store, next));
  }
  return { givers, keys };
}

async function registerOf(store: Streams, client: string) {
  const records = await store.readStream(clientStream(client));
  const state = records.reduce<ClientState>(
    (before, { body }) =>
      identityDecider.evolve(before, codec.upcast(body.type, body.schema, body.data)),
    identityDecider.initialState,
  );
  return {
    giver: giverOf(client, records),
    keys: state.status === 'unknown' ? [] : state.keys.map(({ kid }) => kid),
  };
}

function giverOf(client: string, records: readonly StoredRecord[]): string | null {
  let giver: string | null = null;
  for (const { body } of records) {
    const by = body.actor.client;
    const gave = body.type === 'ClientRegistered' || body.type === 'ClientKeyRotated';
    if (gave && by !== client) giver = by === theCity ? null : by;
  }
  return giver;
}
