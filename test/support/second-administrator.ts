import type { EventStore } from '#libs/event-store';
import { admitFirstAdministrator } from '#libs/identity/identity.module';
import { SystemClock } from '#libs/kernel';
import { secondAdministrator } from '../../libs/composition/composition-root.js';
import { TestClient } from './client.js';
import { TestKey } from './keys.js';
import { UnsharedClaims } from './unshared-claims.js';

/**
 * An administrator whose key the city itself admits, as at a start that finds
 * `second-administrator.jwk` among its key files. A client registered by the first administrator is
 * not independent of it.
 */
export async function admitSecond(store: EventStore, first: TestClient): Promise<TestClient> {
  const key = new TestKey();
  await admitFirstAdministrator(
    { store, clock: new SystemClock(), claims: new UnsharedClaims() },
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
    ['clients:manage', 'catalogue:manage', 'subjects:erase', 'ledger:exclude'],
    first.issuer,
  );
}
