import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import { EventStoreDbEventStore, hostsOf, StoreUrlInvalid } from '#libs/event-store/eventstoredb';
import {
  holdToStore,
  ledgerOf,
  mustBeLedger,
  PostgresEventStore,
} from '#libs/event-store/postgres';
import { SettingInvalid, type Settings } from '#libs/platform';

/**
 * The event store that the settings ask for: an EventStoreDB or KurrentDB where `EVENT_STORE_URL`
 * names one, the ledger's own database otherwise. Everything else (projections, vault, tiles) is in
 * the database in both cases.
 * @throws SettingInvalid, StoreUnavailable, StoreDamaged, StoreNotOfDatabase
 */
export async function openEventStore(
  settings: Pick<Settings, 'city' | 'eventStoreUrl'>,
  pool: pg.Pool,
): Promise<EventStore> {
  const { city, eventStoreUrl } = settings;
  const meant = ledgerOf(settings);
  await mustBeLedger(pool, meant); // what is no store of this ledger is not asked
  const store =
    eventStoreUrl === undefined
      ? await PostgresEventStore.open({ city, pool })
      : await openElsewhere(city, eventStoreUrl);
  try {
    await holdToStore(pool, meant, store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Checks that an event store answers at `EVENT_STORE_URL`; creates nothing in it.
 * @throws SettingInvalid, StoreUnavailable, StoreDamaged
 */
export async function checkEventStore(city: string, eventStoreUrl: string): Promise<void> {
  await (await openElsewhere(city, eventStoreUrl)).close();
}

/** For people: where the records of a city are, without login and password. */
export const recordsAre = ({ eventStoreUrl }: Pick<Settings, 'eventStoreUrl'>): string =>
  eventStoreUrl === undefined
    ? 'in the database'
    : `in the event store of EVENT_STORE_URL, at ${hostsOf(eventStoreUrl).join(', ')}`;

async function openElsewhere(city: string, url: string): Promise<EventStore> {
  try {
    return await EventStoreDbEventStore.open({ city, url });
  } catch (error) {
    if (!(error instanceof StoreUrlInvalid)) throw error;
    throw SettingInvalid.mustBe('EVENT_STORE_URL', `another: ${error.message}`, {
      cause: error,
      hint: 'docs/operations/machines.md has its form.',
    });
  }
}
