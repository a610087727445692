import { clientFetch, newPrivateJwk, readKey } from '#libs/api-client';
import { baseUrl, Door } from './door.js';

const privateJwk = await newPrivateJwk();
const key = await readKey(privateJwk);
let door: Door | null = null;

/** The key of this process, and what every registered client's program can do: show its public key, and learn its client id. */
export const own = {
  key,
  privateJwk,
  door(): Door {
    if (door === null) throw new TypeError('not registered yet');
    return door;
  },
};

export const registered = {
  publicKey: () => Promise.resolve(key.publicJwk),
  registered: ({ client, scopes }: { client: string; scopes: readonly string[] }) => {
    door = new Door(baseUrl, clientFetch({ baseUrl, client, key, scopes }));
    return Promise.resolve();
  },
};
