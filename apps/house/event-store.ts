import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import { EventStoreDbEventStore } from '#libs/event-store/eventstoredb';
import { PostgresEventStore } from '#libs/event-store/postgres';
import type { Settings } from '#libs/platform';

/**
 * The event store that the settings ask for: an EventStoreDB or KurrentDB where `EVENT_STORE_URL` names one, the ledger's own database otherwise.
 * Everything else (projections, vault, tiles) is in the database in both cases.
 * @throws StoreUrlInvalid, StoreUnavailable, StoreDamaged
 */
export function openEventStore(
  settings: Pick<Settings, 'city' | 'eventStoreUrl'>,
  pool: pg.Pool,
): Promise<EventStore> {
  const { city, eventStoreUrl } = settings;
  return eventStoreUrl === undefined
    ? PostgresEventStore.open({ city, pool })
    : EventStoreDbEventStore.open({ city, url: eventStoreUrl });
}
