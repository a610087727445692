import type pg from 'pg';
import { ConflictError } from '#libs/kernel';
import { isTrialOrigin } from '#libs/log';
import { type EventStore, START } from './port.js';

/** The event store is not the one of this database. Nothing was changed. */
export class StoreNotOfDatabase extends ConflictError<
  'store_of_other_kind' | 'store_of_other_ledger' | 'ledger_of_other_city'
> {}

export type StoreKind = 'postgres' | 'eventstoredb';

/** The ledger of a database: its origin, and where its records are. */
export interface LedgerIdentity {
  readonly kind: StoreKind;
  /** The log's origin. */
  readonly city: string;
}

/** The ledger that the settings name. */
export const ledgerOf = ({
  city,
  eventStoreUrl,
}: {
  readonly city: string;
  readonly eventStoreUrl: string | undefined;
}): LedgerIdentity => ({
  kind: eventStoreUrl === undefined ? 'postgres' : 'eventstoredb',
  city,
});

/**
 * Ensures that a database is used with one kind of event store and one origin; the first program on
 * an empty store records both. A later start without `EVENT_STORE_URL`, with a new one, or with
 * another `CITY`, can then neither begin a second history nor make a real ledger of a trial.
 * @throws StoreNotOfDatabase
 */
export async function holdToStore(
  pool: pg.Pool,
  meant: LedgerIdentity,
  store: Pick<EventStore, 'head'>,
): Promise<void> {
  const { kind, city } = meant;
  const known = await keptIn(pool);
  if (known === undefined && (await store.head()) !== START) {
    // Another program may have written the row meanwhile.
    if ((await keptIn(pool)) === undefined)
      throw new StoreNotOfDatabase(
        'store_of_other_ledger',
        'the event store has records of this city, and this database knows of none',
        { kind },
        {
          hint: 'These records belong to another database: restore that one (mianzheng restore), or name an event store or a CITY of its own for a new ledger. Nothing was changed.',
        },
      );
  } else if (known === undefined)
    await pool.query(
      'INSERT INTO event_store_kind (kind, city) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [kind, city],
    );
  mustBe(known ?? (await keptIn(pool)), meant);
}

/**
 * Compares a database with the ledger that the settings name, without the event store: for programs
 * that read the database alone, and before a connection to the store. A database that no city has
 * begun on matches any.
 * @throws StoreNotOfDatabase
 */
export async function mustBeLedger(pool: pg.Pool, meant: LedgerIdentity): Promise<void> {
  const held = (await isKept(pool)) ? await keptIn(pool) : undefined;
  if (held !== undefined) mustBe(held, meant);
}

/** A copy of a log alone, or a database that was not migrated, has no such table. */
async function isKept(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ there: boolean }>(
    "SELECT to_regclass('event_store_kind') IS NOT NULL AS there",
  );
  return rows[0]?.there === true;
}

function mustBe(held: LedgerIdentity | undefined, { kind, city }: LedgerIdentity): void {
  if (held !== undefined && held.city !== city)
    throw new StoreNotOfDatabase(
      'ledger_of_other_city',
      `this database belongs to the ledger ${held.city}, and CITY names ${city}`,
      { city, held: held.city },
      {
        hint: isTrialOrigin(held.city)
          ? `Set CITY=${held.city}. A trial is one for ever: a real ledger begins on an empty database (another DATA_DIR or DATABASE_URL). Nothing was changed.`
          : `Set CITY=${held.city}. Another ledger begins on an empty database (another DATA_DIR or DATABASE_URL). Nothing was changed.`,
      },
    );
  if (held?.kind === kind) return;
  throw new StoreNotOfDatabase(
    'store_of_other_kind',
    held?.kind === 'postgres'
      ? 'the records of this ledger are in its database, and EVENT_STORE_URL names another place for them'
      : 'the records of this ledger are in an event store of their own, and EVENT_STORE_URL names none',
    { kind, held: held?.kind ?? null },
    {
      hint:
        held?.kind === 'postgres'
          ? 'Take EVENT_STORE_URL away. A ledger keeps the kind of store that it began with. Nothing was changed.'
          : 'Set EVENT_STORE_URL to the event store that this ledger began with. Nothing was changed.',
    },
  );
}

async function keptIn(pool: pg.Pool): Promise<LedgerIdentity | undefined> {
  const { rows } = await pool.query<LedgerIdentity>('SELECT kind, city FROM event_store_kind');
  return rows[0];
}
