import createFetchClient, { type Client } from 'openapi-fetch';
import type { ApiKey } from './keys.js';
import type { components, paths } from './schema.js';
import { type ClientIdentity, clientFetch, phoneFetch } from './signed-fetch.js';

/** The ledger's API as contracts/openapi.json describes it: paths, bodies and answers are checked by the compiler. */
export type LedgerClient = Client<paths>;

/** For a registered client: `createClient({ baseUrl, client, key }).GET('/v1/matters', { params: { query: { q } } })`. */
export const createClient = (identity: ClientIdentity): LedgerClient =>
  createFetchClient<paths>({ baseUrl: identity.baseUrl, fetch: clientFetch(identity) });

/** For a holder's phone, whose enrolled key proves each request. */
export const createPhoneClient = (baseUrl: string, key: ApiKey): LedgerClient =>
  createFetchClient<paths>({ baseUrl, fetch: phoneFetch(key) });

/** What requests and answers hold, by the contract's names. */
export type Schemas = components['schemas'];

/** The header of a new command. Who retries it keeps the value. */
export const newCommand = (): { readonly 'Idempotency-Key': string } => ({
  'Idempotency-Key': crypto.randomUUID(),
});
