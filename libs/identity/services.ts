import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import type { Metrics, Settings } from '#libs/platform';
import { StreamClientDirectory } from './client-directory.js';
import { PostgresDailyHolders } from './daily-holders.js';
import { RateLimits } from './rate-limits.js';
import { PostgresReplayMemory } from './replay-memory.js';

/** What the issuer and the guards of one process share, so that a rotated key is gone from both at once. */
export interface IdentityServices {
  readonly clients: StreamClientDirectory;
  readonly replays: PostgresReplayMemory;
  readonly rates: RateLimits;
  readonly holders: PostgresDailyHolders;
}

export const identityServices = (on: {
  readonly store: EventStore;
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly settings: Settings;
  /** Where what is refused here is counted. */
  readonly metrics?: Metrics;
}): IdentityServices => ({
  clients: new StreamClientDirectory(on.store),
  replays: new PostgresReplayMemory(on.pool, on.clock, (of) => {
    on.metrics?.replays.inc({ of });
  }),
  rates: new RateLimits(on.pool, on.settings, () => {
    on.metrics?.limits.inc({ limit: 'requests' });
  }),
  holders: new PostgresDailyHolders(on.pool, on.settings, (code) => {
    on.metrics?.limits.inc({ limit: code.replace(/^daily_/, '') });
  }),
});
