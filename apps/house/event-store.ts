import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import { EventStoreDbEventStore, StoreUrlInvalid } from '#libs/event-store/eventstoredb';
import { PostgresEventStore } from '#libs/event-store/postgres';
import { SettingInvalid, type Settings } from '#libs/platform';

/**
 * The event store that the settings ask for: an EventStoreDB or KurrentDB where `EVENT_STORE_URL` names one, the ledger's own database otherwise.
 * Everything else (projections, vault, tiles) is in the database in both cases.
 * @throws SettingInvalid, StoreUnavailable, StoreDamaged
 */
export async function openEventStore(
  settings: Pick<Settings, 'city' | 'eventStoreUrl'>,
  pool: pg.Pool,
): Promise<EventStore> {
  const { city, eventStoreUrl } = settings;
  if (eventStoreUrl === undefined) return PostgresEventStore.open({ city, pool });
  try {
    return await EventStoreDbEventStore.open({ city, url: eventStoreUrl });
  } catch (error) {
    if (!(error instanceof StoreUrlInvalid)) throw error;
    throw SettingInvalid.mustBe('EVENT_STORE_URL', `another: ${error.message}`, { cause: error });
  }
}
