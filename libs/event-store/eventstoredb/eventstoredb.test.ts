import { afterAll, beforeAll, describe } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { EventStoreDouble } from '../../../test/eventstore/double.js';
import { eventStoreContract } from '../store.contract.js';
import { EventStoreDbEventStore } from './index.js';

/**
 * With EVENT_STORE_URL set, the whole contract runs against that server; otherwise against the
 * double of its protocol.
 */
const server = process.env['EVENT_STORE_URL'];

/** The contract is about answers: timeouts for slow servers are tested in lost-nodes. */
const unhurried = { patienceMs: 150_000, answerMs: 150_000, readPatienceMs: 150_000 };

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

    // All tests share one server, as ledgers do: an unused city name is an empty store.
    eventStoreContract(async () => {
      const city = `test-${randomBytes(8).toString('hex')}.example`;
      const store = await EventStoreDbEventStore.open({ city, url, ...unhurried });
      return { store, dispose: () => Promise.resolve() };
    });
  },
);
