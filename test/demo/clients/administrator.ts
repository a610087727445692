import { readFile } from 'node:fs/promises';
import type { JWK } from 'jose';
import { clientFetch, readKey } from '#libs/api-client';
import { perform } from '../stage.js';
import { baseUrl, Door, explain } from './door.js';

/** The administrator's program: holds the key file that the city made at its first start, and registers public keys. */
let door: Door | null = null;

perform(
  {
    async unlock({ keyFile }: { keyFile: string }) {
      const key = await readKey(JSON.parse(await readFile(keyFile, 'utf8')) as JWK);
      door = new Door(
        baseUrl,
        clientFetch({ baseUrl, client: 'administrator', key, scopes: ['clients:manage'] }),
      );
    },
    register: (registration: unknown) =>
      door?.post('/v1/clients', registration) ?? Promise.resolve(null),
    disable: ({ client }: { client: string }) =>
      door?.post(`/v1/clients/${client}/disable`, { reason: 'demo_over' }) ?? Promise.resolve(null),
  },
  explain,
);
