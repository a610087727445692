import createFetchClient, { type Client } from 'openapi-fetch';
import { UnavailableError } from '#libs/kernel';
import type { ApiKey } from './keys.js';
import type { components, paths } from './schema.js';
import { type ClientIdentity, clientFetch, phoneFetch, tokenFetch } from './signed-fetch.js';

/**
 * The ledger's API as contracts/openapi.json describes it: paths, bodies and answers are checked by
 * the compiler.
 */
export type LedgerClient = Client<paths>;

/**
 * For a registered client: `createClient({ baseUrl, client, key }).GET('/v1/matters', { params: {
 * query: { q } } })`.
 */
export const createClient = (identity: ClientIdentity): LedgerClient =>
  reading({ baseUrl: identity.baseUrl, fetch: clientFetch(identity) });

/** For a terminal at which an operator is signed in. @param token a valid one, at each request */
export const createOperatorClient = (
  { baseUrl, key }: Pick<ClientIdentity, 'baseUrl' | 'key'>,
  token: () => Promise<string>,
): LedgerClient => reading({ baseUrl, fetch: tokenFetch(key, token) });

/** For a holder's phone, whose enrolled key proves each request. */
export const createPhoneClient = (baseUrl: string, key: ApiKey): LedgerClient =>
  reading({ baseUrl, fetch: phoneFetch(key) });

/** For open routes: without authentication. */
export const createOpenClient = (baseUrl: string): LedgerClient =>
  reading({ baseUrl, fetch: (request) => fetch(request) });

/**
 * openapi-fetch reads every answer as JSON unless a call says otherwise; text of a route that
 * answers text comes as a string.
 */
function reading(options: Parameters<typeof createFetchClient<paths>>[0]): LedgerClient {
  const client = createFetchClient<paths>(options);
  client.use({
    onResponse: async ({ response, options: { parseAs } }) =>
      parseAs === 'json' && response.headers.get('content-type')?.startsWith('text/') === true
        ? new Response(JSON.stringify(await response.text()), response)
        : undefined,
  });
  return client;
}

/** What requests and answers hold, by the contract's names. */
export type Schemas = components['schemas'];

/** The header of a new command. Who retries it keeps the value. */
export const newCommand = (): { readonly 'Idempotency-Key': string } => ({
  'Idempotency-Key': crypto.randomUUID(),
});

/**
 * The log's origin, by which a city is named in what is signed for it: the first line of its
 * checkpoint.
 */
export async function cityOf(baseUrl: string): Promise<string> {
  const response = await fetch(`${baseUrl}/log/checkpoint`);
  const [origin = ''] = (await response.text()).split('\n');
  if (!response.ok || origin === '')
    throw new CityUnknown('city_unknown', 'the city does not show its log', {
      status: response.status,
    });
  return origin;
}

/** The origin of the log cannot be read. */
export class CityUnknown extends UnavailableError<'city_unknown'> {}
