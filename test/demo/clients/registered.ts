import { clientFetch } from '#libs/api-client';
import { baseUrl, Door, newKey } from './door.js';

const key = await newKey();
let door: Door | null = null;

/** The key of this process, and what every registered client's program can do: show its public key, and learn its client id. */
export const own = {
  key,
  door(): Door {
    if (door === null) throw new TypeError('not registered yet');
    return door;
  },
};

export const registered = {
  publicKey: () => Promise.resolve(key.publicJwk),
  registered: ({ client }: { client: string }) => {
    door = new Door(baseUrl, clientFetch({ baseUrl, client, key }));
    return Promise.resolve();
  },
};
