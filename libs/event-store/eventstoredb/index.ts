export type { AccessList, OfOthers } from './access-lists.js';
export { type Prepared, prepareEventStore, type PrepareOptions } from './prepare.js';
export { EventStoreDbEventStore, type EventStoreDbOptions } from './store.js';
export { hostsOf, StoreUrlInvalid } from './url.js';
