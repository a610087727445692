import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { type Clock, InternalError, plusSeconds } from '#libs/kernel';
import type { ClientDirectory, RegisteredClient, ReplayMemory } from '../caller.js';

/** What the issuer stands on. */
export interface IssuerStores {
  readonly clock: Clock;
  readonly clients: ClientDirectory;
  readonly replays: ReplayMemory;
}

/** The issuer was asked to keep something that our configuration of it never has: see the kinds below. */
export class IssuerKeepsNothing extends InternalError<'issuer_keeps_nothing'> {}

/**
 * The issuer's persistence, by kind of artifact (oidc-provider's adapter contract). Clients are read from their streams; used ids go to the
 * replay memory; access tokens are signed and not kept; other kinds belong to flows that are switched off.
 */
export const issuerAdapter =
  (stores: IssuerStores) =>
  (kind: string): Adapter => {
    switch (kind) {
      case 'Client':
        return clientsOf(stores);
      case 'ReplayDetection':
        return usedIds(stores);
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
  revokeByGrantId: Adapter['revokeByGrantId'] = refuse;
}

const refuse = () =>
  Promise.reject(
    new IssuerKeepsNothing('issuer_keeps_nothing', 'the issuer keeps no artifacts of this kind'),
  );

const clientsOf = ({ clients }: IssuerStores): Adapter =>
  Object.assign(new Nothing(), {
    find: async (id: string): Promise<AdapterPayload | undefined> => {
      const client = await clients.find(id);
      return client?.enabled === true ? clientMetadata(client) : undefined;
    },
  });

/** A client in the words of OpenID Connect Dynamic Client Registration 1.0, section 2, and RFC 9449, section 5.2. */
function clientMetadata(client: RegisteredClient): AdapterPayload {
  return {
    client_id: client.client,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'private_key_jwt',
    // Without `alg`: an Ed25519 key signs as EdDSA or as Ed25519 (RFC 9864).
    jwks: { keys: client.keys.map(({ kid, jwk }) => ({ ...jwk, kid, use: 'sig' })) },
    dpop_bound_access_tokens: true,
    id_token_signed_response_alg: 'EdDSA',
    scope: client.scopes.join(' '),
  };
}

/** Seconds for which used ids are kept beyond the issuer's word: its window for proofs is 300 s to both sides. */
const keptLongerSeconds = 300;

/**
 * Assertions and proofs are used once. The issuer looks before it writes, so of several at once all would find nothing: here the write is
 * the judge, and `find` finds nothing.
 */
const usedIds = ({ replays, clock }: IssuerStores): Adapter =>
  Object.assign(new Nothing(), {
    upsert: async (id: string, _payload: AdapterPayload, expiresIn = 0): Promise<undefined> => {
      const expires = plusSeconds(clock.now(), expiresIn + keptLongerSeconds);
      if (!(await replays.firstUse('issuer', id, expires)))
        throw new errors.InvalidClientAuth('an assertion or proof was used before');
      return undefined;
    },
  });
