import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { isTrialOrigin } from '#libs/log';
import type { Metrics, Settings } from '#libs/platform';
import { type ClientClaims, PostgresClientClaims } from './client-claims.js';
import { StreamClientDirectory } from './client-directory.js';
import { PostgresDailyHolders } from './daily-holders.js';
import { Door } from './door/door.js';
import type { HolderPasskeys } from './holder-passkeys.js';
import { OperatorDirectory } from './operators/operator-directory.js';
import { PasskeyChallenges } from './operators/passkeys/challenges.js';
import { WebAuthnHolderPasskeys } from './operators/passkeys/holder-passkeys.js';
import { Passkeys } from './operators/passkeys/passkeys.js';
import { FixedRelyingParty } from './operators/passkeys/relying-party.js';
import { PostgresReplayMemory } from './replay-memory.js';

/**
 * What the issuer and the guards of one process share, so that a rotated key is gone from both at
 * once.
 */
export interface IdentityServices {
  readonly clients: StreamClientDirectory;
  readonly operators: OperatorDirectory;
  readonly passkeys: Passkeys;
  readonly holderPasskeys: HolderPasskeys;
  readonly party: FixedRelyingParty;
  readonly claims: ClientClaims;
  readonly replays: PostgresReplayMemory;
  readonly door: Door;
  readonly holders: PostgresDailyHolders;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export const identityServices = (on: {
  readonly store: EventStore;
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly settings: Settings;
  /** Where what is refused here is counted. */
  readonly metrics?: Metrics;
}): IdentityServices => {
  const operators = new OperatorDirectory(on.store);
  const { headsStatement } = on.store;
  const door = new Door(
    on.pool,
    on.settings.limits.requestsPerSecond,
    () => on.metrics?.limits.inc({ limit: 'requests' }),
    (of) => on.metrics?.replays.inc({ of }),
    headsStatement?.pool === on.pool ? headsStatement : null,
  );
  const { city, publicUrl, signIn } = on.settings;
  const { hostname } = new URL(publicUrl);
  const party = {
    id: signIn.rpId,
    origin: publicUrl,
    takesSamples: isTrialOrigin(city) && loopback.test(hostname),
  };
  const challenges = new PasskeyChallenges(on.pool);
  const fixed = new FixedRelyingParty(on.pool, party);
  return {
    clients: new StreamClientDirectory(on.store),
    operators,
    passkeys: new Passkeys(on.pool, challenges, operators, party),
    holderPasskeys: new WebAuthnHolderPasskeys(challenges, fixed, party),
    party: fixed,
    claims: new PostgresClientClaims(on.pool, on.store),
    replays: new PostgresReplayMemory(door, on.pool, on.clock),
    door,
    holders: new PostgresDailyHolders(on.pool, on.settings, (code) => {
      on.metrics?.limits.inc({ limit: code.replace(/^daily_/, '') });
    }),
  };
};
