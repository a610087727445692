import { describe } from '@jest/globals';
import { freshDatabase } from '../../../test/support/postgres.js';
import { eventStoreContract } from '../store.contract.js';
import { createEventStore, PostgresEventStore } from './index.js';

describe('the event store on PostgreSQL', () => {
  eventStoreContract(async () => {
    const database = await freshDatabase();
    await createEventStore(database.pool);
    const store = await PostgresEventStore.open({ city: 'city.example', pool: database.pool });
    return { store, dispose: () => database.drop() };
  });
});
