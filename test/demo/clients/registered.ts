import {
  cityOf,
  type ClientDetails,
  createClient,
  type LedgerClient,
  newPrivateJwk,
  proveClientKey,
  readKey,
} from '#libs/api-client';
import { baseUrl } from './door.js';

const privateJwk = await newPrivateJwk();
const key = await readKey(privateJwk);
let client: LedgerClient | null = null;

/** The key of this process, and the way in that it opens once the key is registered. */
export const own = {
  key,
  privateJwk,
  api(): LedgerClient {
    if (client === null) throw new TypeError('not registered yet');
    return client;
  },
};

/**
 * What every registered client's program can do: show its public key with the proof that it is
 * held, and learn its client id.
 */
export const registered = {
  proveKey: async (details: ClientDetails) => proveClientKey(key, await cityOf(baseUrl), details),
  registered: ({ client: id, scopes }: { client: string; scopes: readonly string[] }) => {
    client = createClient({ baseUrl, client: id, key, scopes });
    return Promise.resolve();
  },
};
