import { afterAll, beforeAll, describe } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { EventStoreDouble } from '../../../test/eventstore/double.js';
import { eventStoreContract } from '../store.contract.js';
import { EventStoreDbEventStore } from './index.js';

/** With EVENT_STORE_URL set, the whole contract against that server; otherwise against the double of its protocol. */
const server = process.env['EVENT_STORE_URL'];

describe(
  server === undefined
    ? 'the event store on a double of EventStoreDB'
    : 'the event store on EventStoreDB',
  () => {
    let double: EventStoreDouble | undefined;
    let url = server ?? '';
    beforeAll(async () => {
      if (server !== undefined) return;
      double = await EventStoreDouble.start();
      url = double.url;
    });
    afterAll(() => double?.stop());

    // All tests share one server, as ledgers do: a city that nobody else has is an empty store.
    eventStoreContract(async () => {
      const city = `test-${randomBytes(8).toString('hex')}.example`;
      const store = await EventStoreDbEventStore.open({ city, url });
      return { store, dispose: () => Promise.resolve() };
    });
  },
);
