import { START } from '#libs/event-store';
import type { Jwk } from '#libs/identity';
import {
  admitFirstAdministrator,
  type IdentityServices,
  identityServices,
} from '#libs/identity/identity.module';
import type { Services } from '#libs/platform';
import { ReadOnlyOnAlarm } from '#libs/sealing/sealing.module';
import type { Ground } from './ground.js';
import { type HouseKeys, KeyFolder, openKeys, publicHalf } from './keys.js';
import { logSigner, openLogOfCity, type LogOfCity } from './log.js';
import { startWitnessBeside } from './witness-beside.js';

/** Who may register the first clients. */
export const firstAdministrator = 'administrator';
/** Without whom nothing is erased. */
export const secondAdministrator = 'second-administrator';

/** The writing side of a city before any application is made on it: its keys, its log, the first administrator. */
export interface House {
  readonly ground: Ground;
  readonly services: Services;
  readonly identity: IdentityServices;
  readonly keys: HouseKeys;
  /** The sealed log over the records, and its receipts. */
  readonly sealed: LogOfCity;
  /** Leaves the ground open. */
  close(): Promise<void>;
}

export interface HouseOptions {
  /** Runs a witness in a process of its own beside the city, and publishes nothing that it has not cosigned. */
  readonly witnessBeside?: boolean;
}

/**
 * Opens a city's house. The first start of a city, which finds no record, makes the keys; two that start at once end up with the same.
 * @throws KeyFileMissing where there are records and a key is gone
 */
export async function openHouse(
  ground: Ground,
  { witnessBeside = false }: HouseOptions = {},
): Promise<House> {
  const { settings, log, pool, dataSource, clock, metrics, databaseUrl, store: records } = ground;
  const folder = new KeyFolder(settings, (await records.head()) === START);
  const keys = await openKeys(folder);
  const signer = await logSigner(settings, folder);
  const witness = witnessBeside ? await startWitnessBeside(settings, signer) : null;
  try {
    const parts = { pool, databaseUrl, store: records, metrics, clock };
    const sealed = await openLogOfCity(settings, log, parts, signer, witness, keys.ledger);
    const { sealer, refusals } = sealed;
    await refusals.start();
    const store = new ReadOnlyOnAlarm(records, () => sealer.alarm ?? refusals.standing);
    const admit = (client: string, name: string, jwk: Jwk) =>
      admitFirstAdministrator({ store, clock }, { client, name, department: 'city', jwk });
    if (keys.administrator !== null)
      await admit(firstAdministrator, 'First administrator', publicHalf(keys.administrator));
    if (keys.secondAdministrator !== null)
      await admit(secondAdministrator, 'Second administrator', keys.secondAdministrator);
    const { requestSecret } = keys;
    return {
      ground,
      services: { settings, clock, log, pool, dataSource, store, metrics, requestSecret },
      identity: identityServices({ store, pool, clock, settings, metrics }),
      keys,
      sealed,
      close: async () => {
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
