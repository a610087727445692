import { readFile } from 'node:fs/promises';
import type { JWK } from 'jose';
import { createClient, type LedgerClient, readKey, type Schemas } from '#libs/api-client';
import { perform } from '../stage.js';
import { baseUrl, command, commandOn, explain, told } from './door.js';

/**
 * The administrator's program: holds the key file that the city made at its first start, and
 * registers public keys.
 */
let opened: LedgerClient | null = null;
const api = (): LedgerClient => {
  if (opened === null) throw new TypeError('the key is not unlocked yet');
  return opened;
};

perform(
  {
    async unlock({ keyFile }: { keyFile: string }) {
      const key = await readKey(JSON.parse(await readFile(keyFile, 'utf8')) as JWK);
      opened = createClient({ baseUrl, client: 'administrator', key, scopes: ['clients:manage'] });
    },
    register: (body: Schemas['RegisterClientDto']) =>
      told(api().POST('/v1/clients', { params: command(), body })),
    disable: ({ client }: { client: string }) =>
      told(
        api().POST('/v1/clients/{client}/disable', {
          params: commandOn({ client }),
          body: { reason: 'retired' },
        }),
      ),
  },
  explain,
);
