import type { EventStore } from '#libs/event-store';
import { admitFirstAdministrator } from '#libs/identity/identity.module';
import { SystemClock } from '#libs/kernel';
import { secondAdministrator } from '../../apps/house/house.js';
import { TestClient } from './client.js';
import { TestKey } from './keys.js';

/**
 * An administrator whose key the city itself admits, as it does at a start that finds `second-administrator.jwk` among its key files. Whom the first administrator registers is
 * nobody else to the rules of erasure.
 */
export async function admitSecond(store: EventStore, first: TestClient): Promise<TestClient> {
  const key = new TestKey();
  await admitFirstAdministrator(
    { store, clock: new SystemClock() },
    {
      client: secondAdministrator,
      name: 'Second administrator',
      department: 'city',
      jwk: { ...key.jwk },
    },
  );
  return new TestClient(
    first.baseUrl,
    secondAdministrator,
    key,
    ['clients:manage', 'catalogue:manage', 'subjects:erase'],
    first.issuer,
  );
}
