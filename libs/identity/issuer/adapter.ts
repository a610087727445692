import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type pg from 'pg';
import { type Clock, InternalError, plusSeconds, UnavailableError } from '#libs/kernel';
import { PostgresArtifacts } from './artifacts.js';
import type { ClientDirectory, RegisteredClient, ReplayMemory } from '../caller.js';

/** What the issuer stands on. */
export interface IssuerStores {
  readonly clock: Clock;
  readonly clients: ClientDirectory;
  readonly replays: ReplayMemory;
  readonly pool: pg.Pool;
  /** The origin of the pages, at which sign-ins end. */
  readonly audience: string;
}

/**
 * The issuer was asked to keep something that our configuration of it never has: see the kinds
 * below.
 */
export class IssuerKeepsNothing extends InternalError<'issuer_keeps_nothing'> {}

/**
 * The issuer's persistence, by kind of artifact (oidc-provider's adapter contract). Access tokens
 * are signed and not kept, and other kinds belong to flows that are switched off.
 */
export const issuerAdapter =
  (stores: IssuerStores) =>
  (kind: string): Adapter => {
    switch (kind) {
      case 'Client':
        return clientsOf(stores);
      case 'ReplayDetection':
        return usedIds(stores);
      case 'Session':
        return new Forgotten();
      case 'Interaction':
      case 'Grant':
      case 'AuthorizationCode':
      case 'RefreshToken':
        return new PostgresArtifacts(stores.pool, stores.clock, kind);
      default:
        return new Nothing();
    }
  };

class Nothing implements Adapter {
  find: Adapter['find'] = () => Promise.resolve(undefined);
  findByUid: Adapter['findByUid'] = () => Promise.resolve(undefined);
  findByUserCode: Adapter['findByUserCode'] = () => Promise.resolve(undefined);
  upsert: Adapter['upsert'] = refuse;
  consume: Adapter['consume'] = refuse;
  destroy: Adapter['destroy'] = refuse;
  /** Access tokens of a sign-in that is revoked: the guard sees that the operator is out. */
  revokeByGrantId: Adapter['revokeByGrantId'] = () => Promise.resolve(undefined);
}

/** Sessions: kept nowhere, so that a sign-in ends with its own tokens. */
class Forgotten extends Nothing {
  override upsert: Adapter['upsert'] = () => Promise.resolve(undefined);
  override destroy: Adapter['destroy'] = () => Promise.resolve(undefined);
}

const refuse = () =>
  Promise.reject(
    new IssuerKeepsNothing('issuer_keeps_nothing', 'the issuer keeps no artifacts of this kind'),
  );

const clientsOf = ({ clients, audience }: IssuerStores): Adapter =>
  Object.assign(new Nothing(), {
    find: async (id: string): Promise<AdapterPayload | undefined> => {
      const client = await clients.find(id).catch((error: unknown) => {
        throw error instanceof UnavailableError ? later(error.message) : error;
      });
      return client?.enabled === true ? clientMetadata(client, audience) : undefined;
    },
  });

/**
 * The register cannot be read just now: no fault of the client's, which may ask again (RFC 6749,
 * section 4.1.2.1, has the code).
 */
const later = (why: string) =>
  Object.assign(new errors.CustomOIDCProviderError('temporarily_unavailable', why), {
    status: 503,
    statusCode: 503,
  });

/**
 * A client in the words of OpenID Connect Dynamic Client Registration 1.0, section 2, and RFC 9449,
 * section 5.2.
 */
function clientMetadata(client: RegisteredClient, audience: string): AdapterPayload {
  const signsIn = client.kind === 'terminal';
  return {
    client_id: client.client,
    grant_types: [
      'client_credentials',
      ...(signsIn ? ['authorization_code', 'refresh_token'] : []),
    ],
    response_types: signsIn ? ['code'] : [],
    redirect_uris: signsIn ? pagesOfOperators.map((page) => audience + page) : [],
    token_endpoint_auth_method: 'private_key_jwt',
    // Without `alg`: an Ed25519 key signs as EdDSA or as Ed25519 (RFC 9864).
    jwks: { keys: client.keys.map(({ kid, jwk }) => ({ ...jwk, kid, use: 'sig' })) },
    dpop_bound_access_tokens: true,
    id_token_signed_response_alg: 'EdDSA',
    scope: [...client.scopes, ...(signsIn ? ['openid'] : [])].join(' '),
  };
}

/** The pages at which operators work, and to which a sign-in goes back. */
const pagesOfOperators = ['/window', '/admin'];

/**
 * Seconds for which used ids are kept beyond the issuer's word: its window for proofs is 300 s to
 * both sides.
 */
const keptLongerSeconds = 300;

/**
 * Assertions and proofs are used once. The issuer looks before it writes, so of several at once all
 * would find nothing: here the write is the judge, and `find` finds nothing.
 */
const usedIds = ({ replays, clock }: IssuerStores): Adapter =>
  Object.assign(new Nothing(), {
    upsert: async (id: string, _payload: AdapterPayload, expiresIn = 0): Promise<undefined> => {
      const expires = plusSeconds(clock.now(), expiresIn + keptLongerSeconds);
      if (!(await replays.firstUse('issuer', id, expires)))
        throw new errors.InvalidClientAuth('assertion_used');
      return undefined;
    },
  });
