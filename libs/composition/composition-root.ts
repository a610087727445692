import { START } from '#libs/event-store';
import {
  admitFirstAdministrator,
  type IdentityServices,
  identityServices,
} from '#libs/identity/identity.module';
import { type Log, type Services, unexpected } from '#libs/platform';
import { SealingRefused } from '#libs/sealing';
import {
  PostgresLogStorage,
  ReadOnlyOnAlarm,
  type StoreComparison,
} from '#libs/sealing/sealing.module';
import { Admissions, isOfClient } from './admissions.js';
import type { Infrastructure } from './infrastructure.js';
import { type HouseKeys, KeyFolder, openKeys, publicHalf } from './keys.js';
import { type LogOfCity, logSigner, openLogOfCity } from './log.js';
import { readOnlyOf } from './read-only.js';
import { startWitnessBeside } from './witness-beside.js';
import { mustRemember } from './witness-memory.js';

/** Who may register the first clients. */
export const firstAdministrator = 'administrator';
/** Without whom nothing is erased. */
export const secondAdministrator = 'second-administrator';

/**
 * The writing side of a city before any application is made on it: its keys, its log, the first
 * administrator.
 */
export interface CompositionRoot {
  readonly infrastructure: Infrastructure;
  readonly services: Services;
  readonly identity: IdentityServices;
  readonly keys: HouseKeys;
  /** The sealed log over the records, and its receipts. */
  readonly sealed: LogOfCity;
  /** Leaves the ground open. */
  close(): Promise<void>;
}

export interface CompositionOptions {
  /**
   * Runs a witness in a process of its own beside the city, and publishes nothing that it has not
   * cosigned.
   */
  readonly witnessBeside?: boolean;
}

/**
 * Opens everything that one process of a city needs. The first start of a city, which finds no
 * record, makes the keys; two concurrent starts end up with the same.
 * @throws KeyFileMissing where there are records and a key is gone; KeysOfOtherCity
 */
export async function openCompositionRoot(
  ground: Infrastructure,
  { witnessBeside = false }: CompositionOptions = {},
): Promise<CompositionRoot> {
  const { settings, log, pool, dataSource, clock, metrics, databaseUrl, store: records } = ground;
  const { storeHealth } = ground;
  const folder = new KeyFolder(settings, (await records.head()) === START);
  await folder.claimFor(settings.city);
  const keys = await openKeys(folder);
  const signer = await logSigner(settings, folder);
  if (witnessBeside) await mustRemember(settings, new PostgresLogStorage(pool));
  const witness = witnessBeside ? await startWitnessBeside(settings, signer) : null;
  try {
    const parts = { pool, databaseUrl, store: records, metrics, clock };
    const sealed = await openLogOfCity(settings, log, parts, signer, witness, keys.ledger);
    const { sealer, refusals, comparison } = sealed;
    await refusals.start();
    await compareStore(comparison, log);
    const alarm = () => readOnlyOf(sealed);
    const isCompared = () => comparison.obstacle === null;
    const store = new ReadOnlyOnAlarm(records, alarm, isCompared);
    const identity = identityServices({ store, pool, clock, settings, metrics });
    // Excluding a foreign event needs two administrators: those of the machine's files are admitted
    // even while there is one.
    const admitting = new ReadOnlyOnAlarm(records, alarm, isCompared, isOfClient);
    const admissions = new Admissions(log, async ({ client, name, jwk }) =>
      admitFirstAdministrator(
        { store: admitting, clock, claims: identity.claims },
        { client, name, department: 'city', jwk },
      ),
    );
    if (keys.administrator !== null)
      await admissions.admit({
        client: firstAdministrator,
        name: 'First administrator',
        jwk: publicHalf(keys.administrator),
      });
    if (keys.secondAdministrator !== null)
      await admissions.admit({
        client: secondAdministrator,
        name: 'Second administrator',
        jwk: keys.secondAdministrator,
      });
    return {
      infrastructure: ground,
      services: {
        settings,
        clock,
        log,
        pool,
        dataSource,
        store,
        storeHealth,
        metrics,
      },
      identity,
      keys,
      sealed,
      close: async () => {
        admissions.stop();
        comparison.stop();
        await sealer.stop();
        refusals.stop();
        await witness?.stop();
      },
    };
  } catch (error) {
    await witness?.stop();
    throw error;
  }
}

/**
 * Longest time that a start waits for witnesses, in milliseconds; after that it continues without
 * appending, and is not ready.
 */
const comparisonMs = 15_000;

/**
 * Before anything is appended: a store that ends before what its own database sealed is another
 * one, or was not restored yet, and the start is given up. Whatever else speaks against the ledger,
 * a witness that knows more included, leaves it readable.
 * @throws SealingRefused
 */
async function compareStore(comparison: StoreComparison, log: Log): Promise<void> {
  try {
    if (!(await comparison.within(comparisonMs))) log.warn('store_not_compared');
  } catch (error) {
    if (!(error instanceof SealingRefused)) throw error;
    if (error.code === 'store_behind_log' && 'sealed' in error.facts) {
      comparison.stop();
      throw error;
    }
    log.fatal(unexpected(error), 'sealing_refused');
  }
}
