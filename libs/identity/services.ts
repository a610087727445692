import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { isTrialOrigin } from '#libs/log';
import type { Metrics, Settings } from '#libs/platform';
import { type ClientClaims, PostgresClientClaims } from './client-claims.js';
import { StreamClientDirectory } from './client-directory.js';
import { PostgresDailyHolders } from './daily-holders.js';
import { OperatorDirectory } from './operators/operator-directory.js';
import { PasskeyChallenges } from './operators/passkeys/challenges.js';
import { Passkeys } from './operators/passkeys/passkeys.js';
import { FixedRelyingParty } from './operators/passkeys/relying-party.js';
import { RateLimits } from './rate-limits.js';
import { PostgresReplayMemory } from './replay-memory.js';

/**
 * What the issuer and the guards of one process share, so that a rotated key is gone from both at
 * once.
 */
export interface IdentityServices {
  readonly clients: StreamClientDirectory;
  readonly operators: OperatorDirectory;
  readonly passkeys: Passkeys;
  readonly party: FixedRelyingParty;
  readonly claims: ClientClaims;
  readonly replays: PostgresReplayMemory;
  readonly rates: RateLimits;
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
  const { city, publicUrl, signIn } = on.settings;
  const { hostname } = new URL(publicUrl);
  const party = {
    id: signIn.rpId,
    origin: publicUrl,
    takesSamples: isTrialOrigin(city) && loopback.test(hostname),
  };
  return {
    clients: new StreamClientDirectory(on.store),
    operators,
    passkeys: new Passkeys(on.pool, new PasskeyChallenges(on.pool), operators, party),
    party: new FixedRelyingParty(on.pool, party),
    claims: new PostgresClientClaims(on.pool, on.store),
    replays: new PostgresReplayMemory(on.pool, on.clock, (of) => {
      on.metrics?.replays.inc({ of });
    }),
    rates: new RateLimits(on.pool, on.settings, () => {
      on.metrics?.limits.inc({ limit: 'requests' });
    }),
    holders: new PostgresDailyHolders(on.pool, on.settings, (code) => {
      on.metrics?.limits.inc({ limit: code.replace(/^daily_/, '') });
    }),
  };
};
