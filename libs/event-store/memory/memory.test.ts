import { describe } from '@jest/globals';
import { eventStoreContract } from '../store.contract.js';
import { MemoryEventStore } from './index.js';

describe('the event store in memory', () => {
  eventStoreContract(() =>
    Promise.resolve({
      store: new MemoryEventStore('city.example'),
      dispose: () => Promise.resolve(),
    }),
  );
});
